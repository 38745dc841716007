namespace OnnxTimm.Train;

/// <summary>
/// The checkpoints of a run: <c>last</c>, <c>checkpoint-EPOCH</c>, <c>model_best</c> and the two latest
/// <c>recovery-EPOCH-UPDATE</c>, as timm names them.
/// </summary>
/// <param name="folder">The run's folder.</param>
public sealed class CheckpointFolder(string folder)
{
    /// <summary>The fact that says how far a training has come: its updates so far.</summary>
    public const string UpdatesKey = "onnxtimm.updates";

    /// <summary>Whether there are checkpoints of epochs already.</summary>
    public bool IsUsed => File.Exists(PathOf("last"));

    public string PathOf(string name) => Path.Combine(folder, name + TrainCheckpoint.Extension);

    /// <summary>Writes the checkpoint of an epoch and gives it the names that it has earned.</summary>
    /// <param name="epoch">The epoch that ended.</param>
    /// <param name="before">The history so far.</param>
    /// <param name="after">The history with this epoch.</param>
    /// <param name="write">Writes a file.</param>
    public void SaveEpoch(int epoch, CheckpointHistory before, CheckpointHistory after, Action<string> write)
    {
        var last = PathOf("last");
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
        if (history.Best?.Epoch == epoch && PathOf("model_best") != file)
            HardLink.Create(file, PathOf("model_best"));
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

    /// <summary>The file that goes furthest, to resume from.</summary>
    /// <param name="path">A checkpoint, or the folder of a run.</param>
    /// <exception cref="UserException">There is none.</exception>
    public static string Find(string path)
    {
        if (!Directory.Exists(path))
            return File.Exists(path) ? path
                : throw new UserException($"There is no checkpoint or folder \"{path}\" to resume from.");
        return Directory.EnumerateFiles(path, $"*{TrainCheckpoint.Extension}")
            .Select(file => (File: file, Facts: TrainCheckpoint.Facts(file)))
            .Where(c => c.Facts?.ContainsKey(UpdatesKey) == true)
            .OrderByDescending(c => TrainCheckpoint.Integer(c.Facts!, UpdatesKey))
            .ThenByDescending(c => Path.GetFileNameWithoutExtension(c.File) == "last")
            .Select(c => c.File)
            .FirstOrDefault() ?? throw new UserException($"There is no checkpoint of a training in \"{path}\".");
    }

    string[] Recoveries() => Directory.GetFiles(folder, $"recovery-*{TrainCheckpoint.Extension}");
}
