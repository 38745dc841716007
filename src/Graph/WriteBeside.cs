namespace OnnxTimm;

/// <summary>
/// Writes a file under a temporary name in the same folder, which is made where it is not there, and renames it: a
/// reader never sees half a file.
/// </summary>
public static class WriteBeside
{
    /// <inheritdoc cref="Write(string, Action{Stream})"/>
    public static void Write(string path, byte[] content) => Write(path, stream => stream.Write(content));

    /// <exception cref="UserException">The folder cannot be written to; nothing is left behind.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        var temporary = $"{path}.{Environment.ProcessId}.{Path.GetRandomFileName()}.tmp";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            using (var stream = new FileStream(
                temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"Cannot write \"{path}\": {e.Message}", e);
        }
        finally
        {
            if (File.Exists(temporary))
                File.Delete(temporary);
        }
    }
}
