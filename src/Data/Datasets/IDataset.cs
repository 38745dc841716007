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

    /// <summary>The label of an image; -1 where it is unknown.</summary>
    int Label(int index);

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
}
