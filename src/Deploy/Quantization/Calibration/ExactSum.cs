namespace OnnxTimm.Deploy;

/// <summary>
/// A sum that is the same in whatever order its numbers come: an integer, in units far below what float32 has left of
/// numbers that a network gives.
/// </summary>
struct ExactSum
{
    /// <summary>A unit is two to this negative power.</summary>
    const int Fraction = 50;

    Int128 units;

    /// <summary>Adds a number.</summary>
    public void Add(double x) => units += (Int128)Math.ScaleB(x, Fraction);

    /// <summary>Adds what another has.</summary>
    public void Add(ExactSum other) => units += other.units;

    /// <summary>The sum over a number.</summary>
    public readonly double Over(long count) => Math.ScaleB((double)units, -Fraction) / Math.Max(1, count);
}
