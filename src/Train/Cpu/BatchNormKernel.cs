using System.Runtime.Intrinsics;

namespace OnnxTimm.Train.Cpu;

/// <summary>
/// Y = act(gamma (x - mean) / sigma + beta + residual) by the batch's mean and biased variance, which are given too. A channel
/// is one piece of work: it is read from memory once, the mean, the variance and Y are made while it lies in the cache.
/// Bound by memory: one reading of x and of the residual, one writing of Y.
/// </summary>
sealed unsafe class BatchNormKernel<TAct>(Node n, string name) : Kernel(name, n.In.Length, 3) where TAct : IAct
{
    readonly int channels = n[0].Channels;
    readonly int area = (int)(n[0].Shape.Count / n[0].Shape[0] / n[0].Shape[1]).Size;
    readonly float epsilon = n.Float("epsilon");
    readonly bool isResidual = n.Has(3);

    public override void Run(KernelContext context)
    {
        var shape = context.InputShape(0);
        var batch = (int)shape[0];
        float* x = context.Input(0), gamma = context.Input(1), beta = context.Input(2), residual = isResidual ? context.Input(3) : null;
        float* y = context.Output(0, shape), mean = context.Output(1, channels), variance = context.Output(2, channels);
        var map = new ChannelMap(batch, channels, area);
        context.ParallelFor(channels, c =>
        {
            (mean[c], variance[c]) = map.Moments(x, c);
            var scale = gamma[c] / MathF.Sqrt(variance[c] + epsilon);
            for (var i = batch - 1; i >= 0; i--)
            {
                var at = map.Row(i, c);
                Write(x + at, residual == null ? null : residual + at, y + at, mean[c], scale, beta[c]);
            }
        });
    }

    void Write(float* x, float* residual, float* y, float mean, float scale, float shift)
    {
        var (m, a, b) = (Vector512.Create(mean), Vector512.Create(scale), Vector512.Create(shift));
        var i = 0;
        for (; i <= area - Lanes.Count; i += Lanes.Count)
        {
            var z = Lanes.Fma(Vector512.Load(x + i) - m, a, b);
            TAct.Of(residual == null ? z : z + Vector512.Load(residual + i)).Store(y + i);
        }
        if (area - i is var rest and > 0)
        {
            var z = Lanes.Fma(Lanes.LoadPart(x + i, rest) - m, a, b);
            Lanes.StorePart(TAct.Of(residual == null ? z : z + Lanes.LoadPart(residual + i, rest)), y + i, rest);
        }
    }
}
