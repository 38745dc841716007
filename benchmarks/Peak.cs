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
        var (work, lanes) = Vector512.IsHardwareAccelerated ? ((Func<int, float>)MultiplyAdd<Width512, Vector512<float>>, 16)
            : (MultiplyAdd<Width256, Vector256<float>>, 8);
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

    /// <summary>Twelve sums: more than the units have multiply-adds in flight, and no more than there are registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static float MultiplyAdd<TWidth, T>(int steps) where TWidth : IWidth<T>
    {
        var x = TWidth.All(0.5f);
        T a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x, k = x, l = x;
        for (var s = 0; s < steps; s++)
        {
            (a, b, c) = (TWidth.Add(x, a), TWidth.Add(x, b), TWidth.Add(x, c));
            (d, e, f) = (TWidth.Add(x, d), TWidth.Add(x, e), TWidth.Add(x, f));
            (g, h, i) = (TWidth.Add(x, g), TWidth.Add(x, h), TWidth.Add(x, i));
            (j, k, l) = (TWidth.Add(x, j), TWidth.Add(x, k), TWidth.Add(x, l));
        }
        return TWidth.First(a) + TWidth.First(b) + TWidth.First(c) + TWidth.First(d) + TWidth.First(e) + TWidth.First(f)
            + TWidth.First(g) + TWidth.First(h) + TWidth.First(i) + TWidth.First(j) + TWidth.First(k) + TWidth.First(l);
    }

    static void Keep(float sum)
    {
        if (sum == 0)
            throw new InvalidOperationException();
    }

    /// <summary>Registers of one width.</summary>
    interface IWidth<T>
    {
        static abstract T All(float x);

        /// <summary>The square of a number, added to a sum.</summary>
        static abstract T Add(T x, T sum);

        static abstract float First(T x);
    }

    readonly struct Width512 : IWidth<Vector512<float>>
    {
        public static Vector512<float> All(float x) => Vector512.Create(x);

        public static Vector512<float> Add(Vector512<float> x, Vector512<float> sum) =>
            Vector512.FusedMultiplyAdd(x, x, sum);

        public static float First(Vector512<float> x) => x[0];
    }

    readonly struct Width256 : IWidth<Vector256<float>>
    {
        public static Vector256<float> All(float x) => Vector256.Create(x);

        public static Vector256<float> Add(Vector256<float> x, Vector256<float> sum) =>
            Vector256.FusedMultiplyAdd(x, x, sum);

        public static float First(Vector256<float> x) => x[0];
    }
}
