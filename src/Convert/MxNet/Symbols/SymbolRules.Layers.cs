namespace OnnxTimm.Conversion;

static partial class SymbolRules
{
    static Value Convolution(SymbolCall c)
    {
        CheckLayout(c);
        var (x, groups) = (c[0], c.Int("num_group", 1));
        var kernel = Kernel(c, x);
        var filters = c.Int("num_filter");
        var weight = c.Weight(1, [filters, (x.Shape[1] / groups).Size, .. kernel]);
        return x.Conv(weight, Bias(c, filters, noBias: false), Spec(c, kernel.Length, groups));
    }

    /// <summary>Without bias unless asked for; a target shape stands for the pads that give it.</summary>
    static Value Deconvolution(SymbolCall c)
    {
        CheckLayout(c);
        var (x, groups) = (c[0], c.Int("num_group", 1));
        var kernel = Kernel(c, x);
        var filters = c.Int("num_filter");
        var weight = c.Weight(1, [x.Shape[1].Size, filters / groups, .. kernel]);
        var spec = Spec(c, kernel.Length, groups);
        var adjust = c.Ints("adj", kernel.Length, 0);
        if (c.Ints("target_shape", kernel.Length, 0) is var target && target.Any(size => size > 0))
        {
            var surplus = kernel.Select((k, i) =>
                spec.Strides[i] * (x.Shape[i + 2].Size - 1) + spec.Dilations[i] * (k - 1) + 1 - target[i]).ToArray();
            if (surplus.Any(s => s < 0))
                throw c.Fault($"the target shape {c.Text("target_shape")} is too large for {x.Shape}");
            var pads = surplus.Select(s => (s + 1) / 2);
            (spec, adjust) = (spec with { Pads = [.. pads, .. pads] }, [.. surplus.Select(s => s % 2)]);
        }
        return x.ConvTranspose(weight, Bias(c, filters, noBias: true), spec, adjust);
    }

    static long[] Kernel(SymbolCall c, Value x) => c.Ints("kernel", x.Shape.Rank - 2, 1);

    static ConvSpec Spec(SymbolCall c, int rank, long groups)
    {
        var pad = c.Ints("pad", rank, 0);
        return new(c.Ints("stride", rank, 1), [.. pad, .. pad], c.Ints("dilate", rank, 1), groups);
    }

    static Value? Bias(SymbolCall c, long filters, bool noBias) =>
        c.Bool("no_bias", noBias) ? null : c.Weight(2, filters);

    /// <summary>Only the layouts that are MXNet's default: channels behind the batch.</summary>
    static void CheckLayout(SymbolCall c)
    {
        if (c.Text("layout") is { } layout && layout is not ("NCW" or "NCHW" or "NCDHW"))
            throw c.Fault($"the layout is {layout}, where NCHW is expected");
    }

    static Value FullyConnected(SymbolCall c)
    {
        var x = c[0].Shape.Rank > 2 && c.Bool("flatten", true) ? c[0].Flatten() : c[0];
        var width = c.Int("num_hidden");
        return x.Linear(c.Weight(1, width, x.Features), Bias(c, width, noBias: false));
    }

    /// <summary>Indices come as float32, as everything does in MXNet.</summary>
    static Value Embedding(SymbolCall c) =>
        c.Weight(1, c.Int("input_dim"), c.Int("output_dim")).Gather(c[0].Cast(DType.Int64));

    /// <summary>
    /// By the stored statistics, as in inference; a fixed gamma is ones already (see <see cref="SymbolRoles"/>).
    /// </summary>
    static Value BatchNorm(SymbolCall c)
    {
        var axis = c[0].Shape.Axis(c.Int("axis", 1));
        var size = c[0].Shape[axis].Size;
        return c[0].Swapped(1, axis)
            .BatchNormalization(c.Weight(1, size), c.Weight(2, size), c.Weight(3, size), c.Weight(4, size),
                c.Float("eps", 1e-3), c.Float("momentum", 0.9))
            .Swapped(1, axis);
    }

    static Value InstanceNorm(SymbolCall c) => c[0].InstanceNormalization(
        c.Weight(1, c[0].Channels), c.Weight(2, c[0].Channels), c.Float("eps", 1e-3));

    static Value LayerNorm(SymbolCall c)
    {
        var (axis, last) = (c[0].Shape.Axis(c.Int("axis", -1)), c[0].Shape.Rank - 1);
        var size = c[0].Shape[axis].Size;
        return c[0].Swapped(axis, last)
            .LayerNormalization(c.Weight(1, size), c.Weight(2, size), c.Float("eps", 1e-5))
            .Swapped(axis, last);
    }

    static Value LocalResponseNorm(SymbolCall c) => c.Int("nsize") is var size && size > 0 && size % 2 == 1
        ? c[0].Lrn(size, c.Float("alpha", 1e-4), c.Float("beta", 0.75), c.Float("knorm", 2))
        : throw c.Fault($"nsize is {size}, where an odd number is expected");

    static readonly Dictionary<string, Func<int, int[]>> NormedAxes = new()
    {
        { "instance", rank => [.. Enumerable.Range(1, rank - 1)] },
        { "channel",  _ => [1] },
        { "spatial",  rank => [.. Enumerable.Range(2, rank - 2)] },
    };

    static Value L2Normalization(SymbolCall c)
    {
        var axes = c.Choice("mode", "instance", NormedAxes)(c[0].Shape.Rank);
        return c[0] / ((c[0] * c[0]).ReduceSum([.. axes.Select(a => (long)a)]) + c.Float("eps", 1e-10)).Sqrt();
    }

    /// <summary>The DSL's own, which does nothing outside of training.</summary>
    static Value Dropout(SymbolCall c) => c.Text("mode") is null or "training" or "0"
        ? c[0].Dropout(c.Float("p", 0.5))
        : throw c.Fault("this Dropout is also active in inference");

    /// <summary>
    /// By repeating pixels, each input to the first one's size; or by a transposed convolution with a stored kernel.
    /// </summary>
    static Value UpSampling(SymbolCall c)
    {
        var scale = c.Int("scale");
        if (c.Text("sample_type") == "bilinear")
            return Interpolated(c, scale);
        if (c.Text("sample_type") != "nearest")
            throw c.Fault($"sample_type is \"{c.Text("sample_type")}\", none of nearest, bilinear");
        var (height, width) = (c[0].Height * scale, c[0].Width * scale);
        Value[] maps = [.. c.All.Select(x => x.ResizeNearest(Factor(c, height, x.Height), Factor(c, width, x.Width)))];
        return c.Text("multi_input_mode") == "sum" ? maps.Aggregate((sum, x) => sum + x) : Joined(c, maps, 1);
    }

    static int Factor(SymbolCall c, long size, long of) => of > 0 && size % of == 0
        ? checked((int)(size / of))
        : throw c.Fault($"a map of {of} pixels cannot be repeated to {size}");

    static Value Interpolated(SymbolCall c, long scale)
    {
        var (kernel, pad) = (2 * scale - scale % 2, scale / 2);
        var weight = c.Weight(1, c[0].Channels, 1, kernel, kernel);
        var spec = new ConvSpec([scale, scale], [pad, pad, pad, pad], [1, 1], c[0].Channels);
        return c[0].ConvTranspose(weight, null, spec, [0, 0]);
    }
}
