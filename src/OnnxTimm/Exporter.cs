using OnnxTimm.Cli.CommandLine;
using OnnxTimm.Onnx;
using OnnxTimm.Passes;

namespace OnnxTimm.Cli.Loading;

/// <summary>Writes a model as an .onnx file that says about itself what a program needs to use it.</summary>
static class Exporter
{
    /// <param name="graph">The model, with its weights.</param>
    /// <param name="metadata">What the file says about itself.</param>
    /// <param name="path">The file.</param>
    /// <param name="fold">Whether batch norms become part of their convolutions.</param>
    /// <param name="source">SHA-256 of the weights' file; null for initial weights.</param>
    /// <param name="streams">Where the summary goes.</param>
    public static void Write(
        Graph graph, IReadOnlyDictionary<string, string> metadata, string path, bool fold, LateFact? source,
        Streams streams)
    {
        var folded = fold ? Export.Optimize(graph) : new(Export.Plain(graph), 0, 0, []);
        graph = folded.Graph;
        foreach (var (key, value) in metadata)
            graph.Metadata[key] = value;
        OnnxFile.Write(graph, WriteBeside.Target(path), late: source);
        streams.Out.WriteLine($"{path}: {graph.Name}, opset {graph.Opset}, {new FileInfo(path).Length / 1e6:F1} MB");
        if (folded.Count > 0)
            streams.Out.WriteLine(
                $"  {folded.Count} batch norms folded, largest error of a weight {folded.Error:0.0e-00}");
        if (folded.Branches > 0)
            streams.Out.WriteLine($"  {folded.Branches} sums of branches merged");
        foreach (var norm in folded.Refused)
            streams.Error.WriteLine($"onnxtimm: not folded, since it would cost accuracy: {norm}");
        foreach (var input in graph.Inputs)
            streams.Out.WriteLine($"  input  {input.Name} {input.Shape}");
        foreach (var output in graph.Outputs)
            streams.Out.WriteLine($"  output {output.Name} {output.Shape}");
    }
}
