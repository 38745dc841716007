using System.Runtime.Intrinsics;

namespace OnnxTimm.Train.Cpu;

/// <summary>
/// Y = act(gamma (x - mean) / sigma + beta + residual) by the batch's mean and biased variance, which are given too. A
/// channel is one piece of work: it is read from memory once, the mean, the variance and Y are made while it lies in
/// the cache. Bound by memory: one reading of x and of the residual, one writing of Y.
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
        float* x = context.Input(0), gamma = context.Input(1), beta = context.Input(2),
            residual = isResidual ? context.Input(3) : null;
        float* y = context.Output(0, shape), mean = context.Output(1, channels), variance = context.Output(2, channels);
        var map = new ChannelMap(batch, channels, area);
        context.ParallelFor(channels, c =>
        {
            var moments = map.Moments(x, c);
            (mean[c], variance[c]) = ((float)moments.Mean, (float)moments.Variance);
            var scale = gamma[c] / Math.Sqrt(moments.Variance + epsilon);
            var shift = beta[c] - moments.Mean * scale;
            for (var i = batch - 1; i >= 0; i--)
            {
                var at = map.Row(i, c);
                Write(x + at, residual == null ? null : residual + at, y + at, scale, shift);
            }
        });
    }

    /// <summary>
    /// In float64 up to Y: an error of the scale or the shift is the same at every pixel, and no later sum averages it
    /// out.
    /// </summary>
    void Write(float* x, float* residual, float* y, double scale, double shift)
    {
        var (a, b) = (Vector512.Create(scale), Vector512.Create(shift));
        var i = 0;
        for (; i <= area - Lanes.Count; i += Lanes.Count)
        {
            var z = Normalized(Vector512.Load(x + i), a, b);
            TAct.Of(residual == null ? z : z + Vector512.Load(residual + i)).Store(y + i);
        }
        if (area - i is var rest and > 0)
        {
            var z = Normalized(Lanes.LoadPart(x + i, rest), a, b);
            Lanes.StorePart(TAct.Of(residual == null ? z : z + Lanes.LoadPart(residual + i, rest)), y + i, rest);
        }
    }

    static Vector512<float> Normalized(Vector512<float> x, Vector512<double> scale, Vector512<double> shift) =>
        Lanes.Narrow(
        Vector512.MultiplyAddEstimate(Vector512.WidenLower(x), scale, shift),
        Vector512.MultiplyAddEstimate(Vector512.WidenUpper(x), scale, shift));
}
