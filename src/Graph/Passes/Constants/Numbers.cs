namespace OnnxTimm.Passes;

/// <summary>Arithmetic on constants: floats in float64, integers in int64, rounded to the type of the result.</summary>
static class Numbers
{
    /// <summary>True where all numbers in a node are of types that are calculated with here.</summary>
    public static bool Knows(Node n) => n.Op switch
    {
        "Cast" => IsNumber(n[0].Type) && IsNumber(n.Out.Type),
        "Add" or "Sub" or "Mul" or "Div" or "Min" or "Max" => IsNumber(n.Out.Type) && n.In.Length == 2,
        "MatMul" => IsFloat(n.Out.Type) && (n[1].Shape.Rank == 2 || n[0].Shape.Rank == 2),
        "InstanceNormalization" => IsFloat(n.Out.Type) && n[0].Shape.Count.Factor > 0
            && n[1].Shape.Equals(new Shape(n[0].Shape[1])) && n[2].Shape.Equals(n[1].Shape),
        "Pow" or "Gemm" => IsFloat(n.Out.Type),
        "Clip" => IsFloat(n.Out.Type) && n.Attributes.Count == 0,
        "Where" => IsNumber(n.Out.Type),
        "Softmax" => IsFloat(n.Out.Type) && n.Graph.Opset >= 13
            && n.Out.Shape.Axis(n.Int("axis", -1)) == n.Out.Shape.Rank - 1,
        _ when Functions.Unary.ContainsKey(n.Op) => IsFloat(n.Out.Type),
        _ when n.Op.StartsWith("Reduce", StringComparison.Ordinal) =>
            IsFloat(n.Out.Type) && n.Int("noop_with_empty_axes") == 0,
        _ => n.Out.Type.Bits() >= 8,
    };

    public static ReadOnlyMemory<byte> Cast(Node n) => IsFloat(n[0].Type)
        ? Rounded(Floats(n[0]), n.Out.Type)
        : Rounded(Integers(n[0]), n.Out.Type);

    public static ReadOnlyMemory<byte> Unary(Node n)
    {
        var f = Functions.Unary[n.Op];
        return Rounded(Array.ConvertAll(Floats(n[0]), x => f(x)), n.Out.Type);
    }

    public static ReadOnlyMemory<byte> Binary(Node n) => IsFloat(n.Out.Type)
        ? Rounded(Combine(n, Floats(n[0]), Floats(n[1]), Functions.Binary[n.Op]), n.Out.Type)
        : Rounded(Combine(n, Integers(n[0]), Integers(n[1]), Functions.Integer[n.Op]), n.Out.Type);

    public static ReadOnlyMemory<byte> Clip(Node n)
    {
        var (low, high) = (Bound(1, double.NegativeInfinity), Bound(2, double.PositiveInfinity));
        return Rounded(Array.ConvertAll(Floats(n[0]), x => Math.Min(Math.Max(x, low), high)), n.Out.Type);

        double Bound(int input, double otherwise) => n.Has(input) ? Floats(n[input])[0] : otherwise;
    }

    public static ReadOnlyMemory<byte> Where(Node n)
    {
        var condition = Spread(n[0], n.Out.Shape, Integers(n[0]));
        return IsFloat(n.Out.Type)
            ? Rounded(Choose(Spread(n[1], n.Out.Shape, Floats(n[1])), Spread(n[2], n.Out.Shape, Floats(n[2]))),
                n.Out.Type)
            : Rounded(Choose(Spread(n[1], n.Out.Shape, Integers(n[1])), Spread(n[2], n.Out.Shape, Integers(n[2]))),
                n.Out.Type);

        T[] Choose<T>(T[] yes, T[] no) => [.. condition.Select((c, i) => c != 0 ? yes[i] : no[i])];
    }

    /// <summary>Over the last axis.</summary>
    public static ReadOnlyMemory<byte> Softmax(Node n) => Rounded([.. Floats(n[0]).Chunk((int)n.Out.Shape[-1].Size)
        .SelectMany(row =>
        {
            var (most, sum) = (row.Max(), 0.0);
            for (var i = 0; i < row.Length; i++)
                sum += row[i] = Math.Exp(row[i] - most);
            return row.Select(x => x / sum);
        })], n.Out.Type);

    public static ReadOnlyMemory<byte> Reduce(Node n)
    {
        var values = Floats(n[0]);
        var kept = ShapeRules.Reduced(n[0].Shape, n.ConstInts(1) ?? n.Ints("axes"), keepDims: true);
        var target = StridedLayout.RowMajor(kept.Sizes).Broadcast(n[0].Shape.Sizes);
        var result = new double[kept.Count.Size];
        Func<double, double, double> f = n.Op switch
        {
            "ReduceMax" => Math.Max,
            "ReduceMin" => Math.Min,
            "ReduceSumSquare" or "ReduceL2" => (sum, x) => sum + x * x,
            _ => (sum, x) => sum + x,
        };
        if (n.Op is "ReduceMax" or "ReduceMin")
            Array.Fill(result, n.Op == "ReduceMax" ? double.NegativeInfinity : double.PositiveInfinity);
        foreach (var (i, at) in target.Indices().Index())
            result[at] = f(result[at], values[i]);
        var count = values.Length / Math.Max(1, result.Length);
        return Rounded(Array.ConvertAll(result, x => n.Op switch
        {
            "ReduceMean" => x / count,
            "ReduceL2" => Math.Sqrt(x),
            _ => x,
        }), n.Out.Type);
    }

    /// <summary>[..., M, K] by [K, N], or [M, K] by [..., K, N].</summary>
    public static ReadOnlyMemory<byte> MatMul(Node n)
    {
        var (a, b) = (Floats(n[0]), Floats(n[1]));
        var (inner, columns) = ((int)n[1].Shape[-2].Size, (int)n[1].Shape[-1].Size);
        var (rows, count) = (a.Length / inner, b.Length / inner / columns);
        var result = new double[count * rows * columns];
        for (var block = 0; block < count; block++)
            for (var i = 0; i < a.Length; i++)
                for (var j = 0; j < columns; j++)
                    result[(block * rows + i / inner) * columns + j] +=
                        a[i] * b[(block * inner + i % inner) * columns + j];
        return Rounded(result, n.Out.Type);
    }

    /// <summary>Each channel of each image over its own mean and deviation.</summary>
    public static ReadOnlyMemory<byte> InstanceNorm(Node n)
    {
        var (x, scale, bias, eps) = (Floats(n[0]), Floats(n[1]), Floats(n[2]), n.Float("epsilon", 1e-5f));
        var rows = x.Chunk(x.Length / ((int)n[0].Shape[0].Size * scale.Length));
        return Rounded([.. rows.SelectMany((row, i) =>
        {
            var (mean, c) = (row.Average(), i % scale.Length);
            var factor = scale[c] / Math.Sqrt(row.Average(v => (v - mean) * (v - mean)) + eps);
            return row.Select(v => (v - mean) * factor + bias[c]);
        })], n.Out.Type);
    }

    /// <summary>alpha A' B' + beta C, by the indices of each matrix as it is stored.</summary>
    public static ReadOnlyMemory<byte> Gemm(Node n)
    {
        var (a, b) = (Floats(n[0]), Floats(n[1]));
        var (rows, columns) = ((int)n.Out.Shape[0].Size, (int)n.Out.Shape[1].Size);
        var (inner, alpha, beta) = (a.Length / rows, n.Float("alpha", 1), n.Float("beta", 1));
        var (i1, k1) = n.Int("transA") == 1 ? (1, rows) : (inner, 1);
        var (k2, j2) = n.Int("transB") == 1 ? (1, inner) : (columns, 1);
        var result = n.Has(2) ? Array.ConvertAll(Spread(n[2], n.Out.Shape, Floats(n[2])), c => beta * c)
            : new double[rows * columns];
        for (var i = 0; i < rows; i++)
            for (var j = 0; j < columns; j++)
                for (var k = 0; k < inner; k++)
                    result[i * columns + j] += alpha * a[i * i1 + k * k1] * b[k * k2 + j * j2];
        return Rounded(result, n.Out.Type);
    }

    static T[] Combine<T>(Node n, T[] a, T[] b, Func<T, T, T> f) =>
        [.. Spread(n[0], n.Out.Shape, a).Zip(Spread(n[1], n.Out.Shape, b), f)];

    /// <summary>Elements repeated to a larger shape.</summary>
    static T[] Spread<T>(Value v, Shape to, T[] elements) => v.Shape.Equals(to) ? elements
        : [.. StridedLayout.RowMajor(v.Shape.Sizes).Broadcast(to.Sizes).Indices().Select(i => elements[i])];

    static bool IsFloat(DType type) => type is DType.Float32 or DType.Float64 or DType.Float16;

    static bool IsNumber(DType type) => IsFloat(type) || type is DType.Int64 or DType.Int32 or DType.Bool;

    static double[] Floats(Value v) => v.Type == DType.Float64
        ? v.Data!.Span<double>().ToArray()
        : Array.ConvertAll(v.Data!.ToFloats(), x => (double)x);

    static long[] Integers(Value v) => v.Data!.ToInts();

    static ReadOnlyMemory<byte> Rounded(double[] values, DType type) => type switch
    {
        DType.Float64 => Memory(values),
        DType.Float32 => Memory(Array.ConvertAll(values, x => (float)x)),
        DType.Float16 => Memory(Array.ConvertAll(values, x => (Half)x)),
        DType.Bool => Memory(Array.ConvertAll(values, x => x != 0)),
        DType.Int32 => Memory(Array.ConvertAll(values, x => (int)x)),
        _ => Memory(Array.ConvertAll(values, x => (long)x)),
    };

    static ReadOnlyMemory<byte> Rounded(long[] values, DType type) => type switch
    {
        DType.Int64 => Memory(values),
        DType.Int32 => Memory(Array.ConvertAll(values, x => (int)x)),
        DType.Bool => Memory(Array.ConvertAll(values, x => x != 0)),
        _ => Rounded(Array.ConvertAll(values, x => (double)x), type),
    };

    static ReadOnlyMemory<byte> Memory<T>(T[] values) where T : unmanaged => new CastMemory<T>(values).Memory;
}
