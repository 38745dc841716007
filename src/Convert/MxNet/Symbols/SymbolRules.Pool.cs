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
    /// The windows of a pooling. MXNet's rules for a last, partial one are not ONNX's, so it gets pads of its own.
    /// </summary>
    sealed record Window(long[] Kernel, long[] Strides, long[] Pads, long[] Extra, long[] Sizes)
    {
        public Window(Value x, long[] kernel, long[] strides, long[] pads, Func<long, long, long, long> count)
            : this(kernel, strides, pads, new long[kernel.Length], [.. x.Shape.Skip(2).Select(d => d.Size)])
        {
            for (var i = 0; i < kernel.Length; i++)
            {
                var room = Sizes[i] + 2 * pads[i] - kernel[i];
                if (room < 0)
                    throw new InvalidOperationException($"the window {kernel[i]} exceeds {room + kernel[i]} pixels");
                Extra[i] = Math.Max(0, (count(room, strides[i], kernel[i]) - 1) * strides[i] - room);
            }
        }

        public bool CountsPads { get; init; } = true;

        public long Power { get; init; } = 1;

        /// <summary>Begins, then ends.</summary>
        public long[] AllPads => [.. Pads, .. Pads.Zip(Extra, (pad, extra) => pad + extra)];

        /// <summary>ONNX Runtime takes no pads as large as the window.</summary>
        public bool IsPlain => AllPads.Index().All(p => p.Item < Kernel[p.Index % Kernel.Length]);

        public double Area => Kernel.Aggregate(1.0, (area, k) => area * k);

        public static Window Whole(Value x)
        {
            long[] sizes = [.. x.Shape.Skip(2).Select(d => d.Size)];
            var zeros = new long[sizes.Length];
            return new(sizes, [.. sizes.Select(_ => 1L)], zeros, zeros, sizes);
        }

        public bool IsWhole => Kernel.SequenceEqual(Sizes) && AllPads.All(p => p == 0);
    }

    static Value MaxPool(Value x, Window w)
    {
        if (w.IsWhole)
            return x.GlobalMaxPool();
        return w.IsPlain
            ? x.MaxPool(w.Kernel, w.Strides, w.AllPads)
            : Padded(x, w, float.MinValue).MaxPool(w.Kernel, w.Strides, new long[w.AllPads.Length]);
    }

    static Value SumPool(Value x, Window w)
    {
        if (w.IsWhole)
            return x.GlobalAveragePool() * w.Area;
        var sum = w.IsPlain
            ? x.AveragePool(w.Kernel, w.Strides, w.AllPads, countPads: true)
            : Padded(x, w, 0).AveragePool(w.Kernel, w.Strides, new long[w.AllPads.Length]);
        return sum * w.Area;
    }

    /// <summary>
    /// The extra pads of a partial window never count, which ONNX cannot say: it is a sum over a map of counts.
    /// </summary>
    static Value AveragePool(Value x, Window w)
    {
        if (w.IsWhole)
            return x.GlobalAveragePool();
        if (w.IsPlain && w.Extra.All(extra => extra == 0))
            return x.AveragePool(w.Kernel, w.Strides, w.AllPads, countPads: w.CountsPads);
        var sum = SumPool(x, w);
        var axes = Enumerable.Range(0, w.Kernel.Length).Select(axis => Shares(sum, w, axis));
        return axes.Aggregate(sum, (y, shares) => y * shares);
    }

    static Value Padded(Value x, Window w, float value) =>
        x.Pad([0, 0, .. w.AllPads[..w.Kernel.Length], 0, 0, .. w.AllPads[w.Kernel.Length..]], value: value);

    /// <summary>One over the pixels that a window has along an axis, for each window.</summary>
    static Value Shares(Value sum, Window w, int axis)
    {
        var shape = new long[w.Kernel.Length];
        Array.Fill(shape, 1);
        shape[axis] = sum.Shape[axis + 2].Size;
        return sum.Graph.Const(new Tensor(DType.Float32, shape, () => Tensor.Of(
            [.. Enumerable.Range(0, (int)shape[axis]).Select(i => (float)(1.0 / Pixels(w, axis, i)))]).Bytes));
    }

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
