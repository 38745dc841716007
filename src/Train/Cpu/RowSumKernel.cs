namespace OnnxTimm.Train.Cpu;

/// <summary>
/// The sum of many rows, such as the gradient of a bias: x [rows, width] gives [width]. Runs of rows and blocks of
/// columns are pieces of work. Bound by memory: one reading of x.
/// </summary>
sealed unsafe class RowSumKernel : Kernel
{
    /// <summary>A piece of work: a block of so many columns, and of at least so many rows.</summary>
    const int Columns = 1024, Rows = 128;

    readonly int width;
    readonly long[] shape;

    RowSumKernel(string name, int width, long[] shape) : base(name, 1, 1) => (this.width, this.shape) = (width, shape);

    /// <summary>For a ReduceSum over leading axes, the batch among them.</summary>
    public static Kernel? Of(Node n, string name)
    {
        if (n[0].Type != DType.Float32 || !n.Has(1) || n[1].Data is null)
            return null;
        var axes = n.ConstInts(1)!.Select(axis => n[0].Shape.Axis(axis)).Order().ToArray();
        var rest = new Shape(n[0].Shape.Skip(axes.Length));
        return axes.SequenceEqual(Enumerable.Range(0, axes.Length)) && axes.Length > 0 && rest.IsFixed && rest.Rank > 0
            ? new RowSumKernel(name, (int)rest.Count.Size, n.Out.Shape.Sizes) : null;
    }

    /// <summary>Only x; the axes are known.</summary>
    public static IEnumerable<Value?> Reads(Node n) => [n[0]];

    public override void Run(KernelContext context)
    {
        var rows = context.InputShape(0).Aggregate(1L, (a, b) => a * b) / width;
        float* x = context.Input(0), y = context.Output(0, shape);
        var (runs, blocks) = ((int)Math.Clamp(rows / Rows, 1, 32), (width + Columns - 1) / Columns);
        var sums = runs == 1 ? y : Scratch.Floats(0, (long)runs * width);
        context.ParallelFor(runs * blocks, piece =>
        {
            var (run, column) = (piece / blocks, piece % blocks * Columns);
            var (from, to) = (run * rows / runs, (run + 1) * rows / runs);
            Add(x + from * width + column, (int)(to - from), sums + (long)run * width + column,
                Math.Min(Columns, width - column));
        });
        if (runs > 1)
            Add(sums, runs, y, width);
    }

    /// <summary>Four rows at a time, so that the sums are read and written less often.</summary>
    void Add(float* x, int rows, float* y, int count)
    {
        new Span<float>(y, count).Clear();
        var r = 0;
        for (; r <= rows - 4; r += 4)
        {
            float* a = x + (long)r * width, b = a + width, c = b + width, d = c + width;
            for (var i = 0; i < count; i += Lanes.Count)
            {
                var rest = count - i;
                var sum = Lanes.Load(a + i, rest) + Lanes.Load(b + i, rest)
                    + (Lanes.Load(c + i, rest) + Lanes.Load(d + i, rest));
                Lanes.Store(Lanes.Load(y + i, rest) + sum, y + i, rest);
            }
        }
        for (; r < rows; r++)
            for (var i = 0; i < count; i += Lanes.Count)
                Lanes.Store(Lanes.Load(y + i, count - i) + Lanes.Load(x + (long)r * width + i, count - i), y + i,
                    count - i);
    }
}
