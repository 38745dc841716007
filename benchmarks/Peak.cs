using System.Numerics;
using System.Runtime.CompilerServices;

namespace OnnxTimm.Benchmarks;

/// <summary>What the machine can do at most, measured.</summary>
static class Peak
{
    /// <summary>Floating-point operations a second of multiply-adds that wait for nothing.</summary>
    public static double Arithmetic(int threads)
    {
        const int Steps = 20_000_000, Sums = 12;
        var best = Clock.Best(5, () => OnThreads(threads, _ => Keep(MultiplyAdd(Steps))));
        return threads * 2.0 * Steps * Sums * Vector<float>.Count / best * 1000;
    }

    /// <summary>Bytes a second, read and written, of a copy larger than the caches.</summary>
    public static double Copy(int threads)
    {
        const int Floats = 16 << 20;
        var (from, to) = (new float[threads][], new float[threads][]);
        for (var t = 0; t < threads; t++)
            (from[t], to[t]) = (new float[Floats], new float[Floats]);
        var best = Clock.Best(5, () => OnThreads(threads, t => from[t].CopyTo(to[t].AsSpan())));
        return threads * 2.0 * Floats * sizeof(float) / best * 1000;
    }

    static void OnThreads(int threads, Action<int> work)
    {
        Thread[] all = [.. Enumerable.Range(0, threads).Select(t => new Thread(() => work(t)))];
        foreach (var thread in all)
            thread.Start();
        foreach (var thread in all)
            thread.Join();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static Vector<float> MultiplyAdd(int steps)
    {
        var x = new Vector<float>(0.5f);
        Vector<float> a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x, k = x, l = x;
        for (var s = 0; s < steps; s++)
        {
            (a, b, c) = (Vector.FusedMultiplyAdd(x, x, a), Vector.FusedMultiplyAdd(x, x, b),
                Vector.FusedMultiplyAdd(x, x, c));
            (d, e, f) = (Vector.FusedMultiplyAdd(x, x, d), Vector.FusedMultiplyAdd(x, x, e),
                Vector.FusedMultiplyAdd(x, x, f));
            (g, h, i) = (Vector.FusedMultiplyAdd(x, x, g), Vector.FusedMultiplyAdd(x, x, h),
                Vector.FusedMultiplyAdd(x, x, i));
            (j, k, l) = (Vector.FusedMultiplyAdd(x, x, j), Vector.FusedMultiplyAdd(x, x, k),
                Vector.FusedMultiplyAdd(x, x, l));
        }
        return a + b + c + d + e + f + g + h + i + j + k + l;
    }

    static void Keep(Vector<float> sum)
    {
        if (sum[0] == 0)
            throw new InvalidOperationException();
    }
}
