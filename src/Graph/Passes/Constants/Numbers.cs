namespace OnnxTimm.Passes;

/// <summary>Arithmetic on constants: floats in float64, integers in int64, rounded to the type of the result.</summary>
static class Numbers
{
    /// <summary>True where all numbers in a node are of types that are calculated with here.</summary>
    public static bool Knows(Node n) => n.Op switch
    {
        "Cast" => IsNumber(n[0].Type) && IsNumber(n.Out.Type),
        "Add" or "Sub" or "Mul" or "Div" or "Min" or "Max" => IsNumber(n.Out.Type) && n.In.Length == 2,
        "MatMul" => IsFloat(n.Out.Type) && n[1].Shape.Rank == 2,
        "InstanceNormalization" => IsFloat(n.Out.Type) && n[0].Shape.Count.Factor > 0
            && n[1].Shape.Equals(new Shape(n[0].Shape[1])) && n[2].Shape.Equals(n[1].Shape),
        "Pow" or "Neg" or "Abs" or "Exp" or "Log" or "Sqrt" or "Reciprocal" or "Sigmoid" or "Tanh" =>
            IsFloat(n.Out.Type),
        _ when n.Op.StartsWith("Reduce", StringComparison.Ordinal) =>
            IsFloat(n.Out.Type) && n.Int("noop_with_empty_axes") == 0,
        _ => n.Out.Type.Bits() >= 8,
    };

    public static ReadOnlyMemory<byte> Cast(Node n) => IsFloat(n[0].Type)
        ? Rounded(Floats(n[0]), n.Out.Type)
        : Rounded(Integers(n[0]), n.Out.Type);

    public static ReadOnlyMemory<byte> Unary(Node n)
    {
        Func<double, double> f = n.Op switch
        {
            "Neg" => x => -x,
            "Abs" => Math.Abs,
            "Exp" => Math.Exp,
            "Log" => Math.Log,
            "Sqrt" => Math.Sqrt,
            "Reciprocal" => x => 1 / x,
            "Sigmoid" => x => 1 / (1 + Math.Exp(-x)),
            _ => Math.Tanh,
        };
        return Rounded(Array.ConvertAll(Floats(n[0]), x => f(x)), n.Out.Type);
    }

    public static ReadOnlyMemory<byte> Binary(Node n)
    {
        if (!IsFloat(n.Out.Type))
            return Rounded(Combine(n, Integers(n[0]), Integers(n[1]), IntegerRule(n.Op)), n.Out.Type);
        Func<double, double, double> f = n.Op switch
        {
            "Add" => (a, b) => a + b,
            "Sub" => (a, b) => a - b,
            "Mul" => (a, b) => a * b,
            "Div" => (a, b) => a / b,
            "Pow" => Math.Pow,
            "Min" => Math.Min,
            _ => Math.Max,
        };
        return Rounded(Combine(n, Floats(n[0]), Floats(n[1]), f), n.Out.Type);
    }

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

    /// <summary>[..., M, K] by [K, N].</summary>
    public static ReadOnlyMemory<byte> MatMul(Node n)
    {
        var (a, b) = (Floats(n[0]), Floats(n[1]));
        var (inner, columns) = ((int)n[1].Shape[0].Size, (int)n[1].Shape[1].Size);
        var result = new double[a.Length / inner * columns];
        for (var i = 0; i < a.Length; i++)
            for (var j = 0; j < columns; j++)
                result[i / inner * columns + j] += a[i] * b[i % inner * columns + j];
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

    static Func<long, long, long> IntegerRule(string op) => op switch
    {
        "Add" => (a, b) => a + b,
        "Sub" => (a, b) => a - b,
        "Mul" => (a, b) => a * b,
        "Div" => (a, b) => b == 0 ? throw new UserException("A constant is divided by zero.") : a / b,
        "Min" => Math.Min,
        _ => Math.Max,
    };

    static T[] Combine<T>(Node n, T[] a, T[] b, Func<T, T, T> f)
    {
        IEnumerable<long> Indices(Value v) =>
            StridedLayout.RowMajor(v.Shape.Sizes).Broadcast(n.Out.Shape.Sizes).Indices();
        return [.. Indices(n[0]).Zip(Indices(n[1]), (i, j) => f(a[i], b[j]))];
    }

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
