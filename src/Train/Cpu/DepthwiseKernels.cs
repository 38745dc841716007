using System.Runtime.Intrinsics;

namespace OnnxTimm.Train.Cpu;

/// <summary>
/// Depthwise convolutions: Y = X * W (+ bias), and the gradients of X and W. A piece of work is a run of planes as they
/// lie in memory, which the processor then fetches ahead. Bound by memory (one reading of each operand) up to 3x3
/// kernels, by one multiplication a tap beyond; see <see cref="WindowPlane"/>.
/// </summary>
static class Depthwise
{
    public static Kernel? Conv(Node n, string name) =>
        Is(n, n[1].Shape)
            ? new DepthwiseKernel(name, n.In.Length, new(n, n[0].Shape, n.Out.Shape, Sizes(n[1].Shape)))
            : null;

    public static Kernel? InputGrad(Node n, string name) =>
        Is(n, n[1].Shape)
            ? new DepthwiseInputGradKernel(name, new(n, n.Out.Shape, n[0].Shape, Sizes(n[1].Shape)))
            : null;

    public static Kernel? WeightGrad(Node n, string name) =>
        Is(n, n.Out.Shape)
            ? new DepthwiseWeightGradKernel(
                name, new(n, n[0].Shape, n[1].Shape, Sizes(n.Out.Shape)), n.Out.Shape.Sizes)
            : null;

    static bool Is(Node n, Shape w) => w.Rank == 4 && n.Int("group", 1) > 1 && w[0].Size == n.Int("group") && w[1] == 1
        && n.Text("auto_pad", "NOTSET") == "NOTSET";

    static long[] Sizes(Shape w) => [w[2].Size, w[3].Size];

    /// <summary>target[p] = start + sum over taps of weight times source[p + offset].</summary>
    public static unsafe void Correlate(float* source, ReadOnlySpan<int> offsets, float* weights, float start,
        float* target, int length)
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

    /// <summary>For each tap the sum of the products of dy with what it saw, four taps at once.</summary>
    public static unsafe void Dot(float* dy, float* source, ReadOnlySpan<int> offsets, float* sums, int length)
    {
        for (var t = 0; t < offsets.Length; t += 4)
        {
            // At the end the last tap is computed again.
            var (i, j, k) = (Math.Min(t + 1, offsets.Length - 1), Math.Min(t + 2, offsets.Length - 1),
                Math.Min(t + 3, offsets.Length - 1));
            float* s0 = source + offsets[t], s1 = source + offsets[i], s2 = source + offsets[j],
                s3 = source + offsets[k];
            Vector512<float> a = default, b = default, c = default, d = default;
            for (var p = 0; p < length; p += Lanes.Count)
            {
                var g = Vector512.Load(dy + p);
                a = Lanes.Fma(g, Vector512.Load(s0 + p), a);
                b = Lanes.Fma(g, Vector512.Load(s1 + p), b);
                c = Lanes.Fma(g, Vector512.Load(s2 + p), c);
                d = Lanes.Fma(g, Vector512.Load(s3 + p), d);
            }
            sums[k] = Vector512.Sum(d);
            sums[j] = Vector512.Sum(c);
            sums[i] = Vector512.Sum(b);
            sums[t] = Vector512.Sum(a);
        }
    }
}

/// <summary>Y = X * W (+ bias): inputs x, w, bias?.</summary>
sealed unsafe class DepthwiseKernel(string name, int inputs, WindowPlane plane) : Kernel(name, inputs, 1)
{
    public override void Run(KernelContext context)
    {
        var batch = context.InputShape(0)[0];
        float* x = context.Input(0), w = context.Input(1), bias = Inputs > 2 ? context.Input(2) : null;
        var y = context.Output(0, batch, plane.Channels, plane.OutHeight, plane.OutWidth);
        context.ParallelFor((int)plane.Channels, c =>
        {
            using var scratch = new Rented(plane.Room + plane.WideSize + WindowPlane.Slack);
            fixed (float* phases = scratch.Memory)
                for (var i = c * batch; i < (c + 1) * batch; i++)
                {
                    plane.Split(x + i * plane.Size, phases);
                    Depthwise.Correlate(phases, plane.Offsets, w + i % plane.Channels * plane.Taps,
                        bias == null ? 0 : bias[i % plane.Channels],
                        phases + plane.Room, plane.WideSize);
                    plane.Narrow(phases + plane.Room, y + i * plane.OutSize);
                }
        });
    }
}

/// <summary>
/// dX: inputs dy, w. A phase of the padded dX is a sum over those taps that read it, each of which saw dY shifted the
/// other way; zeros before and behind dY, and between its rows, stand for what lies outside.
/// </summary>
sealed unsafe class DepthwiseInputGradKernel(string name, WindowPlane plane) : Kernel(name, 2, 1)
{
    /// <summary>Taps in the order of their phases, and for each phase its share of them.</summary>
    readonly int[] order = [.. Enumerable.Range(0, plane.Taps).OrderBy(t => plane.PhaseOf[t])];
    readonly int[] offsets =
        [.. Enumerable.Range(0, plane.Taps).OrderBy(t => plane.PhaseOf[t]).Select(t => -plane.ShiftOf[t])];
    readonly Range[] shares = [.. Enumerable.Range(0, plane.Phases).Select(phase =>
        plane.PhaseOf.Count(p => p < phase)..plane.PhaseOf.Count(p => p <= phase))];

    public override void Run(KernelContext context)
    {
        var batch = context.InputShape(0)[0];
        float* dy = context.Input(0), w = context.Input(1);
        var dx = context.Output(0, batch, plane.Channels, plane.Height, plane.Width);
        var room = 2 * plane.PhaseSize + WindowPlane.Slack;
        context.ParallelFor((int)plane.Channels, c =>
        {
            using var scratch = new Rented(room + plane.Room);
            var weights = stackalloc float[plane.Taps];
            fixed (float* wide = scratch.Memory)
                for (var i = c * batch; i < (c + 1) * batch; i++)
                {
                    for (var t = 0; t < plane.Taps; t++)
                        weights[t] = w[i % plane.Channels * plane.Taps + order[t]];
                    plane.Widen(dy + i * plane.OutSize, wide + plane.Before);
                    for (var phase = 0; phase < plane.Phases; phase++)
                        Depthwise.Correlate(wide + plane.Before, offsets.AsSpan(shares[phase]),
                            weights + shares[phase].Start.Value, 0,
                            wide + room + phase * plane.PhaseSize, plane.PhaseSize);
                    plane.Merge(wide + room, dx + i * plane.Size);
                }
        });
    }
}

/// <summary>dW: inputs x, dy. Sums within a plane in float32, over planes in float64.</summary>
sealed unsafe class DepthwiseWeightGradKernel(string name, WindowPlane plane, long[] shape) : Kernel(name, 2, 1)
{
    public override void Run(KernelContext context)
    {
        var batch = context.InputShape(0)[0];
        float* x = context.Input(0), dy = context.Input(1), dw = context.Output(0, shape);
        var partial = Scratch.Floats(0, batch * plane.Channels * plane.Taps);
        context.ParallelFor((int)plane.Channels, c =>
        {
            using var scratch = new Rented(plane.Room + plane.WideSize + WindowPlane.Slack);
            fixed (float* phases = scratch.Memory)
                for (var i = c * batch; i < (c + 1) * batch; i++)
                {
                    plane.Split(x + i * plane.Size, phases);
                    plane.Widen(dy + i * plane.OutSize, phases + plane.Room);
                    Depthwise.Dot(phases + plane.Room, phases, plane.Offsets, partial + i * plane.Taps, plane.WideSize);
                }
        });
        var size = plane.Channels * plane.Taps;
        for (var t = 0; t < size; t++)
        {
            var sum = 0.0;
            for (var i = 0; i < batch; i++)
                sum += partial[i * size + t];
            dw[t] = (float)sum;
        }
    }
}
