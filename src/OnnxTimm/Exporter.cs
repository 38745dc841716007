using OnnxTimm.Onnx;
using OnnxTimm.Passes;

namespace OnnxTimm;

/// <summary>Writes a model as an .onnx file that says about itself what a program needs to use it.</summary>
static class Exporter
{
    /// <param name="graph">The model, with its weights.</param>
    /// <param name="metadata">What the file says about itself.</param>
    /// <param name="path">The file.</param>
    /// <param name="options">How it is written.</param>
    /// <param name="source">SHA-256 of the weights' file; null for initial weights.</param>
    public static ExportResult Write(
        Graph graph, IReadOnlyDictionary<string, string> metadata, string path, ExportOptions options, LateFact? source)
    {
        var result = options.Check().Fold ? Export.Optimize(graph) : new(Export.Plain(graph), 0, 0, []);
        result = result with { Graph = options.Typed(result.Graph) };
        foreach (var (key, value) in metadata)
            result.Graph.Metadata[key] = value;
        OnnxFile.Write(result.Graph, WriteBeside.Target(path), late: source);
        return new(path, new FileInfo(path).Length, result) { Dtype = options.Dtype };
    }
}

/// <summary>A file that was written.</summary>
/// <param name="Path">The file.</param>
/// <param name="Bytes">Its size, but for content that lies beside it.</param>
/// <param name="Network">The network in it, and what was folded on the way.</param>
public sealed record ExportResult(string Path, long Bytes, MergeLinear.Result Network)
{
    /// <summary>What its weights are in.</summary>
    public DType Dtype { get; init; } = DType.Float32;
}
