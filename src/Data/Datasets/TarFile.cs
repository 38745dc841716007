using Microsoft.Win32.SafeHandles;

namespace OnnxTimm.Data;

/// <summary>A tar archive whose members are read in place.</summary>
sealed class TarFile : IDisposable
{
    readonly SafeFileHandle? open;

    TarFile(string path, SafeFileHandle? open, IReadOnlyList<TarEntry> entries, UserException? flaw) =>
        (Path, this.open, Entries, Flaw) = (path, open, entries, flaw);

    public string Path { get; }

    /// <summary>Its members, in its order.</summary>
    public IReadOnlyList<TarEntry> Entries { get; }

    /// <summary>Why the list of members ends before the file does; null where it does not.</summary>
    public UserException? Flaw { get; }

    /// <summary>Lists an archive.</summary>
    /// <param name="path">The file.</param>
    /// <param name="staysOpen">
    /// False opens it at each use: a system lets a program have a thousand files open, a data set may have more.
    /// </param>
    /// <exception cref="UserException">It cannot be read at all.</exception>
    public static TarFile Open(string path, bool staysOpen)
    {
        var file = RegularFile.Open(path, FileOptions.RandomAccess);
        var entries = new List<TarEntry>();
        try
        {
            var flaw = TarIndex.Read(file, path, entries);
            if (staysOpen)
                return new(path, file, entries, flaw);
            file.Dispose();
            return new(path, null, entries, flaw);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            file.Dispose();
            throw new UserException($"Cannot read {path}: {e.Message}", e);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The content of a member.</summary>
    /// <exception cref="UserException">It is sparse, or the file has changed.</exception>
    public ReadOnlySpan<byte> Read(TarEntry entry, FileBuffer buffer)
    {
        if (entry.IsSparse)
            throw new UserException($"{entry.Name} is a sparse file in {Path}, which is not read: unpack the archive.");
        var bytes = buffer.Take(entry.Length, entry.Name);
        var file = open ?? RegularFile.Open(Path, FileOptions.RandomAccess);
        try
        {
            return TarIndex.TryRead(file, bytes, entry.Offset) ? bytes
                : throw new UserException($"{Path} was cut short while it was in use: {entry.Name} is gone.");
        }
        finally
        {
            if (open is null)
                file.Dispose();
        }
    }

    public void Dispose() => open?.Dispose();
}
