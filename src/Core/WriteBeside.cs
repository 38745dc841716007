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

    /// <summary>
    /// Writes several files that belong together into a folder beside their place, and moves them when all are there.
    /// </summary>
    /// <param name="folder">Where to; it is made where it is not there.</param>
    /// <param name="write">Writes the files into the folder that it is given.</param>
    /// <returns>The names of the files.</returns>
    /// <exception cref="UserException">The folder cannot be written to; what was in it is as it was.</exception>
    public static IReadOnlyList<string> WriteFolder(string folder, Action<string> write)
    {
        if (folder.Length == 0)
            throw new UserException("The folder to write to has no name.");
        if (File.Exists(folder))
            throw new UserException($"Cannot write to the folder \"{folder}\": it is a file.");
        var draft = Path.Combine(folder, $".{Environment.ProcessId}.{Path.GetRandomFileName()}.tmp");
        try
        {
            Directory.CreateDirectory(draft);
            write(draft);
            string[] files = [.. Directory.GetFiles(draft).Select(file => Path.GetFileName(file))];
            foreach (var file in files)
                File.Move(Path.Combine(draft, file), Path.Combine(folder, file), overwrite: true);
            return files;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"Cannot write to the folder \"{folder}\": {e.Message}", e);
        }
        finally
        {
            if (Directory.Exists(draft))
                Directory.Delete(draft, recursive: true);
        }
    }
}
