using System.Globalization;
using System.Text.Json;

namespace OnnxTimm.Train;

/// <summary>
/// Everything that a training carries from step to step. What is not here follows from the options: order of the
/// images, augmentation and dropout are functions of seed, epoch and number of the batch.
/// </summary>
public sealed class TrainState
{
    /// <summary>The epoch that is under way or comes next.</summary>
    public int Epoch { get; set; }

    /// <summary>Batches of this epoch that are done.</summary>
    public int Batch { get; set; }

    /// <summary>Updates so far, over all epochs.</summary>
    public long Updates { get; set; }

    /// <summary>Loss over the batches of this epoch.</summary>
    public Meter Loss { get; set; } = new();

    public List<EpochResult> Results { get; } = [];

    public CheckpointHistory History { get; set; } = CheckpointHistory.Empty;

    /// <summary>Weights, averages and optimizer, which are parts of their own.</summary>
    public required TrainTensors Tensors { get; init; }

    public required Schedule Schedule { get; init; }

    /// <summary>Goes on to the next epoch.</summary>
    /// <param name="metric">The metric of the one that ended; null when it was not measured.</param>
    public void NextEpoch(double? metric)
    {
        (Epoch, Batch, Loss) = (Epoch + 1, 0, new());
        Schedule.BeforeEpoch(Epoch, metric);
    }

    /// <summary>Goes to the beginning of an epoch, whatever a checkpoint said.</summary>
    public void StartAt(int epoch, int updatesPerEpoch)
    {
        (Epoch, Batch, Loss, Updates) = (epoch, 0, new(), (long)epoch * updatesPerEpoch);
        Schedule.BeforeEpoch(epoch);
        Schedule.BeforeUpdate(Updates);
    }

    /// <summary>Writes a checkpoint.</summary>
    /// <param name="path">The file.</param>
    /// <param name="trainee">Whose weights they are.</param>
    /// <param name="args">The options in force, as args.yaml.</param>
    /// <param name="done">The epoch that the checkpoint is called after.</param>
    /// <param name="metric">Its metric; null within an epoch.</param>
    public void Save(string path, string trainee, string args, int done, double? metric)
    {
        var facts = new Dictionary<string, string>
        {
            ["arch"] = trainee,
            ["epoch"] = Text(done),
            ["version"] = "2",
            ["args"] = args,
            ["onnxtimm.position"] = JsonSerializer.Serialize((double[])[Epoch, Batch, Loss.Sum, Loss.Weight],
                Infinities),
            [CheckpointFolder.UpdatesKey] = Text(Updates),
            ["onnxtimm.schedule"] = JsonSerializer.Serialize(Schedule.State, Infinities),
            ["onnxtimm.results"] = JsonSerializer.Serialize(Results, Infinities),
            ["onnxtimm.history"] = History.ToJson(),
        };
        if (metric is { } value)
            facts["metric"] = PythonText.Repr(value);
        TrainCheckpoint.Write(path, [.. Tensors.All()], facts);
    }

    /// <summary>Goes on where a checkpoint ends.</summary>
    /// <param name="path">The file.</param>
    /// <param name="optimizer">Whether the optimizer's state is taken too.</param>
    /// <returns>The epoch that the checkpoint ends; null for one within an epoch.</returns>
    /// <exception cref="UserException">The file is damaged or of another network.</exception>
    public int? Load(string path, bool optimizer = true)
    {
        using var file = TrainCheckpoint.Read(path);
        Tensors.Load(file, optimizer);
        var position = JsonSerializer.Deserialize<double[]>(file.Metadata["onnxtimm.position"], Infinities)!;
        (Epoch, Batch) = ((int)position[0], (int)position[1]);
        Loss.Restore(position[2], position[3]);
        Updates = TrainCheckpoint.Integer(file.Metadata, CheckpointFolder.UpdatesKey);
        Tensors.Update.Step = optimizer ? Updates : 0;
        Results.Clear();
        Results.AddRange(JsonSerializer.Deserialize<EpochResult[]>(file.Metadata["onnxtimm.results"], Infinities)!);
        History = CheckpointHistory.FromJson(file.Metadata["onnxtimm.history"]);
        var schedule = JsonSerializer.Deserialize<double[]>(file.Metadata["onnxtimm.schedule"], Infinities)!;
        if (schedule.Length == Schedule.State.Length)
            Schedule.State = schedule;
        Schedule.BeforeEpoch(Epoch);
        Schedule.BeforeUpdate(Updates);
        return file.Metadata.ContainsKey("metric") ? (int)TrainCheckpoint.Integer(file.Metadata, "epoch") : null;
    }

    static readonly JsonSerializerOptions Infinities = new()
    {
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
