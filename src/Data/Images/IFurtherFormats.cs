namespace OnnxTimm.Data;

/// <summary>
/// Image formats beyond our own (JPEG, PNG, GIF). They lie in an assembly that brings a library with it, and are there
/// where that assembly is: a program for a small machine carries neither.
/// </summary>
interface IFurtherFormats
{
    /// <summary>What they are called, for messages.</summary>
    string Names { get; }

    /// <summary>The image; null where the file is of none of these formats.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="share">Waits for memory; null for no limit but that of pixels.</param>
    /// <exception cref="UserException">Cut short, damaged, or of more pixels than the limit.</exception>
    Image? TryDecode(ReadOnlySpan<byte> file, string name, DecodeBudget.Share? share);
}
