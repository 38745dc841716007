using OnnxTimm.Deploy;
using OnnxTimm.Infer;
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
        options.CheckFor(path);
        Func<Graph, Graph>? lower = options.Target is null ? null : options.Target.Lower;
        var result = options.Fold ? Export.Optimize(graph, lower) : new(Export.Plain(graph, lower), 0, 0, []);
        options.Target?.Check(result.Graph);
        foreach (var (key, value) in metadata)
            result.Graph.Metadata[key] = value;
        Save(result.Graph, WriteBeside.Target(path), options.Optimize, source);
        return new(path, new FileInfo(path).Length, result) { Optimized = options.Optimize };
    }

    static void Save(Graph graph, string path, string? level, LateFact? source)
    {
        if (level is null)
        {
            OnnxFile.Write(graph, path, late: source);
            return;
        }
        graph.Metadata[OptimizedFile.Key] = OptimizedFile.Note(level);
        OptimizedFile.Write(model => OnnxFile.Write(graph, model, late: source), path, level);
    }
}

/// <summary>A file that was written.</summary>
/// <param name="Path">The file.</param>
/// <param name="Bytes">Its size, but for content that lies beside it.</param>
/// <param name="Network">The network in it, and what was folded on the way.</param>
public sealed record ExportResult(string Path, long Bytes, MergeLinear.Result Network)
{
    /// <summary>How far ONNX Runtime has optimized it for this kind of processor; null for not.</summary>
    public string? Optimized { get; init; }
}
