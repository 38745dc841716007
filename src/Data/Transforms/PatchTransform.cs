namespace OnnxTimm.Data;

/// <summary>How an image of any shape is cut into patches.</summary>
/// <param name="Side">Pixels of a patch's side.</param>
/// <param name="MaxSeqLen">The most patches that an image is cut into.</param>
public sealed record PatchConfig(int Side, int MaxSeqLen)
{
    /// <summary>timm's own number of patches.</summary>
    public const int DefaultMaxSeqLen = 576;

    /// <summary>More patches than a network takes in any memory.</summary>
    public const int MostPatches = 1 << 16;

    /// <summary>The bounds of timm's search for a scale, and where it ends.</summary>
    const double LeastScale = 1e-6, LargestScale = 100, Precision = 1e-5;

    /// <summary>
    /// Rows and columns of patches: as many as fit for an image of this shape, by timm's search
    /// (timm/data/naflex_transforms.py, get_image_size_for_seq).
    /// </summary>
    /// <exception cref="UserException">The image is too large, too small or too narrow for any.</exception>
    public (int Rows, int Columns) GridOf(int height, int width)
    {
        var (low, high) = (LeastScale, LargestScale);
        while (high - low >= Precision)
        {
            var middle = (low + high) / 2;
            var (rows, columns) = Grid(height, width, middle);
            (low, high) = rows * columns <= MaxSeqLen ? (middle, high) : (low, middle);
        }
        var grid = Grid(height, width, low);
        return low > Precision && grid.Rows * grid.Columns <= MaxSeqLen ? ((int)grid.Rows, (int)grid.Columns)
            : throw new UserException($"An image of {height}x{width} cannot be cut into {MaxSeqLen} patches.");
    }

    (double Rows, double Columns) Grid(int height, int width, double scale) =>
        (Math.Max(1, Math.Ceiling(height * scale / Side)), Math.Max(1, Math.Ceiling(width * scale / Side)));
}

/// <summary>
/// An image as the patches of a NaFlex network: resized to whole patches, as many as the config allows, normalised, and
/// cut row by row (timm's ResizeToSequence and Patchify). Safe to use from many threads.
/// </summary>
public sealed class PatchTransform
{
    readonly DataConfig config;
    readonly PatchConfig patches;

    PatchTransform(DataConfig config, PatchConfig patches) => (this.config, this.patches) = (config, patches);

    /// <param name="config">How images are prepared, with <see cref="DataConfig.Patches"/>.</param>
    /// <exception cref="UserException">It asks for what images do not have.</exception>
    public static PatchTransform Create(DataConfig config) => new(config.Check(),
        config.Patches ?? throw new ArgumentException("It says nothing of patches.", nameof(config)));

    /// <summary>Numbers of a patch: rows, columns and colours.</summary>
    public int Numbers => patches.Side * patches.Side * config.Channels;

    /// <inheritdoc cref="PatchConfig.GridOf"/>
    public (int Rows, int Columns) GridOf(Pixels image) => patches.GridOf(image.Height, image.Width);

    /// <summary>Writes the patches of an image.</summary>
    /// <param name="image">The image.</param>
    /// <param name="grid">Rows and columns of patches.</param>
    /// <param name="target">A patch after the other, of <see cref="Numbers"/> each: row, column, colour.</param>
    public void Apply(Pixels image, (int Rows, int Columns) grid, Span<float> target)
    {
        var (side, channels) = (patches.Side, config.Channels);
        var (height, width) = (grid.Rows * side, grid.Columns * side);
        var planes = new float[channels * height * width];
        var whole = config with { Height = height, Width = width, CropMode = CropMode.Squash, CropPct = 1 };
        EvalTransform.Create(whole).Apply(image, planes);
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++)
            {
                var patch = y / side * grid.Columns + x / side;
                var at = ((patch * side + y % side) * side + x % side) * channels;
                for (var channel = 0; channel < channels; channel++)
                    target[at + channel] = planes[(channel * height + y) * width + x];
            }
    }
}
