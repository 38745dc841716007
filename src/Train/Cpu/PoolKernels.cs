using System.Runtime.Intrinsics;

namespace OnnxTimm.Train.Cpu;

/// <summary>
/// Pooling over windows of two axes and its gradients, by runs of planes as they lie in memory; see
/// <see cref="WindowPlane"/>. A maximum's place is the number of its tap in the window, as int32: kernels of both
/// directions agree on that.
/// </summary>
static class Pools
{
    /// <summary>With its places only; without, ONNX Runtime's own is good.</summary>
    public static Kernel? Max(Node n, string name) =>
        n.Outs.Length > 1 && Is(n, n[0]) ? new MaxPoolKernel(name, Plane(n, n[0], n.Out)) : null;

    public static Kernel? MaxGrad(Node n, string name) =>
        Is(n, n[1]) ? new MaxPoolGradKernel(name, Plane(n, n[1], n[0])) : null;

    public static Kernel? AverageGrad(Node n, string name) =>
        Is(n, n[1]) ? new AveragePoolGradKernel(name, Plane(n, n[1], n[0]), Fused.AverageWeights(n)) : null;

    /// <summary>The gradients are made without the input.</summary>
    public static IEnumerable<Value?> Reads(Node n) => n.In.Where((_, i) => i != 1);

    static bool Is(Node n, Value x) => x.Shape.Rank == 4 && n.Text("auto_pad", "NOTSET") == "NOTSET";

    static WindowPlane Plane(Node n, Value x, Value y) => new(n, x.Shape, y.Shape, n.Ints("kernel_shape")!);
}

/// <summary>Y and the place of each maximum: input x. Bound by four operations a tap.</summary>
sealed unsafe class MaxPoolKernel(string name, WindowPlane plane) : Kernel(name, 1, 2)
{
    public override DType OutputType(int index) => index == 0 ? DType.Float32 : DType.Int32;

    public override void Run(KernelContext context)
    {
        var batch = context.InputShape(0)[0];
        long[] shape = [batch, plane.Channels, plane.OutHeight, plane.OutWidth];
        float* x = context.Input(0), y = context.Output(0, shape), places = (float*)context.Output<int>(1, shape);
        context.ParallelFor((int)plane.Channels, c =>
        {
            var wide = plane.WideSize + WindowPlane.Slack;
            using var scratch = new Rented(plane.Room + 2 * wide, float.NegativeInfinity);
            fixed (float* phases = scratch.Memory)
                for (var i = c * batch; i < (c + 1) * batch; i++)
                {
                    var maxima = phases + plane.Room;
                    plane.Split(x + i * plane.Size, phases);
                    Find(phases, maxima, (int*)(maxima + wide));
                    plane.Narrow(maxima, y + i * plane.OutSize);
                    plane.Narrow(maxima + wide, places + i * plane.OutSize);
                }
        });
    }

    void Find(float* phases, float* maxima, int* places)
    {
        for (var p = 0; p < plane.WideSize; p += Lanes.Count)
        {
            var (best, place) = (Vector512.Load(phases + plane.Offsets[0] + p), Vector512<int>.Zero);
            for (var t = 1; t < plane.Offsets.Length; t++)
            {
                var v = Vector512.Load(phases + plane.Offsets[t] + p);
                var isMore = Vector512.GreaterThan(v, best);
                best = Vector512.ConditionalSelect(isMore, v, best);
                place = Vector512.ConditionalSelect(isMore.AsInt32(), Vector512.Create(t), place);
            }
            best.Store(maxima + p);
            place.Store(places + p);
        }
    }
}

/// <summary>dX: inputs dy and places. Bound by four operations a tap.</summary>
sealed unsafe class MaxPoolGradKernel(string name, WindowPlane plane) : Kernel(name, 2, 1)
{
    public override DType InputType(int index) => index == 0 ? DType.Float32 : DType.Int32;

    public override void Run(KernelContext context)
    {
        var batch = context.InputShape(0)[0];
        float* dy = context.Input(0), places = (float*)context.Input<int>(1);
        var dx = context.Output(0, batch, plane.Channels, plane.Height, plane.Width);
        context.ParallelFor((int)plane.Channels, c =>
        {
            var room = plane.WideSize + WindowPlane.Slack;
            using var scratch = new Rented(2 * room + plane.Room);
            fixed (float* wide = scratch.Memory)
                for (var i = c * batch; i < (c + 1) * batch; i++)
                {
                    var phases = wide + 2 * room;
                    plane.Widen(dy + i * plane.OutSize, wide);
                    plane.Widen(places + i * plane.OutSize, wide + room);
                    new Span<float>(phases, plane.Room).Clear();
                    for (var t = 0; t < plane.Taps; t++)
                        Add(wide, (int*)(wide + room), t, phases + plane.Offsets[t]);
                    plane.Merge(phases, dx + i * plane.Size);
                }
        });
    }

    void Add(float* dy, int* places, int tap, float* target)
    {
        for (var p = 0; p < plane.WideSize; p += Lanes.Count)
        {
            var isHere = Vector512.Equals(Vector512.Load(places + p), Vector512.Create(tap)).AsSingle();
            (Vector512.Load(target + p) + (Vector512.Load(dy + p) & isHere)).Store(target + p);
        }
    }
}

/// <summary>dX: input dy. Bound by one addition a tap.</summary>
sealed unsafe class AveragePoolGradKernel(string name, WindowPlane plane, float[] weights) : Kernel(name, 1, 1)
{
    public override void Run(KernelContext context)
    {
        var batch = context.InputShape(0)[0];
        float* dy = context.Input(0), dx = context.Output(0, batch, plane.Channels, plane.Height, plane.Width);
        context.ParallelFor((int)plane.Channels, c =>
        {
            var room = plane.WideSize + WindowPlane.Slack;
            using var scratch = new Rented(2 * room + plane.Room);
            fixed (float* wide = scratch.Memory, first = weights)
            {
                plane.Widen(first, wide + room);
                for (var i = c * batch; i < (c + 1) * batch; i++)
                {
                    var phases = wide + 2 * room;
                    plane.Widen(dy + i * plane.OutSize, wide);
                    new Span<float>(phases, plane.Room).Clear();
                    for (var t = 0; t < plane.Taps; t++)
                        Add(wide, wide + room, phases + plane.Offsets[t]);
                    plane.Merge(phases, dx + i * plane.Size);
                }
            }
        });
    }

    void Add(float* dy, float* weight, float* target)
    {
        for (var p = 0; p < plane.WideSize; p += Lanes.Count)
            Lanes.Fma(Vector512.Load(dy + p), Vector512.Load(weight + p), Vector512.Load(target + p)).Store(target + p);
    }
}
