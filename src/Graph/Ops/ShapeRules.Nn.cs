namespace OnnxTimm;

static partial class ShapeRules
{
    static (string Ops, Rule Rule)[] Networks =>
    [
        ("Conv ConvInteger QLinearConv FusedConv", (n, _) => Convolved(n)),
        ("ConvTranspose", (n, _) => One(n[0].Type, Transposed(n))),
        ("MaxPool", (n, _) => [(n[0].Type, Pooled(n)), (DType.Int64, Pooled(n))]),
        ("MaxPoolGrad AveragePoolGrad", (n, _) => One(n[0].Type, n[1].Shape)),
        ("AveragePool LpPool", (n, _) => One(n[0].Type, Pooled(n))),
        ("GlobalAveragePool GlobalMaxPool GlobalLpPool", (n, _) =>
            One(n[0].Type, new(n[0].Shape.Take(2).Concat(n[0].Shape.Skip(2).Select(_ => (Dim)1))))),
        ("BatchNormalization", (n, _) =>
            [(n[0].Type, n[0].Shape), .. Enumerable.Repeat((n[3].Type, n[3].Shape), 4)]),
        ("SplitBatchNormalization", (n, _) => One(n[0].Type, n[0].Shape)),
        ("BatchNorm", (n, _) => [(n[0].Type, n[0].Shape), (n[0].Type, n[1].Shape), (n[0].Type, n[1].Shape)]),
        ("BatchNormGrad", (n, _) =>
            [(n[0].Type, n[0].Shape), (n[0].Type, n[2].Shape), (n[0].Type, n[2].Shape), (n[0].Type, n[0].Shape)]),
        ("ConvInputGrad", (n, _) => One(n[0].Type,
            new([n[0].Shape[0], n[1].Shape[1] * n.Int("group", 1), .. n.Ints("size")!.Select(d => (Dim)d)]))),
        ("ConvWeightGrad", (n, _) => One(n[0].Type,
            new([n[1].Shape[1], n[0].Shape[1] / n.Int("group", 1), .. n.Ints("kernel_shape")!.Select(d => (Dim)d)]))),
        ("LayerNormGrad", (n, _) => [(n[0].Type, n[0].Shape), (n[0].Type, n[2].Shape), (n[0].Type, n[2].Shape)]),
        ("LayerNormalization SimplifiedLayerNormalization RMSNormalization", (n, _) =>
        {
            var axis = n[0].Shape.Axis(n.Int("axis", -1));
            var mean = new Shape(n[0].Shape.Select((d, i) => i < axis ? d : 1));
            return [(n[0].Type, n[0].Shape), (DType.Float32, mean), (DType.Float32, mean)];
        }),
        ("LSTM", (n, _) => Remembered(n)),
        ("InstanceNormalization GroupNormalization", (n, _) => One(n[0].Type, n[0].Shape)),
        ("MatMul FusedMatMul", (n, _) => One(n[0].Type, Product(n))),
        ("MatMulNBits", (n, _) => One(n[0].Type, n[0].Shape.With(-1, n.Int("N")))),
        ("Gemm", (n, _) => One(n[0].Type, new Shape(
            n[0].Shape[n.Int("transA") == 1 ? 1 : 0], n[1].Shape[n.Int("transB") == 1 ? 0 : 1]))),
        ("SoftmaxCrossEntropyLoss NegativeLogLikelihoodLoss", (n, _) => n.Text("reduction", "mean") == "none"
            ? [(n[0].Type, n[1].Shape), (n[0].Type, n[0].Shape)]
            : [(n[0].Type, Shape.Scalar), (n[0].Type, n[0].Shape)]),
    ];

    /// <summary>All states and, of the last step, state and memory.</summary>
    static (DType, Shape)[] Remembered(Node n)
    {
        if (n.Int("layout") != 0)
            throw new InvalidOperationException("Sequences that begin with the batch have no rule.");
        var (type, x, directions, hidden) = (n[0].Type, n[0].Shape, n[1].Shape[0], n[2].Shape[2]);
        var last = new Shape(directions, x[1], hidden);
        return [(type, new(x[0], directions, x[1], hidden)), (type, last), (type, last)];
    }

    static (DType, Shape)[] Convolved(Node n)
    {
        var weight = n.Op == "QLinearConv" ? n[3].Shape : n[1].Shape;
        var kernel = n.Ints("kernel_shape") ?? weight.Skip(2).Select(d => d.Size).ToArray();
        var group = n.Int("group", 1);
        if (n.Op == "Conv" && n[0].Shape[1] != weight[1] * group)
            throw new InvalidOperationException(
                $"{n[0].Shape} has not the {weight[1] * group} channels of the weight {weight}.");
        var type = n.Op switch { "ConvInteger" => DType.Int32, "QLinearConv" => n[7].Type, _ => n[0].Type };
        return One(type, new([n[0].Shape[0], weight[0], .. Windows(n, kernel)]));
    }

    static Shape Pooled(Node n) => new([n[0].Shape[0], n[0].Shape[1], .. Windows(n, n.Ints("kernel_shape")!)]);

    /// <summary>How many windows fit along each spatial axis.</summary>
    static IEnumerable<Dim> Windows(Node n, long[] kernel)
    {
        var rank = kernel.Length;
        var (strides, dilations) = (n.Ints("strides", rank, 1), n.Ints("dilations", rank, 1));
        var (pads, auto) = (n.Ints("pads", 2 * rank, 0), n.Text("auto_pad", "NOTSET"));
        return Enumerable.Range(0, rank).Select(i =>
        {
            var (size, span) = (n[0].Shape[i + 2].Size, dilations[i] * (kernel[i] - 1) + 1);
            if (kernel[i] < 1 || strides[i] < 1)
                throw new InvalidOperationException($"No window is {kernel[i]} long with a stride of {strides[i]}.");
            if (auto.StartsWith("SAME", StringComparison.Ordinal))
                return (Dim)((size + strides[i] - 1) / strides[i]);
            var room = size + pads[i] + pads[i + rank] - span;
            var count = room / strides[i] + 1;
            // A last, partial window counts only if it begins inside the input or its left padding.
            if (n.Int("ceil_mode") == 1 && room % strides[i] != 0 && count * strides[i] < size + pads[i])
                count++;
            return room < 0 ? throw new InvalidOperationException($"The window {span} exceeds the size {size}.")
                : count;
        });
    }

    static Shape Transposed(Node n)
    {
        var spec = ConvSpec.Of(n);
        var rank = spec.Strides.Length;
        if (n.Ints("output_shape") is { } given)
            return new([n[0].Shape[0], n[1].Shape[1] * spec.Group, .. given.TakeLast(rank).Select(d => (Dim)d)]);
        var extra = n.Ints("output_padding", rank, 0);
        return new([n[0].Shape[0], n[1].Shape[1] * spec.Group, .. Enumerable.Range(0, rank).Select(i => (Dim)(
            spec.Strides[i] * (n[0].Shape[i + 2].Size - 1) + extra[i]
            + spec.Dilations[i] * (n[1].Shape[i + 2].Size - 1) + 1
            - spec.Pads[i] - spec.Pads[i + rank]))]);
    }

    static Shape Product(Node n)
    {
        var a = n.Int("transA") == 1 ? Swapped(n[0].Shape) : n[0].Shape;
        var b = n.Int("transB") == 1 ? Swapped(n[1].Shape) : n[1].Shape;
        if (a.Rank < 2 || b.Rank < 2)
            throw new InvalidOperationException("Vectors are not multiplied here.");
        if (a[-1] != b[-2])
            throw new InvalidOperationException($"The inner sizes of {a} and {b} differ.");
        return new([.. Shape.Broadcast(new(a.SkipLast(2)), new(b.SkipLast(2))), a[-2], b[-1]]);
    }

    static Shape Swapped(Shape s) => new([.. s.SkipLast(2), s[-1], s[-2]]);
}
