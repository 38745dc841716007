namespace OnnxTimm.Models;

/// <summary>
/// What LeViT's layers read: tokens [N, L, D], for linear layers, or maps [N, C, H, W], for 1x1 convolutions. Both
/// compute the same.
/// </summary>
/// <param name="Enter">From a map.</param>
/// <param name="Leave">Back to a map of so many rows and columns.</param>
/// <param name="Layer">A layer to so many channels, <c>linear</c>, and its norm, <c>bn</c>.</param>
/// <param name="Split">As so many heads [N, heads, L, d].</param>
/// <param name="Join">Heads back together, of so many rows and columns.</param>
/// <param name="EverySecond">Every second row and column.</param>
public sealed record LevitForm(Func<Value, Value> Enter, Func<Value, (int H, int W), Value> Leave,
    Func<Value, Scope, int, Value> Layer, Func<Value, int, Value> Split, Func<Value, (int H, int W), Value> Join,
    Func<Value, (int H, int W), Value> EverySecond)
{
    public static LevitForm Tokens => new(
        Enter: x => x.ToTokens(),
        Leave: (x, grid) => x.ToMap(grid.H, grid.W),
        Layer: (x, s, width) => x.OverRows(rows => rows.Linear(s["linear"], width, bias: false).BatchNorm(s["bn"])),
        Split: (x, heads) => x.SplitHeads(heads),
        Join: (x, _) => x.MergeHeads(),
        EverySecond: SecondTokens);

    public static LevitForm Maps => new(
        Enter: x => x,
        Leave: (x, _) => x,
        Layer: (x, s, width) => x.ConvNorm((s["linear"], s["bn"]), width, new(1), new ConvStyle(Activations.Identity)),
        Split: (x, heads) => x.Reshape(x.Shape[0], heads, x.Channels / heads, x.Height * x.Width)
            .Transpose(0, 1, 3, 2),
        Join: (x, grid) => x.Transpose(0, 1, 3, 2).Reshape(x.Shape[0], x.Shape[1] * x.Shape[3], grid.H, grid.W)
            .As(Layout.ChannelsFirst),
        EverySecond: (x, _) => x.AvgPool(k: 1, stride: 2, Pad.Valid));

    static Value SecondTokens(Value x, (int H, int W) grid)
    {
        var (n, d) = (x.Shape[0], x.Features);
        var map = x.Reshape(n, grid.H, grid.W, d).Slice([1, 2], [0, 0], [grid.H, grid.W], [2, 2]);
        return map.Reshape(n, map.Shape[1] * map.Shape[2], d);
    }
}
