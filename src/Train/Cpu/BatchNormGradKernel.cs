using System.Runtime.Intrinsics;

namespace OnnxTimm.Train.Cpu;

/// <summary>
/// The gradients of x, gamma and beta, and of what goes into the activation: g = (dY + more) act'(z). A channel is one
/// piece of work. The first pass makes g and the sums of g and g (x - mean), the second
/// dX = a (g - mean(g) - (x - mean) / sigma^2 * mean(g (x - mean))) while x and g lie in the cache.
/// Bound by memory: one reading of each input, one writing of each output.
/// </summary>
sealed unsafe class BatchNormGradKernel<TAct>(Node n, string name)
    : Kernel(name, Reads(n).Length, n.Outs.Length) where TAct : IAct
{
    readonly int channels = n[1].Channels;
    readonly int area = (int)(n[1].Shape.Count / n[1].Shape[0] / n[1].Shape[1]).Size;
    readonly float epsilon = n.Float("epsilon");
    readonly bool hasY = IsYRead(n);
    readonly bool hasMore = n.Has(7);
    readonly bool givesInner = n.Outs.Length > 3;

    /// <summary>
    /// dy, x, gamma, beta, mean, variance; y where the activation's input, a residual in it, cannot be made from x; and
    /// what is added to dy.
    /// </summary>
    public static Value[] Reads(Node n) => [.. n.In.Where((v, i) => v is not null && (i != 6 || IsYRead(n)))!];

    static bool IsYRead(Node n) => n.Has(6) && n.Outs.Length > 3;

    public override void Run(KernelContext context)
    {
        var shape = context.InputShape(1);
        var batch = (int)shape[0];
        var map = new ChannelMap(batch, channels, area);
        float* dy = context.Input(0), x = context.Input(1), gamma = context.Input(2), beta = context.Input(3);
        float* mean = context.Input(4), variance = context.Input(5);
        float* y = hasY ? context.Input(6) : null, more = hasMore ? context.Input(hasY ? 7 : 6) : null;
        float* dx = context.Output(0, shape), dgamma = context.Output(1, channels), dbeta = context.Output(2, channels);
        // g is dY itself where nothing is to be done; else it is kept where dX will be, or where it is asked for.
        var isPlain = typeof(TAct) == typeof(Acts.Identity) && more == null;
        var inner = givesInner ? context.Output(3, shape) : isPlain ? dy : dx;
        context.ParallelFor(channels, c =>
        {
            var inverse = 1 / MathF.Sqrt(variance[c] + epsilon);
            var norm = new Affine(mean[c], gamma[c] * inverse, beta[c]);
            var (sum, moment) = (Vector512<double>.Zero, Vector512<double>.Zero);
            for (var i = 0; i < batch; i++)
                for (var j = 0; j < area; j += ChannelMap.Block)
                {
                    var at = map.Row(i, c) + j;
                    var (s, m) = Inner(dy + at, more == null ? null : more + at, x + at, y == null ? null : y + at,
                        isPlain ? null : inner + at, Math.Min(ChannelMap.Block, area - j), norm, map.Next(i, c));
                    (sum, moment) = (Lanes.Widen(sum, s), Lanes.Widen(moment, m));
                }
            var (db, dg) = (Vector512.Sum(sum), Vector512.Sum(moment) * inverse);
            (dbeta[c], dgamma[c]) = ((float)db, (float)dg);
            var back = new Affine((float)(db / map.Count), norm.Scale, (float)(-dg * inverse / map.Count));
            for (var i = batch - 1; i >= 0; i--)
                Outer(inner + map.Row(i, c), x + map.Row(i, c), dx + map.Row(i, c), area, back, mean[c]);
        });
    }

    /// <summary>Writes g, unless it is dY; returns the sums of g and g (x - mean).</summary>
    static (Vector512<float> Sum, Vector512<float> Moment) Inner(float* dy, float* more, float* x, float* y, float* g,
        int count, Affine norm, nint next)
    {
        var (sum, moment) = (Vector512<float>.Zero, Vector512<float>.Zero);
        var (m, a, b) = (Vector512.Create(norm.Mean), Vector512.Create(norm.Scale), Vector512.Create(norm.Shift));
        for (var i = 0; i < count; i += Lanes.Count)
        {
            var rest = count - i;
            Lanes.Prefetch(dy + next + i);
            Lanes.Prefetch(x + next + i);
            var d = Lanes.Load(dy + i, rest);
            if (more != null)
                d += Lanes.Load(more + i, rest);
            var centred = Lanes.Load(x + i, rest) - m;
            d = TAct.Grad(d, y == null ? Lanes.Fma(centred, a, b) : Lanes.Load(y + i, rest));
            if (g != null)
                Lanes.Store(d, g + i, rest);
            (sum, moment) = (sum + d, Lanes.Fma(d, centred, moment));
        }
        return (sum, moment);
    }

    static void Outer(float* g, float* x, float* dx, int count, Affine back, float mean)
    {
        var (m, a, gm) = (Vector512.Create(mean), Vector512.Create(back.Scale), Vector512.Create(back.Mean));
        var b = Vector512.Create(back.Shift);
        for (var i = 0; i < count; i += Lanes.Count)
        {
            var rest = count - i;
            var d = Lanes.Fma(Lanes.Load(x + i, rest) - m, b, Lanes.Load(g + i, rest) - gm);
            Lanes.Store(d * a, dx + i, rest);
        }
    }

    readonly record struct Affine(float Mean, float Scale, float Shift);
}
