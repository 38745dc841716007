using System.Numerics.Tensors;
using OnnxTimm.Conversion;

namespace OnnxTimm.Train;

/// <summary>A network that a student learns from.</summary>
public interface ITeacher
{
    /// <summary>Gives the logits of a batch, [N, classes], or its features, [N, width].</summary>
    /// <param name="images">The batch as the student sees it, [N, channels, height, width].</param>
    /// <param name="rows">The memory for them.</param>
    void Run(ReadOnlySpan<float> images, Span<float> rows);
}

/// <summary>What is taken from a teacher, under timm's names.</summary>
public sealed record DistillationOptions
{
    /// <summary>logit, feature, or token for networks with a head of the teacher's own.</summary>
    public string Type { get; init; } = "logit";

    /// <summary>Divides both logits before the softmax.</summary>
    public double Temperature { get; init; } = 4;

    /// <summary>Whether a token learns the class that the teacher finds, instead of all its probabilities.</summary>
    public bool IsHard { get; init; }

    /// <summary>Weight of what is learned from the labels; null for timm's rule.</summary>
    public double? TaskWeight { get; init; }

    /// <summary>Weight of what is learned from the teacher; null for timm's rule.</summary>
    public double? Weight { get; init; }

    static readonly string[] Types = ["logit", "feature", "token"];

    /// <exception cref="UserException">There is no such type.</exception>
    public void Check()
    {
        if (!Types.Contains(Type))
            throw Nearest.Unknown("kd-distill-type", Type, Types);
    }

    /// <summary>One weight alone is that of a whole, if it is the task's; else the other is 1.</summary>
    internal (double Task, double Teacher) Weights =>
        (TaskWeight ?? 1, Weight ?? (TaskWeight is { } task ? 1 - task : 1));
}

/// <summary>
/// Learning from labels and from a teacher (arXiv:1503.02531, with tokens 2012.12877), as timm/task has it: the
/// teacher sees the same images, mixed as they are.
/// </summary>
public sealed class Distillation : ITask
{
    const string Input = "teacher";

    /// <summary>Heads of a network that was built to be distilled: of the labels, and of the teacher.</summary>
    const string OwnHead = "logits_0", TeachersHead = "logits_1";

    readonly ITask task;
    readonly DistillationOptions options;

    /// <summary>
    /// The output of a student that is compared with its teacher's features: what its classifier reads, through a
    /// linear layer where the teacher's are of another width.
    /// </summary>
    const string Features = TrainingKeys.Task + "features";

    /// <param name="task">What is learned from the labels.</param>
    /// <param name="teacher">The teacher.</param>
    /// <param name="options">What is taken from it.</param>
    /// <exception cref="UserException">There is no such type.</exception>
    public Distillation(ITask task, ITeacher teacher, DistillationOptions options)
    {
        (this.task, this.options) = (task, options);
        options.Check();
        Feeders = [.. task.Feeders, new Feeder(Input, (batch, to) =>
        {
            teacher.Run(batch.Images, to);
            if (options is { Type: "token", IsHard: true })
                KeepLargest(to, batch.Labels.Length);
        })];
    }

    /// <inheritdoc/>
    public IReadOnlyList<IFeeder> Feeders { get; }

    /// <inheritdoc/>
    public Value Loss(TaskGraph graph)
    {
        var (own, taught) = options.Type switch
        {
            "token" => (Head(graph, OwnHead), Head(graph, TeachersHead)),
            "feature" => (graph.Logits, graph.Find(Features)),
            _ => (graph.Logits, graph.Logits),
        };
        var teacher = graph.Input(Input, taught.Shape);
        var distance = options switch
        {
            { Type: "feature" } => SquaredError(taught, teacher),
            { Type: "token", IsHard: true } => Losses.SoftTargetCrossEntropy(taught, teacher),
            _ => Divergence(taught, teacher, options.Temperature),
        };
        var (taskWeight, weight) = options.Weights;
        return task.Loss(new(own)) * taskWeight + distance * weight;
    }

    /// <summary>A student whose features can be compared with a teacher's, for the type feature.</summary>
    /// <param name="student">The network.</param>
    /// <param name="features">What its classifier reads, [N, its own width].</param>
    /// <param name="width">Width of the teacher's features.</param>
    public static Trainee WithFeatures(Trainee student, Value features, long width)
    {
        var projection = student.Graph.Root[TrainingKeys.Task + "projection"];
        student.Graph.Output(Features, features.Features == width ? features.Identity()
            : features.Linear(projection, checked((int)width)));
        return student with { TaskOutputs = [.. student.TaskOutputs, Features] };
    }

    static Value SquaredError(Value student, Value teacher)
    {
        var difference = student - teacher;
        return (difference * difference).ReduceMean(keepDims: false);
    }

    /// <summary>How far the student's probabilities are from the teacher's, times the squared temperature.</summary>
    static Value Divergence(Value student, Value teacher, double temperature)
    {
        var (log, wanted) = ((student / temperature).LogSoftmax(), teacher / temperature);
        return (wanted.Softmax() * (wanted.LogSoftmax() - log)).ReduceSum([-1], keepDims: false)
            .ReduceMean(keepDims: false) * (temperature * temperature);
    }

    static Value Head(TaskGraph graph, string name) => graph.Logits.Graph.Find(name) ?? throw new UserException(
        "--kd-distill-type token needs a network with a head for the teacher, such as "
        + "deit_tiny_distilled_patch16_224.");

    /// <summary>Rows of 1 at the largest value, and 0 elsewhere.</summary>
    static void KeepLargest(Span<float> rows, int count)
    {
        var width = rows.Length / count;
        for (var i = 0; i < count; i++)
        {
            var row = rows.Slice(i * width, width);
            var largest = TensorPrimitives.IndexOfMax(row);
            row.Clear();
            row[largest] = 1;
        }
    }
}
