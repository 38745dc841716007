using System.Runtime.Intrinsics;

namespace OnnxTimm.Train.Cpu;

/// <summary>
/// The gradient of a softmax along the last axis: inputs dy, y; dX = y (dY - sum(dY y)). Runs of rows are pieces of
/// work. Bound by memory: one reading of each input, one writing of dX.
/// </summary>
sealed unsafe class SoftmaxGradKernel(string name, int width) : Kernel(name, 2, 1)
{
    /// <summary>Elements of a piece of work.</summary>
    const int Elements = 16 * 1024;

    public static Kernel? Of(Node n, string name) =>
        n[0].Shape[-1].IsFixed && n[0].Shape.Axis(n.Int("axis", -1)) == n[0].Shape.Rank - 1
            ? new SoftmaxGradKernel(name, (int)n[0].Shape[-1].Size) : null;

    public override void Run(KernelContext context)
    {
        var shape = context.InputShape(0);
        var rows = shape.Aggregate(1L, (a, b) => a * b) / width;
        float* dy = context.Input(0), y = context.Input(1), dx = context.Output(0, shape);
        var run = Math.Max(Elements / width, 1);
        context.ParallelFor((int)((rows + run - 1) / run), i =>
        {
            for (var r = (long)i * run; r < Math.Min((i + 1L) * run, rows); r++)
                Row(dy + r * width, y + r * width, dx + r * width);
        });
    }

    void Row(float* dy, float* y, float* dx)
    {
        var sum = Vector512<float>.Zero;
        for (var i = 0; i < width; i += Lanes.Count)
            sum = Lanes.Fma(Lanes.Load(dy + i, width - i), Lanes.Load(y + i, width - i), sum);
        var total = Vector512.Create(Vector512.Sum(sum));
        for (var i = 0; i < width; i += Lanes.Count)
            Lanes.Store(Lanes.Load(y + i, width - i) * (Lanes.Load(dy + i, width - i) - total), dx + i, width - i);
    }
}
