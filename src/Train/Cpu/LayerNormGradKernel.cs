using System.Runtime.Intrinsics;

namespace OnnxTimm.Train.Cpu;

/// <summary>
/// The gradients of a layer norm over the last axis: inputs dy, x, gamma, mean, 1 / sigma. Runs of rows are pieces of
/// work, each with sums of its own for gamma and beta. A row lies in the first cache while it is read twice. Bound by
/// memory: one reading of dY and x, one writing of dX.
/// </summary>
sealed unsafe class LayerNormGradKernel(string name, int width, int outputs) : Kernel(name, 5, outputs)
{
    /// <summary>The least rows of a piece of work.</summary>
    const int Rows = 64;

    public static Kernel? Of(Node n, string name) =>
        n[2].Shape.Rank == 1 && n[2].Shape.IsFixed && n[1].Shape.Axis(n.Int("axis", -1)) == n[1].Shape.Rank - 1
            ? new LayerNormGradKernel(name, n[1].Features, n.Outs.Length) : null;

    public override void Run(KernelContext context)
    {
        var shape = context.InputShape(1);
        var rows = shape.Aggregate(1L, (a, b) => a * b) / width;
        float* dy = context.Input(0), x = context.Input(1), gamma = context.Input(2), mean = context.Input(3),
            inverse = context.Input(4);
        float* dx = context.Output(0, shape), dgamma = context.Output(1, width),
            dbeta = Outputs > 2 ? context.Output(2, width) : null;
        var runs = (int)Math.Clamp(rows / Rows, 1, 64);
        var sums = Scratch.Floats(0, 2L * runs * width);
        context.ParallelFor(runs, run =>
        {
            var own = sums + 2L * run * width;
            new Span<float>(own, 2 * width).Clear();
            for (var r = run * rows / runs; r < (run + 1) * rows / runs; r++)
                Row(dy + r * width, x + r * width, gamma, mean[r], inverse[r], dx + r * width, own);
        });
        for (var i = 0; i < width; i++)
        {
            dgamma[i] = Total(sums + i, runs);
            if (dbeta != null)
                dbeta[i] = Total(sums + width + i, runs);
        }
    }

    float Total(float* sums, int runs)
    {
        var total = 0.0;
        for (var run = 0; run < runs; run++)
            total += sums[2L * run * width];
        return (float)total;
    }

    void Row(float* dy, float* x, float* gamma, float mean, float inverse, float* dx, float* sums)
    {
        var (m, s) = (Vector512.Create(mean), Vector512.Create(inverse));
        var (sum, moment) = (Vector512<float>.Zero, Vector512<float>.Zero);
        for (var i = 0; i < width; i += Lanes.Count)
        {
            var rest = width - i;
            var (d, xh) = (Lanes.Load(dy + i, rest), (Lanes.Load(x + i, rest) - m) * s);
            var g = d * Lanes.Load(gamma + i, rest);
            (sum, moment) = (sum + g, Lanes.Fma(g, xh, moment));
            Lanes.Store(Lanes.Fma(d, xh, Lanes.Load(sums + i, rest)), sums + i, rest);
            Lanes.Store(d + Lanes.Load(sums + width + i, rest), sums + width + i, rest);
        }
        var (average, slope) =
            (Vector512.Create(Vector512.Sum(sum) / width), Vector512.Create(Vector512.Sum(moment) / width));
        for (var i = 0; i < width; i += Lanes.Count)
        {
            var rest = width - i;
            var xh = (Lanes.Load(x + i, rest) - m) * s;
            var g = Lanes.Load(dy + i, rest) * Lanes.Load(gamma + i, rest);
            Lanes.Store((g - average - xh * slope) * s, dx + i, rest);
        }
    }
}
