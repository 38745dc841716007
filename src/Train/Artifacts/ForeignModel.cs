using OnnxTimm.Passes;

namespace OnnxTimm.Train.Artifacts;

/// <summary>
/// A network out of a file of somebody else's, which does not say which of its arrays are weights: here it is told by
/// what reads them, and what is written in another form than gradients know is brought into theirs.
/// </summary>
public static class ForeignModel
{
    /// <summary>Inputs of operators at which weights stand, whatever their size.</summary>
    static readonly (string Op, int Input)[] Places =
    [
        ("Conv", 1), ("Conv", 2), ("ConvTranspose", 1), ("ConvTranspose", 2), ("Gemm", 1), ("Gemm", 2), ("MatMul", 1),
        ("BatchNormalization", 1), ("BatchNormalization", 2), ("LayerNormalization", 1), ("LayerNormalization", 2),
        ("InstanceNormalization", 1), ("InstanceNormalization", 2), ("PRelu", 1),
    ];

    /// <summary>Inputs of operators at which float32 numbers say how large the result is.</summary>
    static readonly (string Op, int Input)[] Sizes = [("Resize", 1), ("Resize", 2)];

    /// <summary>
    /// The network with its weights told: running statistics, and as parameters all arrays of float32 that the outputs
    /// follow smoothly, lone numbers elsewhere than at a layer's weights excepted.
    /// </summary>
    public static Graph Adopt(Graph graph)
    {
        if (graph.Weights.Any())
            return graph;
        var uses = graph.Nodes.SelectMany(n => n.In.Index().Where(i => i.Item is not null).Select(i =>
            (n.Op, i.Index, Value: i.Item!)))
            .ToLookup(use => use.Value);
        Value[] candidates = [.. graph.Stored.Where(v => v.Type == DType.Float32 && IsParam(v, uses[v]))];
        var read = graph.Outputs.SelectMany(y => Gradients.Path(y, candidates)).SelectMany(n => n.In).ToHashSet();
        return Rewrite.Apply(graph, Explicit, (v, to) => to.Store(v.Name, RoleOf(v), v.Data!));

        Role RoleOf(Value v) => IsStat(uses[v]) ? Role.Stat
            : candidates.Contains(v) && read.Contains(v) ? Role.Param
            : Role.Constant;
    }

    static bool IsStat(IEnumerable<(string Op, int Input, Value)> uses) =>
        uses.Any(use => use is { Op: "BatchNormalization", Input: 3 or 4 });

    static bool IsParam(Value v, IEnumerable<(string Op, int Input, Value)> uses) =>
        !IsStat(uses) && !uses.Any(use => Sizes.Contains((use.Op, use.Input)))
        && (v.Data!.Count > 1 || uses.Any(use => Places.Contains((use.Op, use.Input))));

    /// <summary>Pads that follow from the size of the map are written down.</summary>
    /// <exception cref="UserException">The map has any size, or it is a transposed convolution's.</exception>
    static Value[]? Explicit(Node n, Rewrite to)
    {
        var mode = n.Text("auto_pad", "NOTSET");
        // Versions of ONNX and of its runtimes differ in where an odd pad of a transposed convolution goes.
        if (n.Op == "ConvTranspose" && (n.Ints("output_shape") is not null || mode is not ("NOTSET" or "VALID")))
            throw Unclear(n, n.Ints("output_shape") is null ? $"auto_pad {mode}" : "an output_shape");
        if (n.Op is not ("Conv" or "ConvTranspose" or "MaxPool" or "AveragePool") || mode == "NOTSET")
            return null;
        var pads = mode == "VALID" ? null : SamePads(n, atEnd: mode == "SAME_UPPER");
        return to.Copy(n, null, ("auto_pad", null), ("pads", pads));
    }

    static UserException Unclear(Node n, string form) =>
        new($"{n} has {form}, which cannot be trained: export it with explicit pads.");

    static long[] SamePads(Node n, bool atEnd)
    {
        if (!n[0].Shape.IsKnown || n[0].Shape.Skip(2).Any(d => !d.IsFixed))
            throw Unclear(n, $"auto_pad {n.Text("auto_pad")} over a map of any size");
        var rank = n[0].Shape.Rank - 2;
        var kernel = n.Ints("kernel_shape") ?? [.. n[1].Shape.Skip(2).Select(d => d.Size)];
        var (strides, dilations) = (n.Ints("strides", rank, 1), n.Ints("dilations", rank, 1));
        var total = Enumerable.Range(0, rank).Select(i => Math.Max(0, (n.Out.Shape[i + 2].Size - 1) * strides[i]
            + dilations[i] * (kernel[i] - 1) + 1 - n[0].Shape[i + 2].Size)).ToArray();
        var (small, large) = (total.Select(t => t / 2), total.Select(t => t - t / 2));
        return atEnd ? [.. small, .. large] : [.. large, .. small];
    }
}
