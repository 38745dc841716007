namespace OnnxTimm.Data;

/// <summary>Rows and columns of an image.</summary>
public readonly record struct ImageSize(int Height, int Width);

/// <summary>The sizes of a batch of images.</summary>
/// <param name="Count">Images.</param>
/// <param name="Channels">Channels of an image.</param>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
public readonly record struct BatchShape(int Count, int Channels, int Height, int Width)
{
    /// <summary>
    /// What images are cut into, each of which has a size of its own then; null where all have the same one.
    /// </summary>
    public PatchConfig? Patches { get; init; }

    /// <summary>Values that an image has room for.</summary>
    public int ImageLength => Channels * (Patches is null ? Height * Width : (int)Patches.Pixels);

    /// <summary>The sizes of the inputs of a network for so many of the images.</summary>
    public long[][] Inputs(int count) => Patches is null ? [[count, Channels, Height, Width]]
        :
        [
            [count, Patches.MaxSeqLen, Channels * Patches.Side * Patches.Side],
            [count, Patches.MaxSeqLen, 2],
            [count, Patches.MaxSeqLen],
        ];

    /// <summary>What an image is, for people.</summary>
    public string Image => Patches is null ? $"{Height} x {Width}" : $"{Patches}";
}

/// <summary>Normalised images in the memory of a batch, each in planes at the beginning of its room.</summary>
/// <param name="values">The memory: a room of <see cref="BatchShape.ImageLength"/> for each.</param>
/// <param name="shape">The sizes.</param>
/// <param name="sizes">The size of each; empty where it is that of the shape.</param>
public readonly ref struct ImageBatch(Span<float> values, BatchShape shape, ReadOnlySpan<ImageSize> sizes = default)
{
    readonly ReadOnlySpan<ImageSize> sizes = sizes;

    /// <summary>The memory of all images.</summary>
    public Span<float> Values { get; } = values;

    /// <summary>The sizes.</summary>
    public BatchShape Shape { get; } = shape;

    /// <summary>The planes of an image: channels x height x width of its own size.</summary>
    public Span<float> this[int image] =>
        Values.Slice(image * Shape.ImageLength, Shape.Channels * SizeOf(image).Height * SizeOf(image).Width);

    /// <summary>Rows and columns of an image.</summary>
    public ImageSize SizeOf(int image) => sizes.IsEmpty ? new(Shape.Height, Shape.Width) : sizes[image];

    /// <summary>The first of the images.</summary>
    public ImageBatch First(int count) => new(Values[..(count * Shape.ImageLength)], Shape with { Count = count },
        sizes.IsEmpty ? sizes : sizes[..count]);
}
