namespace OnnxTimm.Data;

/// <summary>Image files with labels, in a fixed order, read by any number of threads at once.</summary>
public interface IDataset : IDisposable
{
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
}
