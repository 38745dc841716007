namespace OnnxTimm.Train;

/// <summary>
/// Noise on the learning rate: a draw for each time, from PyTorch's generator, repeated until it is small enough.
/// </summary>
/// <param name="seed">Seed; the time is added to it.</param>
/// <param name="limit">Largest relative change.</param>
/// <param name="deviation">Standard deviation of the draws.</param>
/// <param name="from">First time with noise.</param>
/// <param name="to">First time without noise again.</param>
public sealed class LrNoise(int seed, double limit, double deviation, double from, double to = double.PositiveInfinity)
{
    /// <summary>The relative change of the rate at a time.</summary>
    public double At(double t) =>
        from <= t && t < to ? new TorchRandom((uint)(seed + (long)t)).Normals().Select(n => n * deviation)
            .First(n => Math.Abs(n) < limit) : 0;
}
