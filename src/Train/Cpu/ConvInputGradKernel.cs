namespace OnnxTimm.Train.Cpu;

/// <summary>
/// dX of a convolution from dY and W. For a stride s the pixels of X fall into s x s phases that meet different taps:
/// each phase is a correlation of dY by its taps. As many multiplications as forward. Compute bound.
/// </summary>
sealed unsafe class ConvInputGradKernel : Kernel
{
    readonly ConvGeometry g;
    readonly Planes planes;
    readonly Phase[] phases;

    public ConvInputGradKernel(string name, ConvGeometry g) : base(name, 2, 1)
    {
        this.g = g;
        var (above, below) = Reach(g.Top, g.Kh, g.DilationH, g.StrideH, g.H, g.Oh);
        var (before, behind) = Reach(g.Left, g.Kw, g.DilationW, g.StrideW, g.W, g.Ow);
        planes = new(g.M, (g.Oh, g.Ow), (above, before), (1, 1), (1, 1), (above + below, before + behind));
        phases = [.. from p in Enumerable.Range(0, g.StrideH)
                     from q in Enumerable.Range(0, g.StrideW)
                     where p < g.H && q < g.W
                     select NewPhase(p, q, above, before)];
    }

    /// <summary>The pixels of X that are p rows and q columns from a multiple of the stride.</summary>
    sealed record Phase(int[] Taps, Correlation Sums);

    public override void Run(KernelContext context)
    {
        var n = context.InputShape(0)[0];
        var dx = context.Output(0, n, g.C, g.H, g.W);
        var dy = planes.Fill(context, context.Input(0), n, slot: 0);
        foreach (var phase in phases)
        {
            var packed = Scratch.Floats(1, phase.Sums.PackedSize * g.Groups);
            Pack(context, context.Input(1), phase, packed);
            for (var group = 0; group < g.Groups; group++)
                phase.Sums.Run(context, packed + group * phase.Sums.PackedSize,
                    dy.From((long)group * g.GroupM * planes.ChannelSize),
                    dx + (long)group * g.GroupC * g.H * g.W, (n, (long)g.C * g.H * g.W));
        }
    }

    /// <summary>How far phases look beyond dY: rows before its first, and rows from its first on.</summary>
    static (int Before, int From) Reach(int pad, int k, int dilation, int stride, int size, int outSize)
    {
        var before = Math.Max(0, ((k - 1) * dilation - pad + stride - 1) / stride);
        return (before, Math.Max(outSize, (size - 1 + pad) / stride + 1));
    }

    Phase NewPhase(int p, int q, int above, int before)
    {
        var taps = (from i in Enumerable.Range(0, g.Kh)
                    from j in Enumerable.Range(0, g.Kw)
                    let row = p + g.Top - i * g.DilationH
                    let column = q + g.Left - j * g.DilationW
                    where Mod(row, g.StrideH) == 0 && Mod(column, g.StrideW) == 0
                    select (Tap: i * g.Kw + j,
                        Offset: planes.Offset(row / g.StrideH + above, column / g.StrideW + before))).ToArray();
        int[] offsets =
            [.. from m in Enumerable.Range(0, g.GroupM) from t in taps select m * planes.ChannelSize + t.Offset];
        var size = ((g.H - p + g.StrideH - 1) / g.StrideH, (g.W - q + g.StrideW - 1) / g.StrideW);
        Correlation.Target target = new(p * g.W + q, g.H * g.W, g.StrideH * g.W, g.StrideW);
        return new([.. taps.Select(t => t.Tap)],
            new(g.GroupC, offsets, size, planes.Pitch, target));
    }

    static int Mod(int a, int b) => (a % b + b) % b;

    /// <summary>W [M, C/G, taps] to [block][m, tap of the phase][8 channels], then zeros for the bias.</summary>
    void Pack(KernelContext context, float* w, Phase phase, float* packed)
    {
        var (from, to) = ((nint)w, (nint)packed);
        var blocks = (g.GroupC + OuterTiles.Rows - 1) / OuterTiles.Rows;
        context.ParallelFor(blocks * g.Groups, task =>
        {
            var (group, block) = (task / blocks, task % blocks);
            var (first, size) = (block * OuterTiles.Rows, OuterTiles.Rows * (phase.Sums.Depth + 1));
            var target = (float*)to + group * phase.Sums.PackedSize + (long)block * size;
            var rows = Math.Min(OuterTiles.Rows, g.GroupC - first);
            new Span<float>(target, size).Clear();
            for (var m = 0; m < g.GroupM; m++)
            {
                var source = (float*)from + (((long)group * g.GroupM + m) * g.GroupC + first) * g.Taps;
                foreach (var tap in phase.Taps)
                {
                    for (var r = 0; r < rows; r++)
                        target[r] = source[r * g.Taps + tap];
                    target += OuterTiles.Rows;
                }
            }
        });
    }
}
