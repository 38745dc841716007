using System.Numerics.Tensors;

namespace OnnxTimm.Train;

/// <summary>
/// A factor of the loss that keeps small gradients of float16 from becoming 0, by the rule of torch.amp.GradScaler: it
/// is halved when gradients overflow, whose update is left out, and doubled after 2,000 updates that do not.
/// </summary>
sealed class GradScaler
{
    const double Start = 65536, Growth = 2, Backoff = 0.5;

    const int GrowthInterval = 2000;

    double good;

    /// <summary>The factor.</summary>
    public double Scale { get; private set; } = Start;

    /// <summary>Updates that were left out so far.</summary>
    public long Skipped { get; private set; }

    /// <summary>What a checkpoint keeps: factor, updates since it last changed, updates that were left out.</summary>
    public double[] State
    {
        get => [Scale, good, Skipped];
        set => (Scale, good, Skipped) = (value[0], value[1], (long)value[2]);
    }

    /// <summary>Whether a state is one.</summary>
    public static bool IsSound(double[] state) => state is
        [> 0 and < double.PositiveInfinity, >= 0 and < GrowthInterval, >= 0 and < 1L << 53];

    /// <summary>
    /// Whether an update can be made of gradients, which are those of the loss times <see cref="Scale"/>; moves the
    /// factor.
    /// </summary>
    public bool Accepts(ReadOnlySpan<float> gradients)
    {
        if (!TensorPrimitives.IsFiniteAll(gradients))
        {
            (Scale, good) = (Scale * Backoff, 0);
            Skipped++;
            return false;
        }
        if (++good == GrowthInterval)
            (Scale, good) = (Scale * Growth, 0);
        return true;
    }
}
