using System.Collections.Concurrent;

namespace OnnxTimm;

/// <summary>
/// Writes a file under a temporary name in the same folder, which is made where it is not there, and renames it: a
/// reader never sees half a file. A device or a pipe is written into and stays what it is.
/// </summary>
public static class WriteBeside
{
    /// <summary>How long a pipe waits for somebody who reads it.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Files and folders that are being written.</summary>
    static readonly ConcurrentDictionary<string, bool> Drafts = [];

    /// <summary>Removes what is half written, for a program that ends at once.</summary>
    public static void RemoveDrafts()
    {
        foreach (var draft in Drafts.Keys)
            Remove(draft);
    }

    /// <inheritdoc cref="Write(string, Action{Stream})"/>
    public static void Write(string path, byte[] content) => Write(path, stream => stream.Write(content));

    /// <exception cref="UserException">The folder cannot be written to; nothing is left behind.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        if (SpecialFile.Is(path))
            Fill(path, write);
        else
            Replace(path, write);
    }

    /// <summary>
    /// Where a path leads that a person named: links are followed, so that what they lead to is written and they stay.
    /// A link is replaced by <see cref="Write(string, Action{Stream})"/>: nobody named those that lie in a folder.
    /// </summary>
    /// <exception cref="UserException">The links lead round in circles.</exception>
    public static string Target(string path)
    {
        var target = path;
        for (var links = 0; links < 40; links++)
        {
            if (SpecialFile.IsOpened(target) || new FileInfo(target).LinkTarget is not { } next)
                return target;
            target = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(target))!, next);
        }
        throw new UserException($"Cannot write \"{path}\": its links lead round in circles.");
    }

    /// <summary>Says before long work whether its result can be written; nothing is left behind.</summary>
    /// <param name="path">The file as a person named it.</param>
    /// <exception cref="UserException">It cannot.</exception>
    public static void Check(string path)
    {
        if (path.Length == 0)
            throw new UserException("The file to write to has no name.");
        var target = Path.GetFullPath(Target(path));
        if (SpecialFile.Is(target))
            return;
        var folder = Path.GetDirectoryName(target);
        while (folder is not null && !Path.Exists(folder))
            folder = Path.GetDirectoryName(folder);
        if (folder is null || Directory.Exists(target))
            throw new UserException($"Cannot write \"{path}\": it is a folder.");
        if (File.Exists(folder))
            throw new UserException($"Cannot write \"{path}\": \"{folder}\" is a file, no folder.");
        try
        {
            using var trial = new FileStream(Path.Combine(folder, $".{Path.GetRandomFileName()}.tmp"),
                FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"Cannot write \"{path}\": nothing can be made in \"{folder}\".", e);
        }
    }

    /// <summary>
    /// Writes into what is there. The content is made in a file of its own first: a pipe cannot go back to what was
    /// written, and gets all or nothing.
    /// </summary>
    static void Fill(string path, Action<Stream> write)
    {
        try
        {
            using var draft = new FileStream(Path.GetTempFileName(), new FileStreamOptions
            {
                Mode = FileMode.Create,
                Access = FileAccess.ReadWrite,
                Options = FileOptions.DeleteOnClose,
            });
            write(draft);
            draft.Position = 0;
            using var target = Open(path);
            draft.CopyTo(target);
        }
        catch (TimeoutException e)
        {
            throw new UserException($"Cannot write \"{path}\": nobody reads it.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"Cannot write \"{path}\": {e.Message}", e);
        }
    }

    static Stream Open(string path)
    {
        // What is redirected to a file is written by whoever has it open, at one place that all of them move.
        if (SpecialFile.IsOpened(path) && Path.GetFileName(path) is "1" or "2")
            return Path.GetFileName(path) is "1" ? Console.OpenStandardOutput() : Console.OpenStandardError();
        // Opening a pipe waits for a reader, perhaps for ever.
        var opening = Task.Run(() => new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, 0));
        return opening.WaitAsync(Patience).GetAwaiter().GetResult();
    }

    static void Replace(string path, Action<Stream> write)
    {
        var temporary = $"{path}.{Environment.ProcessId}.{Path.GetRandomFileName()}.tmp";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            Drafts[temporary] = true;
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
            throw new UserException($"Cannot write \"{path}\": {e.Message.Replace(temporary, path)}", e);
        }
        finally
        {
            Remove(temporary);
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
            Drafts[draft] = true;
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
            Remove(draft);
        }
    }

    static void Remove(string draft)
    {
        if (File.Exists(draft))
            File.Delete(draft);
        else if (Directory.Exists(draft))
            Directory.Delete(draft, recursive: true);
        Drafts.TryRemove(draft, out _);
    }
}
