namespace OnnxTimm.Conversion;

static partial class SymbolRules
{
    static readonly Dictionary<string, Func<Value, Value>> Activations = new()
    {
        { "relu",        x => x.Relu() },
        { "sigmoid",     x => x.Sigmoid() },
        { "log_sigmoid", x => -(-x).Softplus() },
        { "tanh",        x => x.Tanh() },
        { "softrelu",    x => x.Softplus() },
        { "softsign",    Softsign },
        { "mish",        x => x.Mish() },
    };

    static readonly Dictionary<string, Rule> LeakyRelus = new()
    {
        { "leaky",     c => c[0].LeakyRelu(c.Float("slope", 0.25)) },
        { "prelu",     c => c[0].PRelu(Slopes(c)) },
        { "elu",       c => c[0].Elu(c.Float("slope", 0.25)) },
        { "selu",      c => c[0].Selu() },
        { "gelu",      c => c[0].Gelu() },
        { "gelu_erf",  c => c[0].Gelu() },
        { "gelu_tanh", c => c[0].GeluTanh() },
        { "rrelu",     c => c[0].LeakyRelu((c.Float("lower_bound", 0.125) + c.Float("upper_bound", 0.334)) / 2) },
    };

    static readonly Dictionary<string, Func<Value, Value>> SoftmaxModes = new()
    {
        { "instance", SoftmaxOfAll },
        { "channel",  x => x.Softmax(1) },
    };

    /// <summary>By name, or in old files by MXNet's number. Every float is float32 here.</summary>
    static readonly Dictionary<string, DType> Types = new()
    {
        { "float32", DType.Float32 }, { "0", DType.Float32 },
        { "float64", DType.Float32 }, { "1", DType.Float32 },
        { "float16", DType.Float32 }, { "2", DType.Float32 },
        { "bfloat16", DType.Float32 }, { "12", DType.Float32 },
        { "uint8", DType.UInt8 }, { "3", DType.UInt8 },
        { "int32", DType.Int32 }, { "4", DType.Int32 },
        { "int8", DType.Int8 }, { "5", DType.Int8 },
        { "int64", DType.Int64 }, { "6", DType.Int64 },
        { "bool", DType.Bool }, { "7", DType.Bool },
    };

    static Value LeakyRelu(SymbolCall c) => c.Choice("act_type", "leaky", LeakyRelus)(c);

    /// <summary>One slope for all, or one a channel, which stands behind the batch.</summary>
    static Value Slopes(SymbolCall c)
    {
        var (x, slopes) = (c[0], c[1]);
        if (slopes.Shape.Equals(Shape.Of(1)))
            return slopes;
        var each = c.Weight(1, x.Channels);
        return each.Reshape(new Shape([x.Channels, .. Enumerable.Repeat((Dim)1, x.Shape.Rank - 2)]));
    }

    static Value Softsign(Value x) => x / (x.Abs() + 1);

    static Value SoftmaxOutput(SymbolCall c) =>
        c.Bool("multi_output") ? c[0].Softmax(1) : c.Bool("preserve_shape") ? c[0].Softmax() : SoftmaxOfAll(c[0]);

    /// <summary>Over all elements of a sample.</summary>
    static Value SoftmaxOfAll(Value x) => x.Shape.Rank == 2 ? x.Softmax() : x.Flatten().Softmax().Reshape(x.Shape);

    static Value Tempered(SymbolCall c)
    {
        if (c.Bool("use_length"))
            throw c.Fault("a softmax over given lengths is not known");
        return c.Text("temperature") is null ? c[0] : c[0] / c.Float("temperature");
    }

    static Value Scalar(SymbolCall c) => c[0].Graph.Scalar(c.Float("scalar", 1), c[0].Type);

    /// <summary>Comparisons give numbers in MXNet, 0 and 1.</summary>
    static Value Truth(SymbolCall c, Value condition) => condition.Cast(c[0].Type);

    /// <summary>Of matrices, or of batches of them; each may be transposed.</summary>
    static Value Dot(SymbolCall c)
    {
        var rank = c.Node.Op == "dot" ? 2 : 3;
        if (c[0].Shape.Rank != rank || c[1].Shape.Rank != rank)
            throw c.Fault($"{c[0].Shape} and {c[1].Shape} are multiplied, where {rank} axes are expected");
        var a = c.Bool("transpose_a") ? c[0].Swapped(rank - 2, rank - 1) : c[0];
        return a.MatMul(c.Bool("transpose_b") ? c[1].Swapped(rank - 2, rank - 1) : c[1]);
    }

    /// <summary>
    /// A reduction that keeps its axes as ones, over what the attributes say; a scalar is [1] in MXNet.
    /// </summary>
    static Value Reduced(SymbolCall c, Func<Value, long[], Value> reduce)
    {
        var x = c[0];
        var named = (c.Ints("axis") ?? []).Select(axis => x.Shape.Axis(axis)).ToHashSet();
        var isNamed = !c.Bool("exclude");
        long[] axes = [.. Enumerable.Range(0, x.Shape.Rank)
            .Where(axis => named.Count == 0 || named.Contains(axis) == isNamed).Select(axis => (long)axis)];
        var y = axes.Length == 0 ? x : reduce(x, axes);
        var rest = x.Shape.Where((_, axis) => !axes.Contains(axis)).ToArray();
        return c.Bool("keepdims") || axes.Length == 0 ? y : y.Reshape(rest.Length == 0 ? [1] : rest);
    }

    static Value Norm(SymbolCall c) => c.Int("ord", 2) switch
    {
        2 => Reduced(c, (x, axes) => x.ReduceL2(axes)),
        1 => Reduced(c, (x, axes) => x.Abs().ReduceSum(axes)),
        var order => throw c.Fault($"ord is {order}, where 1 or 2 is expected"),
    };
}
