namespace OnnxTimm.Data;

/// <summary>
/// Random numbers that follow from a seed and a place (epoch, sample, purpose) alone, so that a sample meets the same
/// ones on any thread and in any order: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3").
/// </summary>
public class CounterRandom(ulong seed)
{
    const int Rounds = 10;

    readonly uint[] block = new uint[4];
    (uint A, uint B, uint C) place;
    uint blocks;
    int used = 4;

    /// <summary>Goes to the beginning of a place's numbers.</summary>
    public CounterRandom At(int epoch, int sample, int purpose = 0)
    {
        place = ((uint)sample, (uint)epoch, (uint)purpose);
        (blocks, used) = (0, block.Length);
        return this;
    }

    /// <summary>Goes to the beginning of other numbers of the same place.</summary>
    /// <param name="branch">Which, from 1.</param>
    public void Branch(int branch)
    {
        place.C = (place.C & 0xFFFF) | ((uint)branch << 16);
        (blocks, used) = (0, block.Length);
    }

    /// <summary>A number in [0, 1) with 53 bits.</summary>
    public virtual double NextDouble() => ((((ulong)NextBits() << 32) | NextBits()) >> 11) * (1.0 / (1UL << 53));

    /// <summary>A number between two, as Python's <c>random.uniform</c>: rounding may give the second.</summary>
    public virtual double Uniform(double from, double to) => from + (to - from) * NextDouble();

    /// <summary>An integer in <paramref name="from"/>..<paramref name="to"/>, both included.</summary>
    public virtual int Integer(int from, int to) => from + (int)(((ulong)NextBits() * (uint)(to - from + 1)) >> 32);

    /// <summary>True with that probability.</summary>
    public bool Chance(double probability) => NextDouble() < probability;

    /// <summary>A number from the standard normal distribution (Box and Muller).</summary>
    public virtual double Normal() =>
        Math.Sqrt(-2 * Math.Log(1 - NextDouble())) * Math.Cos(2 * Math.PI * NextDouble());

    /// <summary>The same many times, in float32: of 24 bits, which end before 6.</summary>
    public virtual void Normals(Span<float> to)
    {
        for (var i = 0; i < to.Length; i += 2)
        {
            var radius = MathF.Sqrt(-2 * MathF.Log(((NextBits() >> 8) + 1) * (1f / (1 << 24))));
            var (sin, cos) = MathF.SinCos((NextBits() >> 8) * (2 * MathF.PI / (1 << 24)));
            to[i] = radius * cos;
            if (i + 1 < to.Length)
                to[i + 1] = radius * sin;
        }
    }

    /// <summary>A number from the beta distribution.</summary>
    public virtual double Beta(double alpha, double beta)
    {
        var (a, b) = (LogGamma(alpha), LogGamma(beta));
        return 1 / (1 + Math.Exp(b - a));
    }

    /// <summary>A number from the symmetric beta distribution.</summary>
    public double Beta(double alpha) => Beta(alpha, alpha);

    /// <summary>Shares of one from the symmetric Dirichlet distribution.</summary>
    public double[] Dirichlet(double alpha, int count)
    {
        var logs = new double[count];
        foreach (ref var log in logs.AsSpan())
            log = LogGamma(alpha);
        var most = logs.Max();
        var sum = logs.Sum(log => Math.Exp(log - most));
        return [.. logs.Select(log => Math.Exp(log - most) / sum)];
    }

    /// <summary>Brings items into random order.</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = Integer(0, i);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    /// <summary>
    /// The logarithm of a number from the gamma distribution, which for a small shape underflows itself (Marsaglia and
    /// Tsang, "A simple method for generating gamma variables").
    /// </summary>
    double LogGamma(double shape)
    {
        if (shape < 1)
            return LogGamma(shape + 1) + Math.Log(1 - NextDouble()) / shape;
        var d = shape - 1.0 / 3;
        while (true)
        {
            var x = Normal();
            var v = Math.Pow(1 + x / Math.Sqrt(9 * d), 3);
            if (v > 0 && Math.Log(1 - NextDouble()) < x * x / 2 + d - d * v + d * Math.Log(v))
                return Math.Log(d * v);
        }
    }

    uint NextBits()
    {
        if (used == block.Length)
        {
            (block[0], block[1], block[2], block[3]) = Philox((blocks++, place.A, place.B, place.C), seed);
            used = 0;
        }
        return block[used++];
    }

    /// <summary>The block of a counter and a key.</summary>
    internal static (uint, uint, uint, uint) Philox((uint A, uint B, uint C, uint D) counter, ulong key)
    {
        var (k0, k1) = ((uint)key, (uint)(key >> 32));
        for (var round = 0; round < Rounds; round++, k0 += 0x9E3779B9, k1 += 0xBB67AE85)
        {
            var x = (ulong)counter.A * 0xD2511F53;
            var y = (ulong)counter.C * 0xCD9E8D57;
            counter = ((uint)(y >> 32) ^ counter.B ^ k0, (uint)y, (uint)(x >> 32) ^ counter.D ^ k1, (uint)x);
        }
        return counter;
    }
}
