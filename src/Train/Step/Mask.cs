using OnnxTimm.Data;

namespace OnnxTimm.Train;

/// <summary>What the host draws for each step: the reason of a node that acts in training alone.</summary>
/// <param name="Input">Name of the graph input.</param>
/// <param name="Shape">Its shape.</param>
public abstract record Mask(string Input, Shape Shape)
{
    /// <summary>The number that says how it is drawn, by its name in files.</summary>
    public abstract (string Name, double Value) Law { get; }

    /// <summary>Fills it for a step.</summary>
    public abstract void Draw(CounterRandom random, Span<float> to);
}

/// <summary>Zeros by chance, and 1 / (1 - ratio) elsewhere.</summary>
/// <param name="Input">Name of the graph input.</param>
/// <param name="Shape">
/// Shape of the mask; for stochastic depth [N, 1, ...], for DropBlock [N, 1, H, W], where a zero lies in the middle of
/// each square.
/// </param>
/// <param name="Ratio">Share of zeros.</param>
public sealed record DropMask(string Input, Shape Shape, double Ratio) : Mask(Input, Shape)
{
    /// <inheritdoc/>
    public override (string Name, double Value) Law => ("ratio", Ratio);

    /// <inheritdoc/>
    public override void Draw(CounterRandom random, Span<float> to)
    {
        var kept = (float)(1 / (1 - Ratio));
        foreach (ref var x in to)
            x = random.Chance(Ratio) ? 0 : kept;
    }
}

/// <summary>One factor for all images, whose logarithm is uniform between those of 1 / most and most.</summary>
/// <param name="Input">Name of the graph input, a scalar.</param>
/// <param name="Most">The largest factor.</param>
public sealed record FactorMask(string Input, double Most) : Mask(Input, Shape.Scalar)
{
    /// <inheritdoc/>
    public override (string Name, double Value) Law => ("most", Most);

    /// <inheritdoc/>
    public override void Draw(CounterRandom random, Span<float> to) =>
        to.Fill((float)Math.Exp(random.Uniform(-Math.Log(Most), Math.Log(Most))));
}
