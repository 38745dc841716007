using System.Collections.Frozen;

namespace OnnxTimm;

/// <summary>Which axis of a map or of tokens holds the channels, as far as the graph tells.</summary>
public enum Layout
{
    /// <summary>The graph does not tell, or there are no channels.</summary>
    Unknown,

    /// <summary>[N, C, H, W], which convolutions and pools read and give.</summary>
    ChannelsFirst,

    /// <summary>[N, H, W, C], a map transposed for layers on the last axis, or tokens [N, L, C].</summary>
    ChannelsLast,
}

/// <summary>
/// The layout of a value, from the operators that made it: what a convolution gives has its channels first, a
/// transpose moves them, an elementwise operator leaves them where they are.
/// </summary>
static class Layouts
{
    static readonly FrozenSet<string> Spatial = new[]
    {
        "Conv", "ConvTranspose", "MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool", "BatchNormalization",
        "LRN", "Resize", "DepthToSpace", "SpaceToDepth",
    }.ToFrozenSet();

    static readonly FrozenSet<string> Regrouping = new[] { "Reshape", "Squeeze", "Unsqueeze", "Gather", "Expand" }
        .ToFrozenSet();

    public static Layout Of(Value v) => v switch
    {
        { Shape.IsKnown: false } or { Shape.Rank: not (3 or 4) } or { Producer: null } => Layout.Unknown,
        { Producer: var n } when Spatial.Contains(n.Op) => v.Shape.Rank == 4 ? Layout.ChannelsFirst : Layout.Unknown,
        { Producer: var n } when Regrouping.Contains(n.Op) => Layout.Unknown,
        { Producer: { Op: "Transpose" } n } => (n[0].Layout, n.Permutation()) switch
        {
            (not Layout.ChannelsLast, [0, 2, 3, 1]) => Layout.ChannelsLast,
            (not Layout.ChannelsFirst, [0, 3, 1, 2]) => Layout.ChannelsFirst,
            (not Layout.ChannelsLast, [0, 2, 1]) => Layout.ChannelsLast,
            _ => Layout.Unknown,
        },
        _ => v.Producer.In.Where(input => input?.Shape is { IsKnown: true } shape && shape.Rank == v.Shape.Rank)
            .Select(input => input!.Layout).FirstOrDefault(layout => layout != Layout.Unknown),
    };
}
