namespace OnnxTimm.Passes;

/// <summary>
/// What a value is of a source: Kernel * source + Bias, where * is the operator of <see cref="Base"/>, or a convolution
/// by <see cref="Spec"/>; without a base each channel is scaled. Calculated in float64, when it is asked for.
/// </summary>
/// <param name="Source">The value that the map is applied to.</param>
/// <param name="Base">The operator whose place the map takes; null where there is none.</param>
/// <param name="Spec">Geometry, where the map is a convolution that can be added to others.</param>
/// <param name="Layout">Shape of the kernel, and which channel an element writes to.</param>
/// <param name="Kernel">Makes the kernel, at each call a new one.</param>
/// <param name="Bias">One a channel.</param>
sealed record LinearMap(
    Value Source, Node? Base, ConvSpec? Spec, KernelLayout Layout, Func<double[]> Kernel, double[] Bias)
{
    /// <summary>Axis of the channels in the value.</summary>
    public int Axis { get; init; } = 1;

    /// <summary>Nodes that the map stands for, each with the input that leads to the base, or to the source.</summary>
    public IReadOnlyList<(Node Node, Value Through)> Nodes { get; init; } = [];

    /// <summary>Elements of the kernels that it is made of.</summary>
    public long Parts { get; init; }

    /// <summary>Sums of two maps in it.</summary>
    public int Sums { get; init; }

    /// <summary>Whether a view lies between the base and the value.</summary>
    public bool IsViewed { get; init; }

    public IEnumerable<Node> Norms => Nodes.Select(n => n.Node).Where(n => n.Op == "BatchNormalization");

    /// <summary>y -> scale * y, with what that makes of an offset.</summary>
    public LinearMap Scaled(double[] scale, Func<double, int, double> offset, Node by, Value through) => this with
    {
        Kernel = () => Scale(Kernel(), scale),
        Bias = [.. Bias.Select(offset)],
        Nodes = [.. Nodes, (by, through)],
    };

    /// <summary>What this map, whose kernel is [out, in], is of the source of another that scales each channel.
    /// </summary>
    public LinearMap After(LinearMap scales)
    {
        var (kernel, scale, width) = (Kernel(), scales.Kernel(), scales.Bias.Length);
        var ofOffsets = new double[Bias.Length];
        for (var i = 0; i < kernel.Length; i++)
            ofOffsets[i / width] += kernel[i] * scales.Bias[i % width];
        return this with
        {
            Source = scales.Source,
            Kernel = () => [.. Kernel().Select((w, i) => w * scale[i % width])],
            Bias = [.. Bias.Zip(ofOffsets, (b, o) => b + o)],
            Nodes = [.. scales.Nodes, .. Nodes],
        };
    }

    /// <summary>The sum of two maps or, by the sign -1, their difference; null where that is no map.</summary>
    public static LinearMap? Sum(LinearMap a, LinearMap b, double sign, Node by)
    {
        var joined = a.Source != b.Source || a.IsViewed || b.IsViewed || a.Axis != b.Axis ? null
            : a.Spec is not null && b.Spec is not null ? ConvSum.Of(a, b, sign)
            : a.Base is { } x && b.Base is { } y && IsAlike(x, y) ? a with { Kernel = Added(a.Kernel, b.Kernel, sign) }
            : null;
        if (joined is null)
            return null;
        var ofA = a.Base is not null && (b.Base is null || a.Layout.Count >= b.Layout.Count);
        return joined with
        {
            Base = ofA ? a.Base : b.Base,
            Bias = [.. a.Bias.Zip(b.Bias, (p, q) => p + sign * q)],
            Nodes = [.. a.Nodes, .. b.Nodes, (by, ofA ? by[0] : by[1])],
            Parts = a.Parts + b.Parts,
            Sums = a.Sums + b.Sums + 1,
        };
    }

    /// <summary>
    /// Error of the rounded weights and offsets, relative to the largest of the channel; infinite where one overflows.
    /// </summary>
    public double MeasureError()
    {
        var kernel = Kernel();
        var (largest, error) = (new double[Bias.Length], new double[Bias.Length]);
        for (var i = 0; i < kernel.Length; i++)
        {
            var c = Layout.Channel(i);
            largest[c] = Math.Max(largest[c], Math.Abs(kernel[i]));
            error[c] = Math.Max(error[c], Math.Abs(kernel[i] - (float)kernel[i]));
        }
        var offsets = Bias.Select(o => Relative(Math.Abs(o - (float)o), Math.Abs(o)));
        return error.Zip(largest, Relative).Concat(offsets).Max();
    }

    /// <summary>The kernel as float32, computed when it is read.</summary>
    public Tensor Rounded() => new(DType.Float32, Layout.Shape, () =>
        new CastMemory<float>(Array.ConvertAll(Kernel(), w => (float)w)).Memory);

    double[] Scale(double[] kernel, double[] scale)
    {
        for (var i = 0; i < kernel.Length; i++)
            kernel[i] *= scale[Layout.Channel(i)];
        return kernel;
    }

    static Func<double[]> Added(Func<double[]> a, Func<double[]> b, double sign) =>
        () => [.. a().Zip(b(), (p, q) => p + sign * q)];

    /// <summary>The same operator with the same attributes over a weight of the same shape.</summary>
    static bool IsAlike(Node a, Node b) => a.Op == b.Op && a[1].Shape.Equals(b[1].Shape)
        && Attributes(a).SequenceEqual(Attributes(b));

    static IEnumerable<string> Attributes(Node n) => n.Attributes.Where(a => a.Key != "beta")
        .Select(a => $"{a.Key}={(a.Value is long[] list ? string.Join(",", list) : a.Value)}");

    /// <summary>
    /// An error as a share of the largest value. What float32 cannot hold has the error infinity or NaN; both become
    /// infinity, since NaN is not greater than any tolerance and would be accepted.
    /// </summary>
    static double Relative(double error, double largest) =>
        !double.IsFinite(error) ? double.PositiveInfinity : error == 0 ? 0 : error / largest;
}

/// <summary>The shape of a kernel, and the channel of the result that each element of it writes to.</summary>
/// <param name="Shape">The shape.</param>
/// <param name="Inner">Elements from one channel to the next.</param>
/// <param name="Channels">Channels of a group, or all.</param>
/// <param name="Group">Elements of a group, where groups lie outside of the channels.</param>
sealed record KernelLayout(long[] Shape, long Inner, long Channels, long Group = long.MaxValue)
{
    public long Count { get; } = Shape.Aggregate(1L, (product, d) => product * d);

    public int Channel(int element) => (int)(element / Inner % Channels + element / Group * Channels);

    /// <summary>One whose first axis has the channels.</summary>
    public static KernelLayout OfConv(long[] shape) => new(shape, Product(shape, 1), shape[0]);

    public static KernelLayout Of(Node linear)
    {
        var shape = linear[1].Shape.Sizes;
        return linear.Op switch
        {
            "Conv" => OfConv(shape),
            "Gemm" when linear.Int("transB") == 1 => new(shape, shape[1], shape[0]),
            "Gemm" or "MatMul" => new(shape, 1, shape[1]),
            _ => new(shape, Product(shape, 2), shape[1], Product(shape, 0) / linear.Int("group", 1)),
        };
    }

    static long Product(long[] shape, int axis) => shape.Skip(axis).Aggregate(1L, (product, d) => product * d);
}
