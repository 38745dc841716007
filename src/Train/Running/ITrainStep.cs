namespace OnnxTimm.Train;

/// <summary>Forward and backward of a network over a batch. Its tensors are bound once and reused for each step.</summary>
public interface ITrainStep : IDisposable
{
    /// <summary>Read by each step; whoever trains changes them between steps.</summary>
    FlatTensors Parameters { get; }

    /// <summary>Running statistics; moved by each step.</summary>
    FlatTensors Stats { get; }

    /// <summary>What the last step gave: the gradient of its loss by each parameter.</summary>
    FlatTensors Gradients { get; }

    /// <summary>Images of a step, [N, C, H, W], to be filled before it.</summary>
    Span<float> Images { get; }

    /// <summary>Soft targets of a step, [N, classes], to be filled before it.</summary>
    Span<float> Targets { get; }

    /// <summary>Images of a batch.</summary>
    int BatchSize { get; }

    int Classes { get; }

    /// <summary>Computes loss, gradients and statistics.</summary>
    /// <param name="update">Number of the step, which chance (dropout, stochastic depth) follows from.</param>
    /// <returns>The loss.</returns>
    double Run(long update);
}
