using OnnxTimm.Data;

namespace OnnxTimm.Train;

/// <summary>
/// The steps of a training, one for each size of its batches, over the same parameters and gradients. A further one is
/// opened when the first batch of its size comes.
/// </summary>
sealed class SizedSteps : IDisposable
{
    readonly TrainParts parts;
    readonly Func<Graph, StepGraph> make;
    readonly SizedStep?[] steps;

    /// <param name="parts">The training.</param>
    /// <param name="make">Makes the step of the network for one size.</param>
    /// <exception cref="UserException">The network has not all of the sizes, or cannot be trained.</exception>
    public SizedSteps(TrainParts parts, Func<Graph, StepGraph> make)
    {
        (this.parts, this.make, steps) = (parts, make, new SizedStep?[parts.Batches.Sizes.Count]);
        var sizes = Enumerable.Range(0, steps.Length).ToArray();
        foreach (var size in sizes.Where(size => !IsOwn(size)))
            CheckWeights(Network(parts, size), parts.Batches.Sizes[size].Shape);
        // Its own size has the initial weights; where no batch has it, memory is laid out by the network all the same.
        var first = Math.Max(0, Array.FindIndex(sizes, IsOwn));
        var step = make(Network(parts, first));
        Session = new(step, parts.Trainee.Graph.Weights, BatchMixing.Kept(parts, first), parts.Runtime,
            half: parts.Precision);
        steps[first] = new(first, Session, new(Session, parts));
    }

    /// <summary>The first that was opened; parameters, statistics and gradients are those of all.</summary>
    public GradientSession Session { get; }

    /// <summary>The step of a size.</summary>
    /// <exception cref="UserException">ONNX Runtime cannot run it.</exception>
    public SizedStep this[int size] => steps[size] ??= Open(size);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var step in steps)
            step?.Session.Dispose();
    }

    SizedStep Open(int size)
    {
        var step = make(Network(parts, size));
        var session = Session.Sized(step, BatchMixing.Kept(parts, size));
        return new(size, session, new(session, parts));
    }

    bool IsOwn(int size) => IsOwn(parts, size);

    static bool IsOwn(TrainParts parts, int size)
    {
        var (shape, image) = (parts.Batches.Sizes[size].Shape, parts.Trainee.Graph.Inputs[0]);
        // A network that is deployed takes any number of patches, a step a fixed one.
        return shape.Patches is null
            && (parts.Batches.Sizes.Count == 1 || (shape.Height, shape.Width) == (image.Height, image.Width));
    }

    /// <summary>The network for a size of the batches; the training's own where that is its size.</summary>
    /// <exception cref="UserException">It has not that size.</exception>
    internal static Graph Network(TrainParts parts, int size)
    {
        var shape = parts.Batches.Sizes[size].Shape;
        return IsOwn(parts, size) ? parts.Trainee.Graph
            : parts.Trainee.Resized?.Invoke(shape) ?? throw new UserException(
                $"{parts.Trainee.Architecture} has one size of image here, not {shape.Image} too.");
    }

    void CheckWeights(Graph resized, BatchShape shape)
    {
        var own = parts.Trainee.Graph;
        foreach (var weight in resized.Weights)
            if (own.Find(weight.Name) is not { } same || !same.Shape.Sizes.SequenceEqual(weight.Shape.Sizes))
                throw new UserException($"{parts.Trainee.Architecture} cannot be trained on images of several sizes: "
                    + $"{weight.Name} is another array for {shape.Image}, {weight.Shape}.");
    }
}

/// <summary>The step of one size.</summary>
/// <param name="Size">Which of the sizes.</param>
/// <param name="Session">What computes it.</param>
/// <param name="Inputs">What fills its inputs.</param>
sealed record SizedStep(int Size, GradientSession Session, StepInputs Inputs);
