using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using OnnxTimm.Conversion;

namespace OnnxTimm.Train;

/// <summary>
/// How far a training has come, as the metadata of its checkpoint say. The hash of a checkpoint tells that it is whole,
/// not who wrote it: everything is checked before it is used.
/// </summary>
public sealed record TrainProgress
{
    /// <summary>The fact that says how far a training has come: its updates so far.</summary>
    public const string UpdatesKey = "onnxtimm.updates";

    const string PositionKey = "onnxtimm.position", ScheduleKey = "onnxtimm.schedule", ResultsKey = "onnxtimm.results",
        ScalerKey = "onnxtimm.scaler", HistoryKey = "onnxtimm.history", EpochKey = "epoch", MetricKey = "metric";

    /// <summary>Above this a double does not count by ones.</summary>
    const long MostUpdates = 1L << 53;

    static readonly JsonSerializerOptions Infinities = new()
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>The epoch that is under way or comes next.</summary>
    public required int Epoch { get; init; }

    /// <summary>Batches of it that are done.</summary>
    public required int Batch { get; init; }

    /// <summary>Sum and weight of the losses of its batches.</summary>
    public required (double Sum, double Weight) Loss { get; init; }

    /// <summary>Updates so far, over all epochs.</summary>
    public required long Updates { get; init; }

    /// <summary>What must be stored of the schedule.</summary>
    public required double[] Schedule { get; init; }

    /// <summary>State of the factor of the loss in float16; null without.</summary>
    public double[]? Scaler { get; init; }

    /// <summary>Of the epochs that ended, in order.</summary>
    public required IReadOnlyList<EpochResult> Results { get; init; }

    /// <summary>Which checkpoints the run has kept.</summary>
    public required CheckpointHistory History { get; init; }

    /// <summary>The epoch that the checkpoint is called after.</summary>
    public required int Named { get; init; }

    /// <summary>The metric of the epoch that the checkpoint ends; null for one within an epoch.</summary>
    public required double? Metric { get; init; }

    /// <summary>The metadata that say it.</summary>
    public IEnumerable<KeyValuePair<string, string>> ToFacts()
    {
        yield return new(EpochKey, Text(Named));
        yield return new(PositionKey, Json<double[]>([Epoch, Batch, Loss.Sum, Loss.Weight]));
        yield return new(UpdatesKey, Text(Updates));
        yield return new(ScheduleKey, Json(Schedule));
        yield return new(ResultsKey, Json(Results));
        yield return new(HistoryKey, Json(History));
        if (Scaler is { } scaler)
            yield return new(ScalerKey, Json(scaler));
        if (Metric is { } metric)
            yield return new(MetricKey, PythonText.Repr(metric));
    }

    /// <exception cref="UserException">Something is absent, is no JSON, or cannot be.</exception>
    public static TrainProgress Read(StateDict file)
    {
        var position = Fact<double[]>(file, PositionKey, p => p is [var epoch, var batch, _, >= 0]
            && IsCount(epoch) && IsCount(batch));
        return new()
        {
            Epoch = (int)position[0],
            Batch = (int)position[1],
            Loss = (position[2], position[3]),
            Updates = Fact<long>(file, UpdatesKey, n => n is >= 0 and < MostUpdates),
            Schedule = Fact<double[]>(file, ScheduleKey, s => !s.Any(double.IsNaN)),
            Scaler = file.Metadata.ContainsKey(ScalerKey) ? Fact<double[]>(file, ScalerKey, GradScaler.IsSound) : null,
            Results = Fact<EpochResult[]>(file, ResultsKey, all => all.All(r => r is { Epoch: >= 0 })),
            History = Fact<CheckpointHistory>(file, HistoryKey, h => h.IsSound),
            Named = Fact<int>(file, EpochKey, n => n >= 0),
            Metric = file.Metadata.ContainsKey(MetricKey) ? Fact<double>(file, MetricKey, double.IsFinite) : null,
        };
    }

    /// <summary>The updates among unchecked metadata; null where they are not there or no number.</summary>
    public static long? UpdatesOf(IReadOnlyDictionary<string, string> facts) =>
        long.TryParse(facts.GetValueOrDefault(UpdatesKey), CultureInfo.InvariantCulture, out var number)
            ? number : null;

    static bool IsCount(double x) => x is >= 0 and < int.MaxValue && Math.Floor(x) == x;

    static T Fact<T>(StateDict file, string key, Predicate<T> isRight)
    {
        try
        {
            if (file.Metadata.TryGetValue(key, out var text)
                && JsonSerializer.Deserialize<T>(text, Infinities) is { } value && isRight(value))
                return value;
        }
        catch (JsonException)
        {
        }
        throw new UserException(
            $"\"{file.Source}\" is damaged: its metadata \"{key}\" are absent, or say what cannot be.");
    }

    static string Json<T>(T value) => JsonSerializer.Serialize(value, Infinities);

    static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A checkpoint that was opened and checked.</summary>
/// <param name="File">The tensors, mapped until it is disposed, and all metadata.</param>
/// <param name="Progress">How far the training has come.</param>
public sealed record StoredTraining(StateDict File, TrainProgress Progress) : IDisposable
{
    /// <exception cref="UserException">The file is absent, damaged, or no checkpoint of a training.</exception>
    public static StoredTraining Read(string path)
    {
        var file = TrainCheckpoint.Read(path);
        try
        {
            return new(file, TrainProgress.Read(file));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Unmaps the file: its tensors cannot be read any more.</summary>
    public void Dispose() => File.Dispose();
}
