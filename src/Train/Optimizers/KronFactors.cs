namespace OnnxTimm.Train;

/// <summary>What the factors of a tensor are in <see cref="Kron"/>, and how they change.</summary>
sealed class KronFactors(OptimizerSettings s)
{
    /// <summary>The least normal number of bfloat16, which timm adds to divisors.</summary>
    const double Tiny = 1.1754943508222875e-38;

    readonly double mostTriangular = s.Number("max_size_triangular", 2048);
    readonly double leastAxes = s.Number("min_ndim_triangular", 2);
    readonly string? diagonal = s.ChoiceOrNone("memory_save_mode", "None", "one_diag", "smart_one_diag", "all_diag");
    readonly double scale = s.Number("precond_init_scale", 1);
    readonly bool flattens = s.Flag("flatten");
    readonly int start = (int)s.Number("flatten_start_dim", 2), end = (int)s.Number("flatten_end_dim", -1);

    /// <summary>A tensor's shape with some axes as one, where that is asked for.</summary>
    public long[] Flat(long[] shape)
    {
        var last = Math.Min(end >= 0 ? end : shape.Length + end, shape.Length - 1);
        return !flattens || shape.Length <= start || start > last ? shape
            : [.. shape[..start], shape[start..(last + 1)].Aggregate(1L, (n, d) => n * d), .. shape[(last + 1)..]];
    }

    public Shape Shape(long[] shape) => new(Flat(shape).Select(size => (Dim)size));

    /// <summary>The factor of an axis: the identity, as a matrix or as its diagonal.</summary>
    public Slot Slot(int axis) => new($"Q_{axis}")
    {
        Shape = shape => Flat(shape) is var flat && axis >= flat.Length ? null
            : IsDiagonal(flat, axis) ? [flat[axis]] : [flat[axis], flat[axis]],
        Start = shape =>
        {
            var flat = Flat(shape);
            var factor = (float)Math.Pow(scale, 1.0 / flat.Length);
            return IsDiagonal(flat, axis) ? [.. Enumerable.Repeat(factor, (int)flat[axis])]
                : Triangular.Identity(flat[axis], factor);
        },
    };

    bool IsDiagonal(long[] shape, int axis) => shape[axis] == 1 || shape[axis] > mostTriangular
        || shape.Length < leastAxes || diagonal switch
        {
            null or "None" => false,
            "all_diag" => true,
            "one_diag" => axis == Largest(shape),
            _ => shape.Length >= 2 && axis == Largest(shape) && shape.Count(size => size == shape.Max()) == 1,
        };

    /// <summary>The last of the largest axes, as a sort from the end finds it.</summary>
    static int Largest(long[] shape) => Array.LastIndexOf(shape, shape.Max());

    /// <summary>Factors whose largest values are alike, where chance has it.</summary>
    public static Value[] Balanced(Value[] factors, Value isDue)
    {
        if (factors.Length < 2)
            return factors;
        Value[] norms = [.. factors.Select(q => q.Abs().ReduceMax(keepDims: false))];
        var mean = norms.Aggregate((a, b) => a * b).Pow(1.0 / norms.Length);
        return [.. factors.Zip(norms, (q, norm) => q * (1 + isDue * (mean / norm - 1)))];
    }

    /// <summary>Factors after a step towards whitening the gradient, by a probe of noise.</summary>
    public static Value[] Fitted(Value[] factors, Value gradient, Value probe, Value rate)
    {
        var a = gradient;
        var b = probe;
        foreach (var (axis, q) in factors.Index())
        {
            a = Along(a, axis, q);
            b = q.Shape.Rank == 1 ? Along(b, axis, 1 / q)
                : Along(b, axis, Triangular.Inverse(q).Transpose(1, 0));
        }
        return [.. factors.Select((q, axis) => q - Step(q, Gram(a, axis, q), Gram(b, axis, q)) * rate)];
    }

    /// <summary>A gradient through all factors and their transposes.</summary>
    public static Value Apply(Value[] factors, Value gradient) => factors.Index().Aggregate(gradient, (x, f) =>
        f.Item.Shape.Rank == 1 ? Along(x, f.Index, f.Item * f.Item)
            : Along(Along(x, f.Index, f.Item), f.Index, f.Item.Transpose(1, 0)));

    static Value Step(Value q, Value of, Value against)
    {
        var (difference, sum) = (of - against, of + against);
        return q.Shape.Rank == 1 ? difference * q / (sum.Abs().ReduceMax(keepDims: false) + Tiny)
            : (difference.Triu() / (SpectralNorm(sum) + Tiny)).MatMul(q);
    }

    /// <summary>A lower bound of a symmetric matrix's largest stretch, by its largest row.</summary>
    static Value SpectralNorm(Value matrix)
    {
        var largest = matrix.Abs().ReduceMax(keepDims: false);
        var a = matrix / largest.Max(Tiny);
        var squares = (a * a).ReduceSum([1], keepDims: false);
        var isLargest = 1 - squares.Less(squares.ReduceMax(keepDims: false)).Cast(DType.Float32);
        var x = isLargest.Reshape(1, matrix.Shape[0]).MatMul(a).MatMul(a);
        return (x / x.ReduceL2().Max(Tiny)).MatMul(a).ReduceL2(keepDims: false) * largest;
    }

    /// <summary>A matrix times a tensor along an axis; a vector is its diagonal.</summary>
    static Value Along(Value x, int axis, Value factor)
    {
        if (factor.Shape.Rank == 1)
            return x * factor.Reshape(new Shape(x.Shape.Select((_, i) => i == axis ? factor.Shape[0] : 1)));
        var turn = Exchange(x.Shape.Rank, axis);
        return x.Shape.Rank == 1 ? factor.MatMul(x.Reshape(-1, 1)).Reshape(x.Shape)
            : x.Transpose(turn).MatMul(factor.Transpose(1, 0)).Transpose(turn);
    }

    /// <summary>Products of a tensor with itself over all axes but one; for a vector of each place with itself.
    /// </summary>
    static Value Gram(Value x, int axis, Value like)
    {
        var rows = x.Transpose(Exchange(x.Shape.Rank, axis)).Reshape(-1, x.Shape[axis]);
        if (like.Shape.Rank == 1)
            return (rows * rows).ReduceSum([0], keepDims: false);
        return rows.Transpose(1, 0).MatMul(rows);
    }

    /// <summary>An axis and the last one, exchanged.</summary>
    static long[] Exchange(int rank, int axis)
    {
        long[] order = [.. Enumerable.Range(0, rank).Select(i => (long)i)];
        (order[axis], order[^1]) = (order[^1], order[axis]);
        return order;
    }
}
