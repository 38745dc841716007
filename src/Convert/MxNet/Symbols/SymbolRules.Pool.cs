namespace OnnxTimm.Conversion;

static partial class SymbolRules
{
    delegate Value Pool(Value x, Window window);

    static readonly Dictionary<string, Pool> Pools = new()
    {
        { "max", MaxPool },
        { "avg", AveragePool },
        { "sum", SumPool },
        { "lp",  (x, w) => w.Power == 1 ? SumPool(x, w) : SumPool(x * x, w).Sqrt() },
    };

    static Value Pooling(SymbolCall c)
    {
        CheckLayout(c);
        var x = c[0];
        var pool = c.Choice("pool_type", "max", Pools);
        var rank = x.Shape.Rank - 2;
        var power = c.Int("p_value", 1);
        if (power is not (1 or 2))
            throw c.Fault($"p_value is {power}, where 1 or 2 is expected");
        if (c.Bool("global_pool"))
            return pool(x, Window.Whole(x) with { Power = power });
        var convention = c.Choice("pooling_convention", "valid", Conventions);
        return pool(x, new(x, c.Ints("kernel", rank, 1), c.Ints("stride", rank, 1), c.Ints("pad", rank, 0), convention)
        {
            CountsPads = c.Bool("count_include_pad", true),
            Power = power,
        });
    }

    /// <summary>How many windows an axis has, by its room (the padded size less one window) and the stride.</summary>
    static readonly Dictionary<string, Func<long, long, long, long>> Conventions = new()
    {
        { "valid", (room, stride, _) => room / stride + 1 },
        { "full",  (room, stride, _) => (room + stride - 1) / stride + 1 },
        { "same",  (room, stride, kernel) => (room + kernel + stride - 1) / stride },
    };

    /// <summary>
    /// The windows of a pooling. MXNet's rules for a last, partial one are not ONNX's, so it gets pads of its own;
    /// those that lie beyond the map are added to the result.
    /// </summary>
    sealed record Window(long[] Kernel, long[] Strides, long[] Pads, long[] Extra, long[] Beyond, long[] Sizes)
    {
        public Window(Value x, long[] kernel, long[] strides, long[] pads, Func<long, long, long, long> count)
            : this(kernel, strides, pads, new long[kernel.Length], new long[kernel.Length], SizesOf(x))
        {
            for (var i = 0; i < kernel.Length; i++)
            {
                var room = Sizes[i] + 2 * pads[i] - kernel[i];
                if (room < 0 || pads[i] >= kernel[i])
                    throw new InvalidOperationException(
                        $"the window {kernel[i]} does not fit {Sizes[i]} pixels between pads of {pads[i]}");
                var all = count(room, strides[i], kernel[i]);
                var inside = Math.Min(all, (Sizes[i] - 1 + pads[i]) / strides[i] + 1);
                (Extra[i], Beyond[i]) = (Math.Max(0, (inside - 1) * strides[i] - room), all - inside);
            }
        }

        public bool CountsPads { get; init; } = true;

        public long Power { get; init; } = 1;

        /// <summary>Begins, then ends.</summary>
        public long[] AllPads => [.. Pads, .. Pads.Zip(Extra, (pad, extra) => pad + extra)];

        public double Area => Kernel.Aggregate(1.0, (area, k) => area * k);

        public bool IsWhole => Kernel.SequenceEqual(Sizes) && AllPads.All(p => p == 0);

        /// <summary>True where ONNX counts the pixels of every window as MXNet does.</summary>
        public bool IsPlain => Extra.All(extra => extra == 0) && Beyond.All(beyond => beyond == 0);

        public static Window Whole(Value x)
        {
            var (sizes, zeros) = (SizesOf(x), new long[x.Shape.Rank - 2]);
            return new(sizes, [.. sizes.Select(_ => 1L)], zeros, zeros, zeros, sizes);
        }

        /// <summary>The result with the windows that see no pixel.</summary>
        public Value Completed(Value y, double value) =>
            y.Pad([.. new long[y.Shape.Rank], 0, 0, .. Beyond], value: value);

        static long[] SizesOf(Value x) => [.. x.Shape.Skip(2).Select(d => d.Size)];
    }

    static Value MaxPool(Value x, Window w) => w.IsWhole
        ? x.GlobalMaxPool()
        : w.Completed(x.MaxPool(w.Kernel, w.Strides, w.AllPads), float.MinValue);

    static Value SumPool(Value x, Window w) => w.IsWhole
        ? x.GlobalAveragePool() * w.Area
        : w.Completed(x.AveragePool(w.Kernel, w.Strides, w.AllPads, countPads: true) * w.Area, 0);

    /// <summary>
    /// The extra pads of a partial window never count, which ONNX cannot say: it is a sum over a map of counts.
    /// </summary>
    static Value AveragePool(Value x, Window w)
    {
        if (w.IsWhole)
            return x.GlobalAveragePool();
        if (w.IsPlain)
            return x.AveragePool(w.Kernel, w.Strides, w.AllPads, countPads: w.CountsPads);
        var sum = SumPool(x, w);
        var axes = Enumerable.Range(0, w.Kernel.Length).Select(axis => Shares(sum, w, axis));
        return axes.Aggregate(sum, (y, shares) => y * shares);
    }

    /// <summary>One over the pixels that a window has along an axis, for each window; 0 where it has none.</summary>
    static Value Shares(Value sum, Window w, int axis)
    {
        var shape = new long[w.Kernel.Length];
        Array.Fill(shape, 1);
        shape[axis] = sum.Shape[axis + 2].Size;
        return sum.Graph.Const(new Tensor(DType.Float32, shape, () => Tensor.Of(
            [.. Enumerable.Range(0, (int)shape[axis]).Select(i => Share(Pixels(w, axis, i)))], shape).Bytes));
    }

    static float Share(long pixels) => pixels > 0 ? 1f / pixels : 0;

    static long Pixels(Window w, int axis, long window)
    {
        var (size, pad) = (w.Sizes[axis], w.Pads[axis]);
        var start = window * w.Strides[axis] - pad;
        var end = Math.Min(start + w.Kernel[axis], size + pad);
        return w.CountsPads ? end - start : Math.Min(end, size) - Math.Max(start, 0);
    }

    /// <summary>Only to one pixel, as in gates of channels.</summary>
    static Value AdaptivePooling(SymbolCall c) => (c.Ints("output_size") ?? [1]).All(size => size == 1)
        ? c[0].GlobalAveragePool()
        : throw c.Fault($"adaptive pooling to {c.Text("output_size")} is not known, only to 1");
}
