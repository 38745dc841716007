using System.Runtime.Intrinsics;

namespace OnnxTimm.Train.Cpu;

/// <summary>
/// Depthwise convolutions, one channel a piece of work: Y = X * W (+ bias), and the gradients of X and W. Bound by memory
/// (one reading of each operand) up to 3x3 kernels, by one multiplication a tap beyond; see <see cref="DepthwisePlane"/>.
/// </summary>
static class Depthwise
{
    public static Kernel? Conv(Node n, string name) =>
        Is(n, n[1].Shape) ? new DepthwiseKernel(name, n.In.Length, new(n, n[0].Shape, n.Out.Shape, Sizes(n[1].Shape)), n.Out.Channels) : null;

    public static Kernel? InputGrad(Node n, string name) =>
        Is(n, n[1].Shape) ? new DepthwiseInputGradKernel(name, new(n, n.Out.Shape, n[0].Shape, Sizes(n[1].Shape)), n.Out.Channels) : null;

    public static Kernel? WeightGrad(Node n, string name) =>
        Is(n, n.Out.Shape) ? new DepthwiseWeightGradKernel(name, new(n, n[0].Shape, n[1].Shape, Sizes(n.Out.Shape)), n.Out.Shape.Sizes) : null;

    static bool Is(Node n, Shape w) => w.Rank == 4 && n.Int("group", 1) > 1 && w[0].Size == n.Int("group") && w[1] == 1
        && n.Text("auto_pad", "NOTSET") == "NOTSET";

    static long[] Sizes(Shape w) => [w[2].Size, w[3].Size];

    /// <summary>target[p] = start + sum over taps of weight times source[p + offset].</summary>
    public static unsafe void Correlate(float* source, ReadOnlySpan<int> offsets, float* weights, float start, float* target, int length)
    {
        for (var p = 0; p < length; p += 4 * Lanes.Count)
        {
            var a = Vector512.Create(start);
            var (b, c, d) = (a, a, a);
            for (var t = 0; t < offsets.Length; t++)
            {
                var w = Vector512.Create(weights[t]);
                var s = source + offsets[t] + p;
                a = Lanes.Fma(w, Vector512.Load(s), a);
                b = Lanes.Fma(w, Vector512.Load(s + Lanes.Count), b);
                c = Lanes.Fma(w, Vector512.Load(s + 2 * Lanes.Count), c);
                d = Lanes.Fma(w, Vector512.Load(s + 3 * Lanes.Count), d);
            }
            a.Store(target + p);
            b.Store(target + p + Lanes.Count);
            c.Store(target + p + 2 * Lanes.Count);
            d.Store(target + p + 3 * Lanes.Count);
        }
    }

    /// <summary>Adds to each sum the products of dy with what a tap saw, four taps at once.</summary>
    public static unsafe void Dot(float* dy, float* source, ReadOnlySpan<int> offsets, Span<double> sums, int length)
    {
        for (var t = 0; t < offsets.Length; t += 4)
        {
            // At the end the last tap is computed again and left out.
            var (i, j, k) = (Math.Min(t + 1, offsets.Length - 1), Math.Min(t + 2, offsets.Length - 1), Math.Min(t + 3, offsets.Length - 1));
            float* s0 = source + offsets[t], s1 = source + offsets[i], s2 = source + offsets[j], s3 = source + offsets[k];
            Vector512<float> a = default, b = default, c = default, d = default;
            for (var p = 0; p < length; p += Lanes.Count)
            {
                var g = Vector512.Load(dy + p);
                a = Lanes.Fma(g, Vector512.Load(s0 + p), a);
                b = Lanes.Fma(g, Vector512.Load(s1 + p), b);
                c = Lanes.Fma(g, Vector512.Load(s2 + p), c);
                d = Lanes.Fma(g, Vector512.Load(s3 + p), d);
            }
            sums[t] += Vector512.Sum(a);
            if (i > t)
                sums[i] += Vector512.Sum(b);
            if (j > i)
                sums[j] += Vector512.Sum(c);
            if (k > j)
                sums[k] += Vector512.Sum(d);
        }
    }
}

/// <summary>Y = X * W (+ bias): inputs x, w, bias?.</summary>
sealed unsafe class DepthwiseKernel(string name, int inputs, DepthwisePlane plane, int channels) : Kernel(name, inputs, 1)
{
    public override void Run(KernelContext context)
    {
        var batch = context.InputShape(0)[0];
        float* x = context.Input(0), w = context.Input(1), bias = Inputs > 2 ? context.Input(2) : null;
        var y = context.Output(0, batch, channels, plane.OutHeight, plane.OutWidth);
        context.ParallelFor(channels, c =>
        {
            var room = plane.Phases * plane.PhaseSize + DepthwisePlane.Slack;
            using var scratch = new Rented(room + plane.OutSize + DepthwisePlane.Slack);
            fixed (float* phases = scratch.Memory)
                for (long i = c; i < batch * channels; i += channels)
                {
                    plane.Split(x + i * plane.Height * plane.Width, phases);
                    Depthwise.Correlate(phases, plane.Offsets, w + c * plane.Taps.Count, bias == null ? 0 : bias[c],
                        phases + room, plane.OutSize);
                    plane.Narrow(phases + room, y + i * plane.OutHeight * plane.OutWidth);
                }
        });
    }
}

/// <summary>
/// dX: inputs dy, w. A phase of the padded dX is a sum over those taps that read it, each of which saw dY shifted the
/// other way; zeros before and behind dY, and between its rows, stand for what lies outside.
/// </summary>
sealed unsafe class DepthwiseInputGradKernel(string name, DepthwisePlane plane, int channels) : Kernel(name, 2, 1)
{
    readonly int[][] taps = [.. Enumerable.Range(0, plane.Phases).Select(phase =>
        Enumerable.Range(0, plane.Taps.Count).Where(t => plane.Taps[t].Phase == phase).ToArray())];

    public override void Run(KernelContext context)
    {
        var batch = context.InputShape(0)[0];
        float* dy = context.Input(0), w = context.Input(1), dx = context.Output(0, batch, channels, plane.Height, plane.Width);
        var offsets = taps.Select(phase => phase.Select(t => -plane.Shift(plane.Taps[t])).ToArray()).ToArray();
        var (before, room) = (plane.ShiftH * plane.Row + plane.ShiftW, 2 * plane.PhaseSize + DepthwisePlane.Slack);
        context.ParallelFor(channels, c =>
        {
            using var scratch = new Rented(room + plane.Phases * plane.PhaseSize + DepthwisePlane.Slack);
            var weights = stackalloc float[plane.Taps.Count];
            fixed (float* wide = scratch.Memory)
                for (long i = c; i < batch * channels; i += channels)
                {
                    plane.Widen(dy + i * plane.OutHeight * plane.OutWidth, wide + before);
                    for (var phase = 0; phase < taps.Length; phase++)
                    {
                        foreach (var (k, t) in taps[phase].Index())
                            weights[k] = w[c * plane.Taps.Count + t];
                        Depthwise.Correlate(wide + before, offsets[phase], weights, 0, wide + room + phase * plane.PhaseSize, plane.PhaseSize);
                    }
                    plane.Merge(wide + room, dx + i * plane.Height * plane.Width);
                }
        });
    }
}

/// <summary>dW: inputs x, dy. Sums within a plane in float32, over planes in float64.</summary>
sealed unsafe class DepthwiseWeightGradKernel(string name, DepthwisePlane plane, long[] shape) : Kernel(name, 2, 1)
{
    public override void Run(KernelContext context)
    {
        var (batch, channels, taps) = (context.InputShape(0)[0], (int)shape[0], plane.Taps.Count);
        float* x = context.Input(0), dy = context.Input(1), dw = context.Output(0, shape);
        context.ParallelFor(channels, c =>
        {
            var room = plane.Phases * plane.PhaseSize + DepthwisePlane.Slack;
            using var scratch = new Rented(room + plane.OutSize + DepthwisePlane.Slack);
            Span<double> sums = stackalloc double[taps];
            sums.Clear();
            fixed (float* phases = scratch.Memory)
                for (long i = c; i < batch * channels; i += channels)
                {
                    plane.Split(x + i * plane.Height * plane.Width, phases);
                    plane.Widen(dy + i * plane.OutHeight * plane.OutWidth, phases + room);
                    Depthwise.Dot(phases + room, phases, plane.Offsets, sums, plane.OutSize);
                }
            for (var t = 0; t < taps; t++)
                dw[c * taps + t] = (float)sums[t];
        });
    }
}
