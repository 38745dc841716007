namespace OnnxTimm;

/// <summary>
/// A parameter [1, prefix + height * width, D] of learned positions: what a loader needs to fit it to another grid.
/// </summary>
/// <param name="Name">Name of the parameter.</param>
/// <param name="Height">Rows of the grid in force.</param>
/// <param name="Width">Columns of the grid in force.</param>
/// <param name="Prefix">Tokens before the grid, which keep their values.</param>
/// <param name="Filter">How the family resamples: its positions, and the kernel of its patches.</param>
public sealed record PositionEmbedding(
    string Name, int Height, int Width, int Prefix, GridFilter Filter = GridFilter.BicubicAntialiased);

/// <summary>How learned positions and patch kernels are resampled (PyTorch, F.interpolate).</summary>
public enum GridFilter
{
    /// <summary>Bicubic, whose kernel widens when a grid shrinks.</summary>
    BicubicAntialiased,

    /// <summary>Bilinear, two samples a side whatever the size.</summary>
    Bilinear,
}
