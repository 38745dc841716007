using OnnxTimm.Cli.CommandLine;
using OnnxTimm.Infer;
using OnnxTimm.Onnx;

namespace OnnxTimm.Cli.Loading;

/// <summary>Writes a model as an .onnx file that says about itself what a program needs to use it.</summary>
static class Exporter
{
    /// <param name="graph">The model, with its weights.</param>
    /// <param name="card">What the file says about itself.</param>
    /// <param name="path">The file.</param>
    /// <param name="fold">Whether batch norms become part of their convolutions.</param>
    /// <param name="streams">Where the summary goes.</param>
    public static void Write(Graph graph, ModelCard card, string path, bool fold, Streams streams)
    {
        foreach (var (key, value) in card.ToMetadata())
            graph.Metadata[key] = value;
        OnnxFile.Write(graph, path);
        streams.Out.WriteLine($"{path}: {graph.Name}, opset {graph.Opset}, {new FileInfo(path).Length / 1e6:F1} MB");
        foreach (var input in graph.Inputs)
            streams.Out.WriteLine($"  input  {input.Name} {input.Shape}");
        foreach (var output in graph.Outputs)
            streams.Out.WriteLine($"  output {output.Name} {output.Shape}");
    }
}
