using System.Runtime.InteropServices;

namespace OnnxTimm.Data;

/// <summary>An image that could not be read, and why.</summary>
public sealed record SkippedImage(string Name, string Reason);

/// <summary>
/// Images and labels of one step. The memory is reused: it is valid until the next batch is asked for.
/// </summary>
public sealed class Batch
{
    readonly byte[] memory;
    readonly long[] labels;
    readonly float[] targets;
    readonly int classes;
    readonly int[] indices;
    readonly ImageSize[] sizes;
    readonly List<(int Place, SkippedImage Image)> skipped = [];
    BatchShape shape;

    /// <param name="type">Of the images.</param>
    /// <param name="shapes">What full batches may be.</param>
    /// <param name="classes">Values of an image's target; 0 for labels only.</param>
    internal Batch(DType type, IReadOnlyList<BatchShape> shapes, int classes)
    {
        Type = type;
        var largest = shapes.MaxBy(s => s.Count * BytesOf(s));
        var (size, bytes) = (shapes.Max(s => s.Count), largest.Count * BytesOf(largest));
        if (bytes > Array.MaxLength)
            throw new UserException(
                $"A batch of {largest.Count} images of {BytesOf(largest)} bytes is too large.");
        (this.classes, targets) = (classes, new float[checked(size * classes)]);
        memory = GC.AllocateUninitializedArray<byte>((int)bytes, pinned: true);
        (labels, indices, sizes) = (new long[size], new int[size], new ImageSize[size]);
    }

    /// <summary>uint8 of pixels, or a float of normalised values.</summary>
    public DType Type { get; }

    /// <summary>Place in the epoch, from 0 on.</summary>
    public int Index { get; internal set; }

    /// <summary>Which of the loader's sizes its images have.</summary>
    public int Size { get; private set; }

    /// <summary>Images.</summary>
    public int Count { get; internal set; }

    /// <summary>The images, [count, channels, height, width].</summary>
    /// <exception cref="InvalidOperationException">Each has a size of its own.</exception>
    public Tensor Images => shape.Patches is not null
        ? throw new InvalidOperationException($"Images of any size are no tensor; {nameof(Normalised)} has each.")
        : new(Type, [Count, shape.Channels, shape.Height, shape.Width], () => memory.AsMemory(0, Count * ImageBytes));

    /// <summary>The labels, [count].</summary>
    public ReadOnlySpan<long> Labels => labels.AsSpan(0, Count);

    /// <summary>How far each class is an image's, [count, classes]; empty where each has one label.</summary>
    public ReadOnlySpan<float> Targets => targets.AsSpan(0, Count * classes);

    /// <summary>Which image of the data set each is.</summary>
    public ReadOnlySpan<int> Indices => indices.AsSpan(0, Count);

    /// <summary>Images that were left out or replaced.</summary>
    public IReadOnlyList<SkippedImage> Skipped
    {
        get
        {
            lock (skipped)
                return [.. skipped.OrderBy(s => s.Place).Select(s => s.Image)];
        }
    }

    /// <summary>The memory of the images, which the caller may change.</summary>
    public Memory<byte> Memory => memory.AsMemory(0, Count * ImageBytes);

    /// <summary>The images of floats, each of its own size, which the caller may change.</summary>
    public ImageBatch Normalised =>
        new(MemoryMarshal.Cast<byte, float>(Memory.Span), shape with { Count = Count }, sizes.AsSpan(0, Count));

    internal int ImageBytes => (int)BytesOf(shape);

    internal void Clear(int index, int count, int size, BatchShape of)
    {
        (Index, Count, Size, shape) = (index, count, size, of);
        skipped.Clear();
    }

    internal Span<byte> Bytes(int place) => memory.AsSpan(place * ImageBytes, ImageBytes);

    internal Span<float> Floats(int place) => MemoryMarshal.Cast<byte, float>(Bytes(place));

    internal void Set(int place, int index, ImageSize image, IDataset data)
    {
        (indices[place], labels[place], sizes[place]) = (index, data.Label(index), image);
        if (classes > 0)
            data.Targets(index, Row(place));
    }

    /// <summary>Notes that the image for a place could not be read; the place is empty until another is set.</summary>
    internal void Skip(int place, SkippedImage image)
    {
        lock (skipped)
            skipped.Add((place, image));
        indices[place] = -1;
    }

    /// <summary>Closes the gaps of images that could not be read.</summary>
    internal void Compact()
    {
        var count = 0;
        for (var i = 0; i < Count; i++)
        {
            if (indices[i] < 0)
                continue;
            if (count != i)
            {
                Bytes(i).CopyTo(Bytes(count));
                Row(i).CopyTo(Row(count));
                (indices[count], labels[count], sizes[count]) = (indices[i], labels[i], sizes[i]);
            }
            count++;
        }
        Count = count;
    }

    long BytesOf(BatchShape of) => Type.Bytes(of.ImageLength);

    Span<float> Row(int place) => targets.AsSpan(place * classes, classes);
}
