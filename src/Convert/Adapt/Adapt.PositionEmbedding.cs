namespace OnnxTimm.Conversion;

public static partial class Adapt
{
    /// <summary>
    /// Learned positions for another grid; the rows of class and register tokens, which come first, are kept
    /// (resample_abs_pos_embed of timm/layers/pos_embed.py).
    /// </summary>
    /// <param name="positions">[1, prefix + old height * old width, dim].</param>
    /// <param name="grid">The new grid.</param>
    /// <param name="from">The old grid; a square where it is not given.</param>
    public static Tensor PositionEmbedding(Tensor positions, Fit.Grid grid, (int Height, int Width)? from = null)
    {
        var (height, width, prefix, filter) = grid;
        var (tokens, dim) = (positions.Shape[1], (int)positions.Shape[2]);
        if (tokens == (long)height * width + prefix && height == width)
            return positions;
        var side = (int)Math.Sqrt(tokens - prefix);
        var old = from ?? (side, side);
        if (tokens != (long)old.Height * old.Width + prefix)
            throw new UserException(
                $"A position embedding of {tokens} tokens is no {old.Height} x {old.Width} grid with {prefix} before.");
        return Computed.Like(positions, [1, height * width + prefix, dim], values =>
        [
            .. values.AsSpan(0, prefix * dim),
            .. Resized(values.AsSpan(prefix * dim), dim, old, (height, width), filter),
        ]);
    }

    /// <summary>Positions kept as a map (resample_abs_pos_embed_nhwc).</summary>
    /// <param name="positions">[1, height, width, dim].</param>
    /// <param name="height">New height.</param>
    /// <param name="width">New width.</param>
    public static Tensor PositionMap(Tensor positions, int height, int width)
    {
        var (old, dim) = (((int)positions.Shape[1], (int)positions.Shape[2]), (int)positions.Shape[3]);
        return old == (height, width) ? positions : Computed.Like(
            positions, [1, height, width, dim], values =>
                Resized(values, dim, old, (height, width), GridFilter.BicubicAntialiased));
    }

    static float[] Resized(
        ReadOnlySpan<float> values, int dim, (int Height, int Width) from, (int Height, int Width) to,
        GridFilter filter) =>
        Resampling.Apply(values, 1, dim,
            By(filter).Matrix(from.Height, to.Height), By(filter).Matrix(from.Width, to.Width));

    static Resampling By(GridFilter filter) =>
        filter == GridFilter.Bilinear ? Resampling.Bilinear : Resampling.BicubicAntialiased;
}
