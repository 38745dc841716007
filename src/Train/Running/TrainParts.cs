using OnnxTimm.Data;
using OnnxTimm.Infer;

namespace OnnxTimm.Train;

/// <summary>
/// What a training is made of. Each part may be another: what is not in these files is added by giving it here, not by
/// changing the loop.
/// </summary>
public sealed record TrainParts
{
    /// <summary>The type of convolutions and products of matrices: float32, float16 or bfloat16.</summary>
    public DType Precision { get; init; } = DType.Float32;

    /// <summary>The network with its initial weights.</summary>
    public required Trainee Trainee { get; init; }

    /// <summary>Batches to train on.</summary>
    public required Loader Batches { get; init; }

    /// <summary>Mixes the images of a batch; null for none.</summary>
    public IBatchMix? Mix { get; init; }

    /// <summary>What is learned.</summary>
    public ITask Task { get; init; } = Classification.Plain;

    /// <summary>What is trained; null for all.</summary>
    public WeightSelection? Weights { get; init; }

    /// <summary>What a step keeps of its forward part, and what it computes again.</summary>
    public Keeping Keeping { get; init; } = Keepings.Costly;

    /// <summary>Which parameters are treated alike; those in no group are not trained.</summary>
    public required IReadOnlyList<ParamGroup> Groups { get; init; }

    /// <summary>Batches to validate on; null for none.</summary>
    public Loader? Validation { get; init; }

    /// <summary>Makes what measures weights on them.</summary>
    public Func<TrainParts, Loader, IEvaluator> Evaluator { get; init; } = (parts, loader) =>
        new Evaluator(parts.Trainee, loader, parts.Runtime, parts.Events, parts.Policy.LogInterval);

    /// <summary>What is done to the gradients of an update, in order.</summary>
    public IReadOnlyList<GradientStep> Gradients { get; init; } = [];

    /// <summary>How much the gradients of a batch count, by its number of images; equally by default.</summary>
    public Func<int, double>? BatchWeight { get; init; }

    /// <summary>What makes an update of the gradients.</summary>
    public required Optimizer Optimizer { get; init; }

    /// <summary>The engine of the optimizer.</summary>
    public Func<Optimizer, UpdateTargets, RuntimeOptions, IUpdate> Update { get; init; } = Updates.Of;

    /// <summary>The learning rate that the schedule starts from.</summary>
    public required double Lr { get; init; }

    /// <summary>Makes the schedule, for a number of updates in an epoch.</summary>
    public required Func<int, Schedule> Schedule { get; init; }

    /// <summary>How fast an average of the weights follows; null for none.</summary>
    public EmaDecay? Average { get; init; }

    /// <summary>What is done how often, and where files go.</summary>
    public RunPolicy Policy { get; init; } = new();

    /// <summary>Device and threads.</summary>
    public RuntimeOptions Runtime { get; init; } = new();

    /// <summary>Who watches; called on the thread that trains.</summary>
    public required IProgress<TrainEvent> Events { get; init; }
}

/// <summary>How a training runs: what is done how often, and where its files go.</summary>
public sealed record RunPolicy
{
    /// <summary>The folder of the run.</summary>
    public RunPlace Place { get; init; } = new("run");

    /// <summary>The options in force, as args.yaml.</summary>
    public string Args { get; init; } = "";

    /// <summary>Draws the results as a PNG file, curves.png; null for no picture.</summary>
    public Func<IReadOnlyList<EpochResult>, byte[]>? Curves { get; init; }

    /// <summary>
    /// Draws a batch, which has been normalised and mixed, as a JPEG file; written at each line of the log. Null for
    /// no pictures.
    /// </summary>
    public BatchPicture? Pictures { get; init; }

    /// <summary>Seed of dropout and stochastic depth.</summary>
    public int Seed { get; init; } = 42;

    /// <summary>Batches whose gradients make one update.</summary>
    public int BatchesPerUpdate { get; init; } = 1;

    /// <summary>Updates between two lines.</summary>
    public int LogInterval { get; init; } = 50;

    /// <summary>Epochs between two validations and checkpoints.</summary>
    public int ValInterval { get; init; } = 1;

    /// <summary>Updates between two checkpoints within an epoch; 0 for none.</summary>
    public int RecoveryInterval { get; init; }

    /// <summary>Checkpoints that are kept.</summary>
    public int Checkpoints { get; init; } = 10;

    /// <summary>What makes a checkpoint the best: top1, top5 or loss.</summary>
    public string Metric { get; init; } = "top1";

    /// <summary>Whether less of it is better.</summary>
    public bool IsDecreasing => Metric == "loss";

    /// <summary>Epochs without a better metric after which the training ends; null for none.</summary>
    public int? EarlyStop { get; init; }

    /// <summary>Checkpoint, or folder of a run, to go on from; null to begin.</summary>
    public string? Resume { get; init; }

    /// <summary>Takes the optimizer's state of that checkpoint too.</summary>
    public bool ResumesOptimizer { get; init; } = true;

    /// <summary>The epoch to begin with, whatever the checkpoint says; null for what it says.</summary>
    public int? StartEpoch { get; init; }
}

/// <summary>Draws the images of a batch as a file.</summary>
public delegate byte[] BatchPicture(ImageBatch images);

/// <summary>The folder of a run.</summary>
/// <param name="Folder">Where it is.</param>
/// <param name="IsNamed">Whether somebody chose its name; else a number behind it makes another.</param>
/// <param name="IsResumed">Whether the run that it holds goes on.</param>
public sealed record RunPlace(string Folder, bool IsNamed = true, bool IsResumed = false);
