using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace OnnxTimm;

/// <summary>
/// Opens files for reading: the one place that does. What is no regular file is refused: a named pipe would keep its
/// reader waiting for ever.
/// </summary>
public static partial class RegularFile
{
    /// <summary>O_NONBLOCK and O_CLOEXEC: a pipe is opened at once then, so that it can be looked at.</summary>
    static readonly int Flags = OperatingSystem.IsMacOS() ? 0x4 | 0x1000000 : 0x800 | 0x80000;

    /// <summary>Opens a file for reading at any place; others may read, replace or delete it meanwhile.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">Hints of how it will be read, which Windows uses.</param>
    /// <exception cref="UserException">It is absent, closed to reading, or no regular file.</exception>
    public static SafeFileHandle Open(string path, FileOptions options = FileOptions.None) => Guard(path, () =>
    {
        var handle = Unchecked(path, options);
        try
        {
            Check(handle);
            return handle;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    });

    /// <summary>A file as a stream.</summary>
    /// <inheritdoc cref="Open"/>
    public static FileStream OpenStream(string path) => new(Open(path), FileAccess.Read);

    /// <summary>All bytes of a file, at most 2 GiB.</summary>
    /// <inheritdoc cref="Open"/>
    public static byte[] ReadBytes(string path) => Guard(path, () =>
    {
        using var handle = Open(path);
        var bytes = new byte[RandomAccess.GetLength(handle)];
        var length = 0;
        for (int read; length < bytes.Length; length += read)
            if ((read = RandomAccess.Read(handle, bytes.AsSpan(length), length)) == 0)
                break;
        return bytes[..length];
    });

    /// <summary>A file as text.</summary>
    /// <inheritdoc cref="Open"/>
    public static string ReadText(string path) => Guard(path, () =>
    {
        using var reader = new StreamReader(OpenStream(path));
        return reader.ReadToEnd();
    });

    /// <summary>The lines of a file, read as they are asked for.</summary>
    /// <inheritdoc cref="Open"/>
    public static IEnumerable<string> ReadLines(string path)
    {
        using var reader = new StreamReader(OpenStream(path));
        while (Guard(path, reader.ReadLine) is { } line)
            yield return line;
    }

    /// <summary>For those who open a file by themselves, as native libraries do.</summary>
    /// <inheritdoc cref="Open"/>
    public static void Check(string path) => Open(path).Dispose();

    static T Guard<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException
            or NotSupportedException or OverflowException or OutOfMemoryException)
        {
            throw new UserException($"Cannot read \"{path}\": {e.Message}", e);
        }
    }

    static SafeFileHandle Unchecked(string path, FileOptions options)
    {
        if (!OperatingSystem.IsWindows() && !path.Contains('\0'))
        {
            var handle = new SafeFileHandle(open(Path.GetFullPath(path), Flags), ownsHandle: true);
            if (!handle.IsInvalid)
                return handle;
            handle.Dispose();
        }
        return File.OpenHandle(path, share: FileShare.Read | FileShare.Delete, options: options);
    }

    static void Check(SafeFileHandle handle)
    {
        if (File.GetAttributes(handle).HasFlag(FileAttributes.Directory))
            throw new IOException("it is a folder.");
        try
        {
            RandomAccess.GetLength(handle);
        }
        catch (NotSupportedException e)
        {
            throw new IOException("it is a pipe or a device, no regular file.", e);
        }
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int open(string path, int flags);
}
