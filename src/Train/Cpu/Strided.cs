using System.Runtime.Intrinsics;

namespace OnnxTimm.Train.Cpu;

/// <summary>Copies to and from every so-many-th element.</summary>
static unsafe class Strided
{
    static readonly Vector256<int> EvensFirst = Vector256.Create(0, 2, 4, 6, 1, 3, 5, 7);

    public static void Gather(float* source, int step, float* target, int count)
    {
        var i = 0;
        if (step == 1)
            for (; i <= count - Lanes.Count; i += Lanes.Count)
                Vector512.Load(source + i).Store(target + i);
        else if (step == 2)
            // A pair's second element need not be there at the end.
            for (; i < count - 8; i += 8)
            {
                var a = Vector256.Shuffle(Vector256.Load(source + 2 * i), EvensFirst);
                var b = Vector256.Shuffle(Vector256.Load(source + 2 * i + 8), EvensFirst);
                Vector256.Create(a.GetLower(), b.GetLower()).Store(target + i);
            }
        for (; i < count; i++)
            target[i] = source[i * step];
    }

    public static void Scatter(float* source, float* target, int step, int count)
    {
        var i = 0;
        if (step == 1)
            for (; i <= count - Lanes.Count; i += Lanes.Count)
                Vector512.Load(source + i).Store(target + i);
        for (; i < count; i++)
            target[i * step] = source[i];
    }
}
