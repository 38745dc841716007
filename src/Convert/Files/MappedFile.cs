using System.Collections.Concurrent;
using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace OnnxTimm.Conversion;

/// <summary>
/// A file mapped for reading. Tensors are windows on the mapping, so opening a checkpoint reads its header only.
/// </summary>
sealed unsafe class MappedFile : IDisposable
{
    // A span does not keep its owner alive: a mapping lives until it is disposed, never until the collector comes by.
    static readonly ConcurrentDictionary<MappedFile, bool> Alive = [];

    /// <summary>Weights hardly pack, and several names of one tensor are few.</summary>
    const int MostTimes = 64;

    const long FreeClaim = 1 << 26;

    readonly MemoryMappedFile file;
    readonly MemoryMappedViewAccessor view;
    readonly byte* start;
    volatile bool disposed;
    Int128 claimed;

    MappedFile(string path, SafeFileHandle handle, long length)
    {
        Path = path;
        Length = length;
        file = MemoryMappedFile.CreateFromFile(
            handle, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        view = file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        start += view.PointerOffset;
        Alive[this] = true;
    }

    public string Path { get; }

    public long Length { get; }

    /// <summary>
    /// Counts what a tensor or an unpacked entry will take where it is used: a small file must not fill a memory or a
    /// disk, whether by repetition, by strides of zero or by packing.
    /// </summary>
    /// <exception cref="UserException">It is more than such a file can mean.</exception>
    public void Claim(Int128 bytes)
    {
        claimed += bytes;
        if (claimed > FreeClaim + (Int128)Length * MostTimes)
            throw Fault($"what it describes has more than {claimed} bytes, the file {Length}: more than {MostTimes} "
                + "times as much");
    }

    /// <exception cref="UserException">The file is absent, unreadable or empty.</exception>
    public static MappedFile Open(string path)
    {
        var handle = RegularFile.Open(path);
        try
        {
            return RandomAccess.GetLength(handle) is var length and > 0 ? new MappedFile(path, handle, length)
                : throw new UserException($"Cannot read \"{path}\": the file is empty.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            handle.Dispose();
            throw new UserException($"Cannot open \"{path}\": {e.Message}", e);
        }
        catch (UserException)
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Opens a file and reads it; the mapping stays when that succeeds.</summary>
    public static T Read<T>(string path, Func<MappedFile, T> read)
    {
        var file = Open(path);
        try
        {
            return read(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The message for a flaw in this file's content.</summary>
    public UserException Fault(string flaw) => new($"Cannot read \"{Path}\": {flaw}.");

    /// <summary>A window of the file, without a copy.</summary>
    /// <exception cref="UserException">
    /// The window leaves the file or exceeds what one array can hold (2 GiB).
    /// </exception>
    public ReadOnlyMemory<byte> Slice(long offset, long length)
    {
        CheckInside(offset, length);
        return new MappedMemory(this, offset, Room(length)).Memory;
    }

    /// <summary>A window of any length, to be read while the file is open.</summary>
    /// <exception cref="UserException">The window leaves the file.</exception>
    public Stream Stream(long offset, long length)
    {
        CheckInside(offset, length);
        return new UnmanagedMemoryStream(At(offset), length);
    }

    /// <summary>A length as that of an array.</summary>
    /// <exception cref="UserException">It exceeds what one array can hold (2 GiB).</exception>
    public int Room(long length) => length <= Array.MaxLength
        ? (int)length
        : throw Fault($"a piece of {length} bytes is larger than the 2 GiB that can be handled at once");

    /// <summary>The window from <paramref name="offset"/> to the end, cut at what one array can hold.</summary>
    public ReadOnlyMemory<byte> From(long offset) => Slice(offset, Math.Min(Length - offset, Array.MaxLength));

    public void Dispose()
    {
        if (!Alive.TryRemove(this, out _))
            return;
        disposed = true;
        view.SafeMemoryMappedViewHandle.ReleasePointer();
        view.Dispose();
        file.Dispose();
    }

    void CheckInside(long offset, long length)
    {
        if (offset < 0 || length < 0 || offset > Length - length)
            throw Fault($"bytes {offset} to {offset + length} are asked for, the file has {Length}");
    }

    internal byte* At(long offset)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        return start + offset;
    }

    /// <summary>Keeps the mapping until <see cref="Release"/>, even when it is disposed meanwhile.</summary>
    internal void Hold()
    {
        var held = false;
        view.SafeMemoryMappedViewHandle.DangerousAddRef(ref held);
    }

    internal void Release() => view.SafeMemoryMappedViewHandle.DangerousRelease();
}
