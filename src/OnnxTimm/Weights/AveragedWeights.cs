using System.Globalization;
using System.Numerics.Tensors;
using OnnxTimm.Conversion;
using OnnxTimm.Train;

namespace OnnxTimm;

/// <summary>A checkpoint and what it reached.</summary>
/// <param name="File">The file.</param>
/// <param name="Metric">What it says that it reached; null where it says nothing.</param>
public sealed record RankedCheckpoint(string File, double? Metric);

/// <summary>The mean of the weights of several checkpoints of one network (avg_checkpoints.py of timm).</summary>
public static class AveragedWeights
{
    /// <summary>Patterns of the files of a run: timm's, else this program's, each under its first name.</summary>
    static readonly string[] OfRuns = ["*.pth.tar", "checkpoint-*.safetensors"];

    /// <summary>The best checkpoints of a folder, the best last.</summary>
    /// <param name="folder">The folder of a run.</param>
    /// <param name="filter">
    /// A pattern of files, also in folders below (<c>*/last.pth.tar</c>, <c>**/*.pth</c>); null for those of runs.
    /// </param>
    /// <param name="count">How many at most; null for all, whatever they reached.</param>
    /// <exception cref="UserException">There is none, or none that says what it reached.</exception>
    public static IReadOnlyList<RankedCheckpoint> Best(string folder, string? filter = null, int? count = 10)
    {
        if (!Directory.Exists(folder))
            throw new UserException($"There is no folder \"{folder}\".");
        var files = (filter is null ? OfRuns : [filter]).Select(pattern => Files(folder, pattern.Split('/')).ToArray())
            .FirstOrDefault(found => found.Length > 0) ?? throw new UserException(
                $"No file in \"{folder}\" is a checkpoint by its name: {filter ?? string.Join(", ", OfRuns)}.");
        if (count is null)
            return [.. files.Select(file => new RankedCheckpoint(file, null))];
        var ranked = files.Select(Rank).Where(r => r.Checkpoint.Metric is not null).ToArray();
        return ranked.Length == 0 ? throw new UserException($"No checkpoint in \"{folder}\" says what it reached: "
                + "--no-sort averages all.")
            : [.. ranked.OrderBy(r => r.Order).Select(r => r.Checkpoint).TakeLast(count.Value)];
    }

    /// <summary>Writes the mean as float32, summed in float64; a weight that only some have is the mean of these.
    /// </summary>
    /// <param name="checkpoints">The files.</param>
    /// <param name="output">The .safetensors file to write.</param>
    /// <param name="useEma">Whether averages of trainings are taken, where there are some.</param>
    /// <exception cref="UserException">One cannot be read, or shapes differ, or the place is taken.</exception>
    public static SavedWeights Write(IEnumerable<string> checkpoints, string output, bool useEma = true)
    {
        var path = SavedWeights.Place(output);
        var files = new List<StateDict>();
        try
        {
            foreach (var checkpoint in checkpoints)
                files.Add(ModelLoader.Open(checkpoint, useEma));
            var names = files.SelectMany(file => file.Keys).Distinct(StringComparer.Ordinal);
            return SavedWeights.Write(path, [.. names.Select(name => KeyValuePair.Create(name, Mean(files, name)))],
                files[^1].Metadata, isHashNamed: false);
        }
        finally
        {
            files.ForEach(file => file.Dispose());
        }
    }

    /// <summary>The mean, computed when it is written.</summary>
    static Tensor Mean(List<StateDict> files, string name)
    {
        var tensors = files.Where(file => file.ContainsKey(name)).Select(file => (File: file, Tensor: file[name]))
            .ToArray();
        var shape = tensors[0].Tensor.Shape;
        return tensors.FirstOrDefault(t => !t.Tensor.Shape.AsSpan().SequenceEqual(shape)) is { File: { } other }
            ? throw new UserException($"\"{name}\" has another shape in \"{other.Source}\" than in "
                + $"\"{tensors[0].File.Source}\": they are not of one network.")
            : Tensor.Lazy(() => Mean([.. tensors.Select(t => t.Tensor)]), shape);
    }

    static float[] Mean(Tensor[] tensors)
    {
        var sum = new double[tensors[0].Count];
        foreach (var tensor in tensors)
            TensorPrimitives.Add(sum, Doubles(tensor), sum);
        return Array.ConvertAll(sum, x => (float)Math.Clamp(x / tensors.Length, float.MinValue, float.MaxValue));
    }

    static double[] Doubles(Tensor tensor) => tensor.Type switch
    {
        DType.Float64 => tensor.Span<double>().ToArray(),
        DType.Int64 => Array.ConvertAll(tensor.Span<long>().ToArray(), x => (double)x),
        _ => Array.ConvertAll(tensor.ToFloats(), x => (double)x),
    };

    /// <summary>What a checkpoint says, and by what it is ordered: of a loss, less is better.</summary>
    static (RankedCheckpoint Checkpoint, double Order) Rank(string file)
    {
        using var content = Checkpoint.Read(file);
        var metric = Number(content.Metadata.GetValueOrDefault("metric")) ?? (
            content.Root.GetValueOrDefault("metrics") is PyDict metrics
            && content.Metadata.GetValueOrDefault("metric_name") is { } name
                ? metrics.GetValueOrDefault(name) as double? : null);
        var isLoss = content.Metadata.GetValueOrDefault(TrainCheckpoint.ArgsKey) is { } args
            && RunArgs.Parse(args, file).RanksByLoss;
        return (new(file, metric), isLoss ? -(metric ?? 0) : metric ?? 0);
    }

    static double? Number(string? text) =>
        double.TryParse(text, CultureInfo.InvariantCulture, out var number) && !double.IsNaN(number) ? number : null;

    /// <summary>Files by a pattern, folder for folder; ** is any number of folders.</summary>
    static IEnumerable<string> Files(string folder, ReadOnlyMemory<string> pattern)
    {
        var (first, isLast) = (new Wildcard(pattern.Span[0]), pattern.Length == 1);
        if (isLast)
            return Directory.GetFiles(folder).Where(file => Fits(first, file)).Order(StringComparer.Ordinal);
        var folders = Directory.GetDirectories(folder).Order(StringComparer.Ordinal);
        return first.Pattern == "**"
            ? Files(folder, pattern[1..]).Concat(folders.SelectMany(f => Files(f, pattern)))
            : folders.Where(f => Fits(first, f)).SelectMany(f => Files(f, pattern[1..]));
    }

    /// <summary>As in a shell, a hidden file is found by a pattern with its dot alone.</summary>
    static bool Fits(Wildcard pattern, string path) => Path.GetFileName(path) is var name && pattern.Fits(name)
        && (name[0] != '.' || pattern.Pattern.StartsWith('.'));
}
