namespace OnnxTimm.Conversion;

/// <summary>A change of layout or of values, with its name for reports.</summary>
/// <param name="Name">What it does.</param>
/// <param name="Change">The tensor in timm's layout; null where it has other axes than the layout is for.</param>
public sealed record Layout(string Name, Func<Tensor, Tensor?> Change)
{
    /// <summary>Kernels of a convolution: [height, width, in, out].</summary>
    public static readonly Layout Hwio = new("HWIO to OIHW", t =>
        t.Shape is [_, _, _, _] ? t.Permute(3, 2, 0, 1) : null);

    /// <summary>The weight of a linear layer: [in, out].</summary>
    public static readonly Layout Transposed = new("transposed", t =>
        t.Shape is [_, _] ? t.Permute(1, 0) : null);

    /// <summary>A projection into heads: [in, heads, width] to [heads * width, in].</summary>
    public static readonly Layout IntoHeads = new("heads flattened, transposed", t =>
        t.Shape is [var input, var heads, var width] ? t.Reshape(input, heads * width).Permute(1, 0) : null);

    /// <summary>A projection out of heads: [heads, width, out] to [out, heads * width].</summary>
    public static readonly Layout OutOfHeads = new("heads flattened, transposed", t =>
        t.Shape is [var heads, var width, var output] ? t.Reshape(heads * width, output).Permute(1, 0) : null);

    /// <summary>The same with the columns ordered by width first, then head: [heads, width, out] reversed.</summary>
    public static readonly Layout Reversed = new("axes reversed, flattened", t =>
        t.Shape is [var heads, var width, var output] ? t.Permute(2, 1, 0).Reshape(output, width * heads)
            : null);

    /// <summary>Joins all axes to one.</summary>
    public static readonly Layout Flat = new("flattened", t => t.Shape.Length == 1 ? null : t.Reshape(t.Count));

    /// <summary>Positions without the axis of the batch: [tokens, width].</summary>
    public static readonly Layout Batched = new("an axis of 1 before", t =>
        t.Shape is [var tokens, var width] ? t.Reshape(1, tokens, width) : null);

    /// <summary>Positions of a square grid in a row: [1, tokens, width] to [1, height, width, channels].</summary>
    public static readonly Layout Square = new("a row to a map", t =>
        t.Shape is [1, var tokens, var width] && Math.Sqrt(tokens) is var side && side == Math.Floor(side)
            ? t.Reshape(1, (long)side, (long)side, width) : null);

    /// <summary>The same with channels first: [1, tokens, width] to [1, width, height, width].</summary>
    public static readonly Layout SquareChannelsFirst = new("a row to a map, channels first", t =>
        Square.Change(t)?.Permute(0, 3, 1, 2));

    /// <summary>The convolution of patches as a linear layer over pixels with their channels last.</summary>
    public static readonly Layout FlatPatches = new("OIHW to a linear layer over HWI", t =>
        t.Shape is [var output, _, _, _] ? t.Permute(0, 2, 3, 1).Reshape(output, t.Count / output) : null);

    /// <summary>A scale kept as its logarithm, of a temperature that divides.</summary>
    public static readonly Layout InverseLogarithm = new("logarithm of the inverse", t =>
        Computed.Like(t, t.Shape, values => Array.ConvertAll(values, v => MathF.Log(1 / v))));

    /// <summary>The weight of Inplace-ABN, which takes its absolute value and adds epsilon.</summary>
    public static readonly Layout Absolute = new("absolute value and 1e-5", t =>
        Computed.Like(t, t.Shape, values => Array.ConvertAll(values, v => MathF.Abs(v) + 1e-5f)));

    /// <summary>A linear layer over a flattened map, as a convolution over all of it.</summary>
    public static Layout OverMap(int height, int width) => new($"a convolution over {height} x {width}", t =>
        t.Shape is [var output, var input] && input % (height * width) == 0
            ? t.Reshape(output, input / (height * width), height, width) : null);

    /// <summary>All rows but the first.</summary>
    public static Layout Without(int rows) => new($"first {rows} rows left out", t =>
        t.Shape is [var all, ..] && all > rows ? t.Slice(0, rows, all - rows) : null);

    /// <summary>One after the other.</summary>
    public Layout Then(Layout next) => new($"{Name}, {next.Name}", t =>
        Change(t) is { } changed ? next.Change(changed) : null);

    /// <summary>An entry whose axes are others stays as it is: its shape is found wrong later, by name.</summary>
    internal Entry Apply(Entry entry) => Change(entry.Tensor) is { } changed ? entry.Changed(Name, changed) : entry;
}
