namespace OnnxTimm.Data;

/// <summary>How an image of any shape is cut into patches.</summary>
/// <param name="Side">Pixels of a patch's side.</param>
/// <param name="MaxSeqLen">The most patches that an image is cut into.</param>
public sealed record PatchConfig(int Side, int MaxSeqLen)
{
    /// <summary>timm's own number of patches.</summary>
    public const int DefaultMaxSeqLen = 576;

    /// <summary>A larger side than patches have.</summary>
    public const int LargestSide = 256;

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

    /// <summary>Pixels of all patches that an image may have.</summary>
    public long Pixels => (long)MaxSeqLen * Side * Side;

    /// <summary>Whether an image of that size is whole patches, and not too many.</summary>
    public bool Fits(int height, int width) =>
        height % Side == 0 && width % Side == 0 && (long)(height / Side) * (width / Side) <= MaxSeqLen;

    /// <summary>Cuts an image of whole patches.</summary>
    /// <param name="chw">Planes of channels x height x width.</param>
    /// <param name="size">Height and width.</param>
    /// <param name="target">A patch after the other: row, column, colour.</param>
    public void Cut(ReadOnlySpan<float> chw, ImageSize size, Span<float> target)
    {
        var (height, width, plane) = (size.Height, size.Width, size.Height * size.Width);
        var (channels, columns) = (chw.Length / plane, width / Side);
        for (var channel = 0; channel < channels; channel++)
            for (var y = 0; y < height; y++)
            {
                var row = chw.Slice(channel * plane + y * width, width);
                var first = (y / Side * columns * Side + y % Side) * Side;
                for (var column = 0; column < columns; column++)
                    for (var x = 0; x < Side; x++)
                        target[(first + column * Side * Side + x) * channels + channel] = row[column * Side + x];
            }
    }

    /// <summary>What images become, for people.</summary>
    public override string ToString() => $"{MaxSeqLen} patches of {Side} x {Side}";

    (double Rows, double Columns) Grid(int height, int width, double scale) =>
        (Math.Max(1, Math.Ceiling(height * scale / Side)), Math.Max(1, Math.Ceiling(width * scale / Side)));
}

/// <summary>
/// An image as the patches of a NaFlex network: resized to whole patches, as many as the config allows, normalised, and
/// cut row by row (timm's ResizeToSequence and Patchify). Safe to use from many threads.
/// </summary>
public sealed class PatchTransform : IImageTransform
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

    /// <inheritdoc/>
    public int Channels => config.Channels;

    /// <inheritdoc/>
    public PatchConfig Patches => patches;

    /// <inheritdoc/>
    public int Height => config.Height;

    /// <inheritdoc/>
    public int Width => config.Width;

    ImageSize IImageTransform.Apply(Image image, CounterRandom random, Span<byte> chw, Draw draw)
    {
        var size = SizeOf(patches.GridOf(image.Height, image.Width));
        Whole(size).Apply(image.View(), chw);
        return size;
    }

    ImageSize IImageTransform.Apply(Image image, CounterRandom random, Span<float> chw, Draw draw)
    {
        var size = SizeOf(patches.GridOf(image.Height, image.Width));
        Whole(size).Apply(image.View(), chw);
        return size;
    }

    /// <inheritdoc cref="PatchConfig.GridOf"/>
    public (int Rows, int Columns) GridOf(Pixels image) => patches.GridOf(image.Height, image.Width);

    /// <summary>Writes the patches of an image.</summary>
    /// <param name="image">The image.</param>
    /// <param name="grid">Rows and columns of patches.</param>
    /// <param name="target">A patch after the other, of <see cref="Numbers"/> each: row, column, colour.</param>
    public void Apply(Pixels image, (int Rows, int Columns) grid, Span<float> target)
    {
        var size = SizeOf(grid);
        var planes = new float[config.Channels * size.Height * size.Width];
        Whole(size).Apply(image, planes);
        patches.Cut(planes, size, target);
    }

    ImageSize SizeOf((int Rows, int Columns) grid) => new(grid.Rows * patches.Side, grid.Columns * patches.Side);

    /// <summary>Resizes all of an image to a size.</summary>
    EvalTransform Whole(ImageSize size) => EvalTransform.Create(config with
    {
        Height = size.Height,
        Width = size.Width,
        CropMode = CropMode.Squash,
        CropPct = 1,
    });
}
