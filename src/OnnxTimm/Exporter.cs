using OnnxTimm.Data;
using OnnxTimm.Deploy;
using OnnxTimm.Infer;
using OnnxTimm.Onnx;
using OnnxTimm.Passes;
using OnnxTimm.Train;

namespace OnnxTimm;

/// <summary>Writes a model as an .onnx file that says about itself what a program needs to use it.</summary>
static class Exporter
{
    /// <param name="graph">The model, with its weights.</param>
    /// <param name="metadata">What the file says about itself.</param>
    /// <param name="path">The file.</param>
    /// <param name="options">How it is written.</param>
    /// <param name="source">SHA-256 of the weights' file; null for initial weights.</param>
    /// <param name="embedded">The preprocessing that becomes part of the graph; null for none.</param>
    /// <param name="sizes">What opens height and width; null to leave them.</param>
    public static ExportResult Write(Graph graph, IReadOnlyDictionary<string, string> metadata, string path,
        ExportOptions options, LateFact? source, DataConfig? embedded = null, Sizes? sizes = null)
    {
        options.Check(path);
        Func<Graph, Graph>? lower = options.Target is null ? null : options.Target.Lower;
        var result = options.Fold ? Export.Optimize(graph, lower) : new(Export.Plain(graph, lower), 0, 0, []);
        var config = ModelCard.Read(metadata, path)?.Preprocess;
        // Of a network that prepares its images this one only says how far half precision is off.
        var golden = options.Digest && (embedded is null || options.Dtype == DType.Float16)
            ? Digest(graph, result.Graph, options, config) : null;
        var (typed, distance) = Typed(result.Graph, golden, options, config);
        if (sizes is not null)
            typed = AnySize.Open(typed, sizes.Other, sizes.Multiple);
        if (embedded is not null)
        {
            typed = ImageFront.Put(typed, embedded, options.Target?.Antialiases ?? true);
            golden = options.Digest ? Digest(graph, result.Graph, options, embedded, isEmbedded: true) : null;
        }
        options.Target?.Check(typed);
        foreach (var (key, value) in metadata)
            typed.Metadata[key] = value;
        typed.Metadata[FileRecipe.Key] = options.Recipe(typed);
        if (golden is not null)
            typed.Metadata[GoldenDigest.Key] = golden.ToJson();
        Save(typed, WriteBeside.Target(path), options.Optimize, source);
        return new(path, new FileInfo(path).Length, result with { Graph = typed })
        {
            Dtype = options.Dtype,
            Distance = distance,
            Optimized = options.Optimize,
        };
    }

    /// <summary>Writes a network as it is, or what ONNX Runtime makes of it on this machine.</summary>
    /// <param name="graph">The network with all that it says about itself.</param>
    /// <param name="path">The file.</param>
    /// <param name="level">How far it is optimized; null for not.</param>
    /// <param name="source">SHA-256 of the weights' file; null where the network says it, or has none.</param>
    public static void Save(Graph graph, string path, string? level, LateFact? source)
    {
        if (level is null)
        {
            OnnxFile.Write(graph, path, late: source, isSealed: true);
            return;
        }
        graph.Metadata[OptimizedFile.Key] = OptimizedFile.Note(level);
        // What the runtime writes are other weights than those that a seal would be of.
        OptimizedFile.Write(model => OnnxFile.Write(graph, model, late: source), path, level);
    }

    /// <summary>What the network gives before any pass, by the runtime without its own optimizations.</summary>
    static GoldenDigest Digest(
        Graph asked, Graph exported, ExportOptions options, DataConfig? config, bool isEmbedded = false)
    {
        using var session = GraphSession.Of(Export.Plain(asked), asked.Name, new() { Optimize = false, Spin = false });
        string[] names = [.. exported.Outputs.Select(v => v.Name)];
        var tolerance = Distance.Tolerance(options.Dtype);
        return isEmbedded ? GoldenDigest.OfImage(session, config!, names, tolerance)
            : GoldenDigest.Of(session, names, tolerance, config);
    }

    /// <summary>
    /// The graph in its type, and how far it is from the digest. Where half precision is too far, sensitive nodes stay
    /// in float32 as well.
    /// </summary>
    /// <exception cref="UserException">The network cannot be had in the type.</exception>
    static (Graph Graph, double? Distance) Typed(Graph graph, GoldenDigest? golden, ExportOptions options,
        DataConfig? config)
    {
        if (options.Dtype != DType.Float16)
            return (options.Dtype == DType.BFloat16 ? BFloat16Weights.Apply(graph) : graph, null);
        // How long a sum is may follow from a size that is left open.
        bool IsExact(Node n) => options.DynamicSize && HalfPrecision.IsSum(n);
        var half = HalfPrecision.Apply(graph, options.HalfIo, IsExact);
        if (golden is null)
            return (half, null);
        var distance = Far(half, golden, config);
        if (!(distance <= Distance.MostOfHalf / 2))
        {
            var sensitive = Sensitive.Nodes(graph);
            half = HalfPrecision.Apply(graph, options.HalfIo,
                n => IsExact(n) || sensitive.Contains(n.Name));
            distance = Far(half, golden, config);
        }
        return distance <= Distance.MostOfHalf ? (half, distance) : throw new UserException(
            $"{graph.Name} cannot be had in float16: its outputs would be {distance:0.0e-00} of their deviation off, "
            + $"at most {Distance.MostOfHalf} is allowed. --dtype bfloat16 halves the file as well.");
    }

    static double Far(Graph graph, GoldenDigest golden, DataConfig? config)
    {
        using var session = GraphSession.Of(graph, graph.Name, new() { Spin = false });
        return golden.Check(session, config).Max(o => o.Distance);
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

    /// <summary>What its weights are in.</summary>
    public DType Dtype { get; init; } = DType.Float32;

    /// <summary>How far float16 is off, as a share of the outputs' deviation; null where nobody looked.</summary>
    public double? Distance { get; init; }
}
