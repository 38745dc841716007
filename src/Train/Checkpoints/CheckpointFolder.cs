namespace OnnxTimm.Train;

/// <summary>
/// The checkpoints of a run: <c>last</c>, <c>checkpoint-EPOCH</c>, <c>model_best</c> and the two latest
/// <c>recovery-EPOCH-UPDATE</c>, as timm names them.
/// </summary>
/// <param name="folder">The run's folder.</param>
public sealed class CheckpointFolder(string folder)
{
    /// <summary>The names of the best and of the latest epoch.</summary>
    public const string Best = "model_best", Last = "last";

    /// <summary>The file of a checkpoint's name, whether it exists or not.</summary>
    public string PathOf(string name) => Path.Combine(folder, name + TrainCheckpoint.Extension);

    /// <summary>Writes the checkpoint of an epoch and gives it the names that it has earned.</summary>
    /// <param name="epoch">The epoch that ended.</param>
    /// <param name="before">The history so far.</param>
    /// <param name="after">The history with this epoch.</param>
    /// <param name="write">Writes a file.</param>
    public void SaveEpoch(int epoch, CheckpointHistory before, CheckpointHistory after, Action<string> write)
    {
        var last = PathOf(Last);
        write(last);
        foreach (var gone in before.Kept.Select(k => k.Name).Except(after.Kept.Select(k => k.Name)))
            File.Delete(PathOf(gone));
        NameEpoch(last, epoch, after);
        foreach (var recovery in Recoveries())
            File.Delete(recovery);
    }

    /// <summary>Gives the checkpoint of an epoch its names: also when the program was killed before it could.</summary>
    public void NameEpoch(string file, int epoch, CheckpointHistory history)
    {
        if (history.Kept.FirstOrDefault(k => k.Epoch == epoch) is { } kept && PathOf(kept.Name) != file)
            HardLink.Create(file, PathOf(kept.Name));
        if (history.Best?.Epoch == epoch && PathOf(Best) != file)
            HardLink.Create(file, PathOf(Best));
    }

    /// <summary>Writes a checkpoint within an epoch; the one before the last of this kind goes.</summary>
    public void SaveRecovery(int epoch, int update, Action<string> write)
    {
        var path = PathOf($"recovery-{epoch}-{update}");
        var former = Recoveries().Where(f => f != path).OrderByDescending(File.GetLastWriteTimeUtc).ToArray();
        write(path);
        foreach (var gone in former.Skip(1))
            File.Delete(gone);
    }

    /// <summary>The file of the best epoch, then those that come nearest to it.</summary>
    public IEnumerable<string> BestFirst(CheckpointHistory history) =>
        ((string[])[Best, history.Best?.Name ?? Best, .. history.Kept.Select(k => k.Name), Last])
            .Distinct().Select(PathOf);

    /// <summary>The folder of the run that a path to resume from means: itself, or that of the checkpoint.</summary>
    public static string Of(string resume) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(
        Directory.Exists(resume) ? resume : Path.GetDirectoryName(Path.GetFullPath(resume))!));

    /// <summary>Opens the checkpoint that goes furthest of those that can be read.</summary>
    /// <param name="path">A checkpoint, or the folder of a run.</param>
    /// <param name="skipped">Takes a message for each file of a folder that cannot be read.</param>
    /// <returns>Null for the folder of a run that has not come to its first checkpoint.</returns>
    /// <exception cref="UserException">There is none.</exception>
    public static StoredTraining? Open(string path, Action<string> skipped)
    {
        if (!Directory.Exists(path))
            return File.Exists(path) ? StoredTraining.Read(path)
                : throw new UserException($"There is no checkpoint or folder \"{path}\" to resume from.");
        var faults = 0;
        foreach (var file in Furthest(path, Skip))
            if (Try(() => StoredTraining.Read(file), Skip) is { } stored)
                return stored;
        return faults > 0 ? throw new UserException($"No checkpoint of a training in \"{path}\" can be read.")
            : File.Exists(Path.Combine(path, RunFiles.Args)) ? null
            : throw new UserException($"There is no checkpoint of a training in \"{path}\".");

        void Skip(string fault)
        {
            faults++;
            skipped(fault);
        }
    }

    /// <summary>Checkpoints of trainings in a folder. One that does not tell its updates may be the latest.</summary>
    static IEnumerable<string> Furthest(string folder, Action<string> skip) =>
        Directory.GetFiles(folder, $"*{TrainCheckpoint.Extension}").Order(StringComparer.Ordinal)
            .Select(file => (File: file, Facts: Try(() => TrainCheckpoint.Facts(file), skip)))
            .Where(c => c.Facts is not null)
            .OrderByDescending(c => TrainProgress.UpdatesOf(c.Facts!) ?? long.MaxValue)
            .ThenByDescending(c => Path.GetFileNameWithoutExtension(c.File) == Last)
            .Select(c => c.File);

    static T? Try<T>(Func<T?> read, Action<string> skip) where T : class
    {
        try
        {
            return read();
        }
        catch (UserException e)
        {
            skip(e.Message);
            return null;
        }
    }

    string[] Recoveries() => Directory.GetFiles(folder, $"recovery-*{TrainCheckpoint.Extension}");
}
