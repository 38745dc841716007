namespace OnnxTimm.Edge;

/// <summary>The files of a folder and those that come there, each when it is complete.</summary>
sealed class IncomingFiles : IDisposable
{
    /// <summary>How long a file of which the system cannot tell whether it is written has to be as it is.</summary>
    static readonly TimeSpan Rest = TimeSpan.FromSeconds(2);

    readonly string folder;
    readonly WatchedFolder watched;
    readonly Func<string, bool?> isWritten;

    /// <summary>Files that may be written still, and since when they are as they are.</summary>
    readonly Dictionary<string, (long Length, DateTime Written, long Since)> doubtful = [];

    /// <param name="folder">The folder.</param>
    /// <param name="isWritten">Whether somebody writes a file; null where nobody knows.</param>
    /// <exception cref="UserException">There is no such folder, or the system cannot watch it.</exception>
    public IncomingFiles(string folder, Func<string, bool?> isWritten)
    {
        (this.folder, this.isWritten) = (folder, isWritten);
        watched = new(folder);
    }

    /// <summary>Waits for one after the other.</summary>
    /// <param name="isWanted">Which are looked at.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    /// <exception cref="UserException">The folder is gone.</exception>
    public IEnumerable<FileInfo> Take(Predicate<FileInfo> isWanted, CancellationToken stop)
    {
        for (var names = (List<string>?)null; ; names = watched.Wait(doubtful.Count > 0, stop))
        {
            var files = names is null ? There().Where(file => isWanted(file) && IsComplete(file))
                : names.Select(Of).Where(file => isWanted(file));
            foreach (var file in files.Concat(Rested().Where(file => isWanted(file))))
            {
                stop.ThrowIfCancellationRequested();
                yield return file;
            }
        }
    }

    public void Dispose() => watched.Dispose();

    IEnumerable<FileInfo> There() => Directory.EnumerateFiles(folder).Select(path => Path.GetFileName(path))
        .Order(NaturalOrder.Instance).Select(Of);

    FileInfo Of(string name) => new(Path.Combine(folder, name));

    /// <summary>A file that is written comes again when it is closed, one that may be when it has rested.</summary>
    bool IsComplete(FileInfo file)
    {
        var written = isWritten(file.FullName);
        if (written is null)
            doubtful[file.Name] = (file.Length, file.LastWriteTimeUtc, Environment.TickCount64);
        return written == false;
    }

    IEnumerable<FileInfo> Rested()
    {
        foreach (var (name, before) in doubtful.ToArray())
        {
            var file = Of(name);
            if (!file.Exists)
                doubtful.Remove(name);
            else if ((file.Length, file.LastWriteTimeUtc) != (before.Length, before.Written))
                doubtful[name] = (file.Length, file.LastWriteTimeUtc, Environment.TickCount64);
            else if (Environment.TickCount64 - before.Since >= Rest.TotalMilliseconds && doubtful.Remove(name))
                yield return file;
        }
    }
}
