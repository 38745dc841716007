namespace OnnxTimm.Train.Cpu;

/// <summary>Convolution forward: Y [N, M, Oh, Ow] from X, W and an optional bias. Compute bound.</summary>
sealed unsafe class ConvKernel : Kernel
{
    /// <summary>
    /// Channels of an image, and taps of a kernel that finds edges in it: what larger ones cut out are patches.
    /// </summary>
    const int ImageChannels = 4, ImageTaps = 64;

    readonly ConvGeometry g;
    readonly Planes planes;
    readonly Correlation sums;

    public ConvKernel(string name, ConvGeometry g, bool bias) : base(name, bias ? 3 : 2, 1)
    {
        this.g = g;
        planes = InputPlanes(g);
        sums = new(g.GroupM, Offsets(g, planes), (g.Oh, g.Ow), planes.Pitch, new(0, g.Oh * g.Ow, g.Ow, 1),
            isExact: g.C <= ImageChannels && g.Taps <= ImageTaps);
    }

    public override void Run(KernelContext context)
    {
        var n = context.InputShape(0)[0];
        var y = context.Output(0, n, g.M, g.Oh, g.Ow);
        var x = planes.Fill(context, context.Input(0), n, slot: 0);
        var packed = Scratch.Floats(1, sums.PackedSize * g.Groups);
        Pack(context, context.Input(1), Inputs == 3 ? context.Input(2) : null, packed);
        for (var group = 0; group < g.Groups; group++)
            sums.Run(context, packed + group * sums.PackedSize,
                x.From((long)group * g.GroupC * planes.ChannelSize),
                y + (long)group * g.GroupM * g.Oh * g.Ow, (n, (long)g.M * g.Oh * g.Ow));
    }

    /// <summary>The layout in which every tap of the kernel reads X.</summary>
    public static Planes InputPlanes(ConvGeometry g)
    {
        var window = ((g.Kh - 1) * g.DilationH + 1, (g.Kw - 1) * g.DilationW + 1);
        return new(g.C, (g.H, g.W), (g.Top, g.Left), (g.StrideH, g.StrideW), window,
            ((g.Oh - 1) * g.StrideH + window.Item1, (g.Ow - 1) * g.StrideW + window.Item2));
    }

    /// <summary>Where channel c and tap (i, j) of a group read, in the order of the weights.</summary>
    public static int[] Offsets(ConvGeometry g, Planes planes) =>
    [
        .. from c in Enumerable.Range(0, g.GroupC)
           from i in Enumerable.Range(0, g.Kh)
           from j in Enumerable.Range(0, g.Kw)
           select c * planes.ChannelSize + planes.Offset(i * g.DilationH, j * g.DilationW),
    ];

    /// <summary>W [M, depth] to [block][depth][8 rows], then the 8 biases.</summary>
    void Pack(KernelContext context, float* w, float* bias, float* packed)
    {
        var (from, to, offset) = ((nint)w, (nint)packed, (nint)bias);
        var blocks = (g.GroupM + OuterTiles.Rows - 1) / OuterTiles.Rows;
        context.ParallelFor(blocks * g.Groups, task =>
        {
            var (group, block) = (task / blocks, task % blocks);
            var target = (float*)to + group * sums.PackedSize + (long)block * OuterTiles.Rows * (sums.Depth + 1);
            for (var r = 0; r < OuterTiles.Rows; r++)
            {
                var row = block * OuterTiles.Rows + r;
                var source = row < g.GroupM ? (float*)from + ((long)group * g.GroupM + row) * sums.Depth : null;
                for (var k = 0; k < sums.Depth; k++)
                    target[k * OuterTiles.Rows + r] = source == null ? 0 : source[k];
                target[sums.Depth * OuterTiles.Rows + r] = source == null || offset == 0 ? 0
                    : ((float*)offset)[group * g.GroupM + row];
            }
        });
    }
}
