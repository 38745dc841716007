namespace OnnxTimm.Onnx;

/// <summary>
/// Bytes that are fetched piece by piece: of an array, or of a file that is held open, so that a reader of a model of
/// gigabytes keeps none of its weights.
/// </summary>
sealed class ByteSource
{
    readonly Func<long, int, ReadOnlyMemory<byte>> fetch;

    ByteSource(string name, string? folder, long length, Func<long, int, ReadOnlyMemory<byte>> fetch) =>
        (Name, Folder, Length, this.fetch) = (name, folder, length, fetch);

    /// <summary>For messages.</summary>
    public string Name { get; }

    /// <summary>Where files beside it lie; null when there is none.</summary>
    public string? Folder { get; }

    public long Length { get; }

    public static ByteSource Of(ReadOnlyMemory<byte> data, string name) =>
        new(name, null, data.Length, (offset, count) => data.Slice((int)offset, count));

    /// <exception cref="UserException">The file is absent or closed to reading.</exception>
    public static ByteSource Open(string path)
    {
        if (Misplaced.Find(path) is { } what)
            throw new UserException($"Cannot read \"{path}\": {what}.");
        var handle = RegularFile.Open(path);
        var folder = Path.GetDirectoryName(Path.GetFullPath(path));
        return new(path, folder, RandomAccess.GetLength(handle), (offset, count) =>
        {
            var bytes = new byte[count];
            for (var done = 0; done < count;)
                done += RandomAccess.Read(handle, bytes.AsSpan(done), offset + done) is var read and > 0 ? read
                    : throw new UserException($"\"{path}\" has become shorter while it was read.");
            return bytes;
        });
    }

    /// <summary>A piece, which must lie inside; only then anything is allocated.</summary>
    public ReadOnlyMemory<byte> Bytes(long offset, long count) =>
        offset < 0 || count < 0 || offset > Length - count
            ? throw Fault($"bytes {offset} to {offset + count} are asked for, it has {Length}")
            : count > Array.MaxLength
                ? throw Fault($"a piece of {count} bytes exceeds what can be handled at once (2 GiB)")
            : fetch(offset, (int)count);

    /// <summary>The message for a flaw in this content.</summary>
    public UserException Fault(string flaw, Exception? inner = null) => new($"Cannot read \"{Name}\": {flaw}.", inner);
}
