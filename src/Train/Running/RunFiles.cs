using System.Text;
using System.Text.RegularExpressions;

namespace OnnxTimm.Train;

/// <summary>
/// The files of a run, in a folder that it has for itself while it is at work. Beside its checkpoints there are those
/// for people and their tools: options, results as a table and as curves.
/// </summary>
sealed partial class RunFiles : IDisposable
{
    public const string Args = "args.yaml";

    /// <summary>All files that a run writes.</summary>
    const string Names = @"(args\.yaml|summary\.csv|curves\.png|model_best\.onnx|train-batch-\d+\.jpg"
        + @"|report\.html|events\.out\.tfevents\.\d+\.onnxtimm"
        + @"|(last|model_best|checkpoint-\d+|recovery-\d+-\d+)\.safetensors)";

    readonly FolderLock hold;

    /// <summary>The highest folder that was made for it; null where all were there.</summary>
    readonly string? made;

    RunFiles(string folder, FolderLock hold, string? made) => (Folder, this.hold, this.made) = (folder, hold, made);

    public string Folder { get; }

    /// <summary>Takes the folder of a run.</summary>
    /// <exception cref="UserException">Another training has it or has left its files there.</exception>
    public static RunFiles Claim(RunPlace run)
    {
        var (folder, isNamed, isResumed) = (
            Path.TrimEndingDirectorySeparator(Path.GetFullPath(run.Folder)), run.IsNamed, run.IsResumed);
        for (var number = 0; ; number++)
        {
            var place = number == 0 ? folder : $"{folder}-{number}";
            var made = Missing(place);
            var hold = FolderLock.TryTake(place);
            if (hold is not null && (isResumed || !IsUsed(place)))
                return new(place, hold, made);
            hold?.Dispose();
            if (isNamed)
                throw new UserException(hold is null
                    ? $"Another training is at work in \"{place}\": choose another --experiment."
                    : $"\"{place}\" holds another training: --resume it, or choose another --experiment.");
        }
    }

    /// <summary>Removes what processes that were killed had not written to the end.</summary>
    public void RemoveTemporaries()
    {
        foreach (var file in Directory.GetFiles(Folder).Where(f => Temporary.IsMatch(Path.GetFileName(f))))
            File.Delete(file);
    }

    /// <summary>Writes the options, where they are not there as they are.</summary>
    public void WriteArgs(string args)
    {
        var path = Path.Combine(Folder, Args);
        if (!File.Exists(path) || RegularFile.ReadText(path) != args)
            WriteBeside.Write(path, Encoding.UTF8.GetBytes(args));
    }

    /// <param name="results">What each epoch gave.</param>
    /// <param name="draw">Draws them; null for no picture.</param>
    public void WriteResults(IReadOnlyList<EpochResult> results, Func<IReadOnlyList<EpochResult>, byte[]>? draw)
    {
        WriteBeside.Write(Path.Combine(Folder, "summary.csv"), Encoding.UTF8.GetBytes(Summary.Table(results)));
        if (draw is not null)
            WriteBeside.Write(Path.Combine(Folder, "curves.png"), draw(results));
    }

    /// <summary>Writes the images of a batch.</summary>
    public void WritePictures(int batch, byte[] jpeg) =>
        WriteBeside.Write(Path.Combine(Folder, $"train-batch-{batch}.jpg"), jpeg);

    /// <summary>Leaves the folder; what was made for a run that never began is not left behind.</summary>
    public void Dispose()
    {
        hold.Dispose();
        if (made is null || Directory.GetFileSystemEntries(Folder) is not [var only]
            || Path.GetFileName(only) != FolderLock.FileName)
            return;
        try
        {
            File.Delete(only);
            for (var empty = Folder; empty.Length >= made.Length; empty = Path.GetDirectoryName(empty)!)
                Directory.Delete(empty);
        }
        catch (IOException)
        {
            // Somebody else has put something there.
        }
    }

    /// <summary>The highest folder of a path that is not there; null where all are.</summary>
    static string? Missing(string folder) => Directory.Exists(folder) ? null
        : Path.GetDirectoryName(folder) is { } parent ? Missing(parent) ?? folder : folder;

    static bool IsUsed(string folder) => Directory.GetFiles(folder).Any(f => Own.IsMatch(Path.GetFileName(f)));

    [GeneratedRegex($"^{Names}$")]
    private static partial Regex Own { get; }

    /// <summary>The same files while they are written.</summary>
    [GeneratedRegex($@"^{Names}\.(.*\.)?tmp$")]
    private static partial Regex Temporary { get; }
}
