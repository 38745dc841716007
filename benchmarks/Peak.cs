using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OnnxTimm.Benchmarks;

/// <summary>What the machine can do at most, measured.</summary>
static class Peak
{
    /// <summary>Floating-point operations a second of multiply-adds that wait for nothing.</summary>
    public static double Arithmetic(int threads)
    {
        const int Steps = 20_000_000, Sums = 12;
        var (work, lanes) = Vector512.IsHardwareAccelerated ? ((Func<int, float>)MultiplyAdd512, 16)
            : (MultiplyAdd256, 8);
        var best = Clock.Best(5, () => OnThreads(threads, _ => Keep(work(Steps))));
        return threads * 2.0 * Steps * Sums * lanes / best * 1000;
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
    static float MultiplyAdd512(int steps)
    {
        var x = Vector512.Create(0.5f);
        Vector512<float> a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x, k = x, l = x;
        for (var s = 0; s < steps; s++)
        {
            (a, b, c) = (Vector512.FusedMultiplyAdd(x, x, a), Vector512.FusedMultiplyAdd(x, x, b),
                Vector512.FusedMultiplyAdd(x, x, c));
            (d, e, f) = (Vector512.FusedMultiplyAdd(x, x, d), Vector512.FusedMultiplyAdd(x, x, e),
                Vector512.FusedMultiplyAdd(x, x, f));
            (g, h, i) = (Vector512.FusedMultiplyAdd(x, x, g), Vector512.FusedMultiplyAdd(x, x, h),
                Vector512.FusedMultiplyAdd(x, x, i));
            (j, k, l) = (Vector512.FusedMultiplyAdd(x, x, j), Vector512.FusedMultiplyAdd(x, x, k),
                Vector512.FusedMultiplyAdd(x, x, l));
        }
        return (a + b + c + d + e + f + g + h + i + j + k + l)[0];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static float MultiplyAdd256(int steps)
    {
        var x = Vector256.Create(0.5f);
        Vector256<float> a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x, k = x, l = x;
        for (var s = 0; s < steps; s++)
        {
            (a, b, c) = (Vector256.FusedMultiplyAdd(x, x, a), Vector256.FusedMultiplyAdd(x, x, b),
                Vector256.FusedMultiplyAdd(x, x, c));
            (d, e, f) = (Vector256.FusedMultiplyAdd(x, x, d), Vector256.FusedMultiplyAdd(x, x, e),
                Vector256.FusedMultiplyAdd(x, x, f));
            (g, h, i) = (Vector256.FusedMultiplyAdd(x, x, g), Vector256.FusedMultiplyAdd(x, x, h),
                Vector256.FusedMultiplyAdd(x, x, i));
            (j, k, l) = (Vector256.FusedMultiplyAdd(x, x, j), Vector256.FusedMultiplyAdd(x, x, k),
                Vector256.FusedMultiplyAdd(x, x, l));
        }
        return (a + b + c + d + e + f + g + h + i + j + k + l)[0];
    }

    static void Keep(float sum)
    {
        if (sum == 0)
            throw new InvalidOperationException();
    }
}
