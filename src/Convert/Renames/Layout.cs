namespace OnnxTimm.Conversion;

/// <summary>A change of layout, with its name for reports.</summary>
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

    /// <summary>An entry whose axes are others stays as it is: its shape is found wrong later, by name.</summary>
    internal Entry Apply(Entry entry) => Change(entry.Tensor) is { } changed ? entry.Changed(Name, changed) : entry;
}
