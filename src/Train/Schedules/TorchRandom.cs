namespace OnnxTimm.Train;

/// <summary>PyTorch's generator on a CPU (Mersenne twister 19937), as far as single normal draws go.</summary>
sealed class TorchRandom
{
    const int Size = 624, Shift = 397;

    readonly uint[] state = new uint[Size];
    int next = Size;

    public TorchRandom(uint seed)
    {
        state[0] = seed;
        for (var i = 1; i < Size; i++)
            state[i] = 1812433253 * (state[i - 1] ^ (state[i - 1] >> 30)) + (uint)i;
    }

    /// <summary>
    /// Standard normal numbers as successive calls of torch.randn(1) give them: in pairs, by Box and Muller.
    /// </summary>
    public IEnumerable<double> Normals()
    {
        while (true)
        {
            var angle = 2 * Math.PI * Uniform();
            var radius = Math.Sqrt(-2 * double.LogP1(-Uniform()));
            yield return (float)(radius * Math.Cos(angle));
            yield return (float)(radius * Math.Sin(angle));
        }
    }

    double Uniform() => ((((ulong)Next() << 32) | Next()) & ((1UL << 53) - 1)) * (1.0 / (1UL << 53));

    uint Next()
    {
        if (next == Size)
            Twist();
        var y = state[next++];
        y ^= y >> 11;
        y ^= (y << 7) & 0x9D2C5680;
        y ^= (y << 15) & 0xEFC60000;
        return y ^ (y >> 18);
    }

    void Twist()
    {
        for (var i = 0; i < Size; i++)
        {
            var y = (state[i] & 0x80000000) | (state[(i + 1) % Size] & 0x7FFFFFFF);
            state[i] = state[(i + Shift) % Size] ^ (y >> 1) ^ ((y & 1) == 0 ? 0 : 0x9908B0DF);
        }
        next = 0;
    }
}
