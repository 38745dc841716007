using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OnnxTimm.Train.Cpu;

/// <summary>Copies of rows, whole or every so-many-th element.</summary>
static unsafe class Strided
{
    static readonly Vector256<int> EvensFirst = Vector256.Create(0, 2, 4, 6, 1, 3, 5, 7);
    static readonly Vector256<int> OddsFirst = Vector256.Create(1, 3, 5, 7, 0, 2, 4, 6);
    static readonly Vector256<int> FirstTwice = Vector256.Create(0, 0, 1, 1, 2, 2, 3, 3);
    static readonly Vector256<int> LastTwice = Vector256.Create(4, 4, 5, 5, 6, 6, 7, 7);

    /// <summary>Copies neighbours: the last vector lies over what comes before it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Copy(float* source, float* target, int count)
    {
        if (count >= 16)
        {
            for (var i = 0; i < count - 16; i += 16)
                Vector512.Load(source + i).Store(target + i);
            Vector512.Load(source + count - 16).Store(target + count - 16);
        }
        else if (count >= 8)
        {
            Vector256.Load(source).Store(target);
            Vector256.Load(source + count - 8).Store(target + count - 8);
        }
        else if (count >= 4)
        {
            Vector128.Load(source).Store(target);
            Vector128.Load(source + count - 4).Store(target + count - 4);
        }
        else
            for (var i = 0; i < count; i++)
                target[i] = source[i];
    }

    /// <summary>target[i] = source[i step].</summary>
    public static void Gather(float* source, int step, float* target, int count)
    {
        if (step == 1)
        {
            Copy(source, target, count);
            return;
        }
        if (step == 2 && count > 8)
        {
            for (var i = 0; i < count - 8; i += 8)
                Eight(source + 2 * i, EvensFirst).Store(target + i);
            // A pair's second element need not be there at the end.
            Eight(source + 2 * (count - 8) - 1, OddsFirst).Store(target + count - 8);
            return;
        }
        for (var i = 0; i < count; i++)
            target[i] = source[i * step];
    }

    static Vector256<float> Eight(float* pairs, Vector256<int> first) => Vector256.Create(
        Vector256.Shuffle(Vector256.Load(pairs), first).GetLower(),
        Vector256.Shuffle(Vector256.Load(pairs + 8), first).GetLower());

    /// <summary>target[i step] = source[i].</summary>
    public static void Scatter(float* source, float* target, int step, int count)
    {
        if (step == 1)
            Copy(source, target, count);
        else
            for (var i = 0; i < count; i++)
                target[i * step] = source[i];
    }

    /// <summary>target[2 i] = even[i], target[2 i + 1] = odd[i]; <paramref name="pairs"/> times.</summary>
    public static void Interleave(float* even, float* odd, float* target, int pairs)
    {
        if (pairs >= 8)
        {
            for (var i = 0; i < pairs - 8; i += 8)
                InterleaveEight(even + i, odd + i, target + 2 * i);
            InterleaveEight(even + pairs - 8, odd + pairs - 8, target + 2 * (pairs - 8));
        }
        else
            for (var i = 0; i < pairs; i++)
                (target[2 * i], target[2 * i + 1]) = (even[i], odd[i]);
    }

    static void InterleaveEight(float* even, float* odd, float* target) =>
        InterleaveEight(Vector256.Load(even), Vector256.Load(odd), target);

    /// <summary>The same of eight pairs.</summary>
    public static void InterleaveEight(Vector256<float> even, Vector256<float> odd, float* target)
    {
        var alternate = Vector256.Create(-1, 0, -1, 0, -1, 0, -1, 0).AsSingle();
        Vector256.ConditionalSelect(alternate, Vector256.Shuffle(even, FirstTwice),
            Vector256.Shuffle(odd, FirstTwice)).Store(target);
        Vector256.ConditionalSelect(alternate, Vector256.Shuffle(even, LastTwice),
            Vector256.Shuffle(odd, LastTwice)).Store(target + 8);
    }
}
