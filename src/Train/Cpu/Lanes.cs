using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace OnnxTimm.Train.Cpu;

/// <summary>
/// Sixteen floats at once, in the portable 512-bit form: one register with AVX-512, two with AVX2, four on ARM.
/// The last elements of a row are a part of sixteen, the rest of which is zero.
/// </summary>
static unsafe class Lanes
{
    public const int Count = 16;

    static readonly int* Ramp = MakeRamp();

    static Vector512<int> Evens => Vector512.CreateSequence(0, 2);

    static Vector512<int> Odds => Vector512.CreateSequence(1, 2);

    static Vector512<int> FirstPairs => Vector512.Create(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);

    static Vector512<int> LastPairs => FirstPairs + Vector512.Create(8);

    /// <summary>Sixteen elements, or what there is left of a row.</summary>
    public static Vector512<float> Load(float* source, int rest) =>
        rest >= Count ? Vector512.Load(source) : LoadPart(source, rest);

    /// <summary>Writes sixteen elements, or as many as there are left of a row.</summary>
    public static void Store(Vector512<float> v, float* target, int rest)
    {
        if (rest >= Count)
            v.Store(target);
        else
            StorePart(v, target, rest);
    }

    /// <summary>The first elements, of which there are fewer than sixteen; zeros behind them.</summary>
    public static Vector512<float> LoadPart(float* source, int count)
    {
        if (Avx512F.IsSupported)
            return Avx512F.MaskLoad(source, Mask(count), Vector512<float>.Zero);
        if (Avx.IsSupported)
            return Vector512.Create(Avx.MaskLoad(source, Mask(count).GetLower()),
                Avx.MaskLoad(source + Count / 2, Mask(count).GetUpper()));
        var buffer = stackalloc float[Count];
        new Span<float>(source, count).CopyTo(new Span<float>(buffer, count));
        return Vector512.Load(buffer) & Mask(count);
    }

    /// <summary>
    /// Writes the first elements, of which there are fewer than sixteen. By halves where there is no AVX-512: many
    /// processors take some forty operations for a masked store of AVX.
    /// </summary>
    public static void StorePart(Vector512<float> v, float* target, int count)
    {
        if (Avx512F.IsSupported)
        {
            Avx512F.MaskStore(target, Mask(count), v);
            return;
        }
        var eight = v.GetLower();
        if ((count & 8) != 0)
        {
            eight.Store(target);
            eight = v.GetUpper();
            target += 8;
        }
        var four = eight.GetLower();
        if ((count & 4) != 0)
        {
            four.Store(target);
            four = eight.GetUpper();
            target += 4;
        }
        if ((count & 2) != 0)
        {
            *(ulong*)target = four.AsUInt64().ToScalar();
            four = Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1));
            target += 2;
        }
        if ((count & 1) != 0)
            *target = four.ToScalar();
    }

    /// <summary>The even and the odd ones of 32 neighbours.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector512<float> Even, Vector512<float> Odd) Unzip(float* source)
    {
        var (lower, upper) = (Vector512.Load(source), Vector512.Load(source + Count));
        if (Avx512F.IsSupported)
            return (Avx512F.PermuteVar16x32x2(lower, Evens, upper), Avx512F.PermuteVar16x32x2(lower, Odds, upper));
        var (a, b, c, d) = (Split(lower.GetLower()), Split(lower.GetUpper()), Split(upper.GetLower()),
            Split(upper.GetUpper()));
        return (Vector512.Create(Vector256.Create(a.GetLower(), b.GetLower()),
            Vector256.Create(c.GetLower(), d.GetLower())), Vector512.Create(
            Vector256.Create(a.GetUpper(), b.GetUpper()), Vector256.Create(c.GetUpper(), d.GetUpper())));
    }

    /// <summary>Writes 32 neighbours, of which these are the even and the odd ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Zip(Vector512<float> even, Vector512<float> odd, float* target)
    {
        if (Avx512F.IsSupported)
        {
            Avx512F.PermuteVar16x32x2(even, FirstPairs, odd).Store(target);
            Avx512F.PermuteVar16x32x2(even, LastPairs, odd).Store(target + Count);
            return;
        }
        Strided.InterleaveEight(even.GetLower(), odd.GetLower(), target);
        Strided.InterleaveEight(even.GetUpper(), odd.GetUpper(), target + Count);
    }

    /// <summary>Even ones, then odd ones.</summary>
    static Vector256<float> Split(Vector256<float> v) => Vector256.Shuffle(v, Vector256.Create(0, 2, 4, 6, 1, 3, 5, 7));

    /// <summary>Asks for what will be read some time later.</summary>
    public static void Prefetch(float* later)
    {
        if (Sse.IsSupported)
            Sse.Prefetch0(later);
    }

    /// <summary>All bits set in the first lanes, none in the others.</summary>
    public static Vector512<float> Mask(int count) => Vector512.Load(Ramp + Count - count).AsSingle();

    /// <summary>a b + c, in one rounding where the processor has that.</summary>
    public static Vector512<float> Fma(Vector512<float> a, Vector512<float> b, Vector512<float> c) =>
        Vector512.MultiplyAddEstimate(a, b, c);

    /// <summary>Sixteen doubles to floats. The portable form is element by element where there is no AVX-512.</summary>
    public static Vector512<float> Narrow(Vector512<double> lower, Vector512<double> upper) =>
        Vector512.IsHardwareAccelerated ? Vector512.Narrow(lower, upper) : Vector512.Create(
            Narrow(lower.GetLower(), lower.GetUpper()), Narrow(upper.GetLower(), upper.GetUpper()));

    /// <summary>Adds sixteen floats to eight doubles.</summary>
    public static Vector512<double> Widen(Vector512<double> sum, Vector512<float> v) =>
        sum + (Vector512.WidenLower(v) + Vector512.WidenUpper(v));

    static Vector256<float> Narrow(Vector256<double> lower, Vector256<double> upper) =>
        Vector256.IsHardwareAccelerated ? Vector256.Narrow(lower, upper) : Vector256.Create(
            Vector128.Narrow(lower.GetLower(), lower.GetUpper()), Vector128.Narrow(upper.GetLower(), upper.GetUpper()));

    static int* MakeRamp()
    {
        var ramp = (int*)NativeMemory.AlignedAlloc(2 * Count * sizeof(int), 64);
        new Span<int>(ramp, Count).Fill(-1);
        new Span<int>(ramp + Count, Count).Clear();
        return ramp;
    }
}
