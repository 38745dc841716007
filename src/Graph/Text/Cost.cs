namespace OnnxTimm.Passes;

/// <summary>
/// What one image costs, counted as timm's tables count it (fvcore's rules): multiply-adds of convolutions, matrix
/// products, norms, the pooling of the head and resizing, and the elements that convolutions and products put out.
/// </summary>
/// <param name="Macs">Multiply-adds.</param>
/// <param name="Activations">Elements.</param>
public readonly record struct Cost(long Macs, long Activations)
{
    /// <summary>The cost of one forward pass of an unfolded graph at batch size 1.</summary>
    public static Cost Of(Graph graph)
    {
        var heads = graph.Nodes.Where(n => n.Op == "Flatten").Select(n => n[0]).ToHashSet();
        return graph.Nodes.Aggregate(default(Cost), (sum, n) => sum + Of(n, heads));
    }

    /// <summary>Of two parts of a graph.</summary>
    public static Cost operator +(Cost a, Cost b) => new(a.Macs + b.Macs, a.Activations + b.Activations);

    static Cost Of(Node n, HashSet<Value> heads) => n.Op switch
    {
        "Conv" => Expert(n[1]) switch
        {
            // Of conditional convolutions timm mixes the kernels, so that the convolution itself is one for all.
            0 => Product(n, Count(n[1]) * (Spatial(n.Out) + 1)) + new Cost(0, Count(n[1])),
            > 0 => new(Count(n[1]), 0),
            _ => Product(n, Count(n[1]) * Spatial(n.Out)),
        },
        "ConvTranspose" => Product(n, Count(n[1]) * Spatial(n[0])),
        "Gemm" => Product(n, Count(n.Out) * n[0].Shape[n.Int("transA") == 1 ? 0 : 1].Factor),
        "MatMul" => Product(n, Count(n.Out) * n[0].Shape[-1].Factor),
        "BatchNormalization" => new(2 * Count(n.Out), 0),
        // A standardized kernel is neither scaled nor moved.
        "InstanceNormalization" when n[0].Producer is { } of && of[0].IsWeight => new(4 * Count(n.Out), 0),
        "LayerNormalization" or "InstanceNormalization" or "GroupNormalization" => new(5 * Count(n.Out), 0),
        // Means inside a network, as a squeeze-and-excitation takes them, are not counted: fvcore has no rule for them.
        "GlobalAveragePool" when heads.Contains(n.Out) => new(Count(n[0]), 0),
        "Resize" => new((n.Text("mode", "nearest") == "nearest" ? 1 : 4) * Count(n.Out), 0),
        _ => default,
    };

    static Cost Product(Node n, long macs) => new(macs, Count(n.Out));

    /// <summary>
    /// Which of a layer's experts a kernel is (<see cref="Layers.CondConv"/>); null for one that stands alone.
    /// </summary>
    static int? Expert(Value kernel) => kernel.Producer is { Op: "Reshape" } n && n[0].Producer is { Op: "Split" } split
        ? Array.IndexOf(split.Outs, n[0])
        : null;

    static long Count(Value v) => v.Shape.Count.Factor;

    static long Spatial(Value v) => v.Shape.Skip(2).Aggregate(1L, (product, d) => product * d.Factor);
}
