namespace OnnxTimm.Data;

/// <summary>
/// Images with labels, in a fixed order, read by any number of threads at once. An image comes as the bytes of a file
/// (<see cref="Read"/>) or, where the data set holds it so, as pixels (<see cref="Pixels"/>).
/// </summary>
public interface IDataset : IDisposable
{
    /// <summary>Number of images.</summary>
    int Count { get; }

    /// <summary>The name of each class; its place is its label. Empty where no image has a label.</summary>
    IReadOnlyList<string> Classes { get; }

    /// <summary>What of the data is left out, a sentence each.</summary>
    IReadOnlyList<string> Remarks => [];

    /// <summary>
    /// How many images lie together, part by part in the order of the data, where reading them one after the other is
    /// faster than in any order; empty where it is not.
    /// </summary>
    IReadOnlyList<int> Shards => [];

    /// <summary>Whether an image may have several labels, or none: then <see cref="Targets"/> says which.</summary>
    bool IsMultiLabel => false;

    /// <summary>The label of an image; -1 where it is unknown, or where there may be several.</summary>
    int Label(int index);

    /// <summary>How far each class is one of an image: 1 for its labels, by default its only one.</summary>
    /// <param name="index">The image.</param>
    /// <param name="to">A value for each class, all of which are set.</param>
    void Targets(int index, Span<float> to)
    {
        to.Clear();
        if (Label(index) is >= 0 and var label)
            to[label] = 1;
    }

    /// <summary>The path of an image within the data set, with slashes.</summary>
    string Name(int index);

    /// <summary>The bytes of an image file, in the caller's buffer.</summary>
    /// <exception cref="UserException">The file cannot be read.</exception>
    ReadOnlySpan<byte> Read(int index, FileBuffer buffer);

    /// <summary>
    /// The pixels of an image that is not stored as a file, which are the caller's; null where it is one.
    /// </summary>
    /// <exception cref="UserException">They cannot be had.</exception>
    Image? Pixels(int index) => null;

    /// <summary>The pixels of an image, decoded where it is stored as a file; they are the caller's.</summary>
    /// <param name="index">The image.</param>
    /// <param name="buffer">Room for the file.</param>
    /// <exception cref="UserException">It cannot be read or decoded.</exception>
    Image Decode(int index, FileBuffer buffer) =>
        Pixels(index) ?? ImageDecoder.Decode(Read(index, buffer), Name(index));
}
