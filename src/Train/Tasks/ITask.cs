using OnnxTimm.Data;

namespace OnnxTimm.Train;

/// <summary>
/// What is learned: a loss in the graph of a training step, and what feeds the inputs that the loss adds to the
/// network's, such as targets or a teacher's logits.
/// </summary>
/// <example>
/// <code>
/// sealed class Distillation(Func&lt;StepBatch, float[]&gt; teacher) : ITask
/// {
///     public Value Loss(TaskGraph g) =>
///         Losses.SoftTargetCrossEntropy(g.Logits, g.Input("teacher", g.Logits.Shape).Softmax());
///
///     public IReadOnlyList&lt;IFeeder&gt; Feeders =>
///         [new Feeder("teacher", (batch, to) => teacher(batch).CopyTo(to))];
/// }
/// </code>
/// </example>
public interface ITask
{
    /// <summary>Appends the loss of a batch, a scalar.</summary>
    Value Loss(TaskGraph graph);

    /// <summary>What fills the inputs that <see cref="Loss"/> has added, before each step, in order.</summary>
    IReadOnlyList<IFeeder> Feeders { get; }
}

/// <summary>The graph of a training step while a task appends its loss.</summary>
/// <param name="logits">What the network gives, [N, classes].</param>
public sealed class TaskGraph(Value logits)
{
    /// <summary>What the network gives, [N, classes].</summary>
    public Value Logits => logits;

    /// <summary>Adds an input of float32, which a feeder fills.</summary>
    /// <param name="name">Its name, such as "target".</param>
    /// <param name="shape">Its shape; the first dimension is N, that of the batch.</param>
    public Value Input(string name, Shape shape) => logits.Graph.Input(name, DType.Float32, shape);

    /// <summary>A value of the network by its name.</summary>
    /// <exception cref="UserException">There is none of that name.</exception>
    public Value Find(string name) => logits.Graph.Find(name)
        ?? throw new UserException($"The network has no value \"{name}\".");
}

/// <summary>Fills an input of a training step from the batch.</summary>
public interface IFeeder
{
    /// <summary>Name of the input.</summary>
    string Input { get; }

    /// <summary>Fills it.</summary>
    /// <param name="batch">The batch, as the network sees it.</param>
    /// <param name="to">The memory of the input.</param>
    void Fill(StepBatch batch, Span<float> to);
}

/// <summary>A feeder that is a function.</summary>
/// <param name="Input">Name of the input.</param>
/// <param name="With">Fills it.</param>
public sealed record Feeder(string Input, Feeder.Filling With) : IFeeder
{
    /// <summary>Fills the memory of an input for a batch.</summary>
    public delegate void Filling(StepBatch batch, Span<float> to);

    /// <inheritdoc/>
    public void Fill(StepBatch batch, Span<float> to) => With(batch, to);
}

/// <summary>What a training step is about to see.</summary>
public readonly ref struct StepBatch
{
    /// <summary>Normalised images, mixed where mixing is on, [N, channels, height, width].</summary>
    public required Span<float> Images { get; init; }

    /// <summary>The label of each image, then of those that are there as partners alone.</summary>
    public required ReadOnlySpan<long> Labels { get; init; }

    /// <summary>
    /// A value from 0 to 1 for each class of the data, [N, classes], where an image may have several labels; else
    /// empty.
    /// </summary>
    public ReadOnlySpan<float> Targets { get; init; }

    /// <summary>Which image of the data set each is, in the order of the labels.</summary>
    public ReadOnlySpan<int> Indices { get; init; }

    /// <summary>What each image is mixed with; empty where nothing was mixed.</summary>
    public ReadOnlySpan<Partner> Partners { get; init; }

    /// <summary>The epoch, from 0.</summary>
    public int Epoch { get; init; }

    /// <summary>Number of the batch in the epoch, from 0.</summary>
    public int Index { get; init; }
}
