namespace OnnxTimm;

/// <summary>
/// How a parameter that follows the size of the image is brought from another size: said where it is declared, done by
/// who loads weights.
/// </summary>
public abstract record Fit
{
    Fit()
    {
    }

    /// <summary>
    /// Learned positions [1, prefix + height * width, D], or of a map [1, height, width, D] (resample_abs_pos_embed of
    /// timm/layers/pos_embed.py).
    /// </summary>
    /// <param name="Height">Rows of the grid in force.</param>
    /// <param name="Width">Columns of the grid in force.</param>
    /// <param name="Prefix">Tokens before the grid, which keep their values.</param>
    /// <param name="Filter">How the family resamples: its positions, and the kernel of its patches.</param>
    public sealed record Grid(int Height, int Width, int Prefix = 0, GridFilter Filter = GridFilter.BicubicAntialiased)
        : Fit;

    /// <summary>
    /// A table by offset within a window: [(2h - 1)(2w - 1) + rows of a class token, heads] or [heads, 2h - 1, 2w - 1]
    /// (resize_rel_pos_bias_table of timm/layers/pos_embed_rel.py).
    /// </summary>
    /// <param name="Height">Height of the window in force.</param>
    /// <param name="Width">Width of the window in force.</param>
    public sealed record Bias(int Height, int Width) : Fit;

    /// <summary>
    /// A table by distance within a square window [heads, h * h] (resize_rel_pos_bias_table_levit).
    /// </summary>
    public sealed record Window : Fit;

    /// <summary>
    /// Vectors of the distances along a side [2n - 1, d] (checkpoint_filter_fn of timm/models/mvitv2.py).
    /// </summary>
    public sealed record Distances : Fit;
}

/// <summary>How learned positions and patch kernels are resampled (PyTorch, F.interpolate).</summary>
public enum GridFilter
{
    /// <summary>Bicubic, whose kernel widens when a grid shrinks.</summary>
    BicubicAntialiased,

    /// <summary>Bilinear, two samples a side whatever the size.</summary>
    Bilinear,
}
