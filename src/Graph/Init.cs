using System.Text;

namespace OnnxTimm;

/// <summary>How a parameter begins: a rule that fills an array of a given shape from a source of chance.</summary>
/// <param name="name">The rule, for a reader.</param>
/// <param name="fill">Fills the array; the second argument is the shape.</param>
public sealed class Init(string name, Action<Span<float>, long[], Random> fill)
{
    /// <summary>All 0.</summary>
    public static readonly Init Zeros = Fill(0);

    /// <summary>All 1.</summary>
    public static readonly Init Ones = Fill(1);

    /// <summary>All the same.</summary>
    public static Init Fill(float value) => new($"fill({value})", (data, _, _) => data.Fill(value));

    /// <summary>
    /// Normal distribution, cut at two absolute units (PyTorch's trunc_normal_ with timm's defaults).
    /// </summary>
    public static Init TruncNormal(double std = 0.02) =>
        new($"trunc_normal({std})", (data, _, random) => Each(data, () => TruncatedNormal(random, std)));

    /// <summary>Normal distribution, cut at two standard deviations (TensorFlow's; timm's trunc_normal_tf_).</summary>
    public static Init TruncNormalTf(double std) =>
        new($"trunc_normal_tf({std})", (data, _, random) => Each(data, () => std * TruncatedNormal(random, 1)));

    /// <summary>
    /// One rule for the first half of the rows, another for the rest: two layers that are stored, and begin, as one.
    /// </summary>
    public static Init Halves(Init first, Init second) => new($"{first} | {second}", (data, shape, random) =>
    {
        first.Apply(data[..(data.Length / 2)], shape, random);
        second.Apply(data[(data.Length / 2)..], shape, random);
    });

    /// <summary>Normal distribution, never cut.</summary>
    public static Init Normal(double std, double mean = 0) =>
        new($"normal({mean}, {std})", (data, _, random) => Each(data, () => mean + Gauss(random) * std));

    /// <summary>Normal distribution of variance 1 / fan-in.</summary>
    public static readonly Init NormalFanIn = new("normal(1 / sqrt(fan_in))", (data, shape, random) =>
    {
        var std = 1 / Math.Sqrt(shape[1] * Receptive(shape));
        Each(data, () => Gauss(random) * std);
    });

    /// <summary>Uniform in -limit .. limit.</summary>
    public static Init Uniform(double limit) =>
        new($"uniform({limit})", (data, _, random) => Each(data, () => (2 * random.NextDouble() - 1) * limit));

    /// <summary>Uniform between two values.</summary>
    public static Init Between(double least, double most) => new($"uniform({least}, {most})",
        (data, _, random) => Each(data, () => least + random.NextDouble() * (most - least)));

    /// <summary>He et al., arXiv:1502.01852, normal, by fan-out: the default of timm's ResNets.</summary>
    public static Init KaimingFanOut(int groups = 1) => new("kaiming_normal(fan_out)", (data, shape, random) =>
    {
        var std = Math.Sqrt(2.0 * groups / (shape[0] * Receptive(shape)));
        Each(data, () => Gauss(random) * std);
    });

    /// <summary>He et al., arXiv:1502.01852, normal, by fan-in.</summary>
    public static readonly Init KaimingFanIn = new("kaiming_normal(fan_in)", (data, shape, random) =>
    {
        var std = Math.Sqrt(2.0 / (shape[1] * Receptive(shape)));
        Each(data, () => Gauss(random) * std);
    });

    /// <summary>PyTorch's default for convolutions and linears: uniform within 1 / sqrt(fan-in).</summary>
    public static readonly Init PyTorchDefault = new("kaiming_uniform(a=sqrt(5))", (data, shape, random) =>
    {
        var limit = 1 / Math.Sqrt(shape[1] * Receptive(shape));
        Each(data, () => (2 * random.NextDouble() - 1) * limit);
    });

    /// <summary>Normal distribution of variance 1 / fan-in, cut at two deviations (timm's lecun_normal_).</summary>
    public static readonly Init LecunNormal = new("lecun_normal", (data, shape, random) =>
    {
        // The cut leaves a standard normal with this deviation.
        var std = 1 / Math.Sqrt(shape[1] * Receptive(shape)) / 0.87962566103423978;
        Each(data, () => std * TruncatedNormal(random, 1));
    });

    /// <summary>Glorot and Bengio, 2010, uniform, by fan-in and fan-out.</summary>
    public static readonly Init XavierUniform = new("xavier_uniform", (data, shape, random) =>
    {
        var limit = Math.Sqrt(6.0 / ((shape[0] + shape[1]) * Receptive(shape)));
        Each(data, () => (2 * random.NextDouble() - 1) * limit);
    });

    /// <summary>Uniform within 1 / sqrt(fan-out): the linear layers of TensorFlow's EfficientNets.</summary>
    public static readonly Init UniformFanOut = new("uniform(1 / sqrt(fan_out))", (data, shape, random) =>
    {
        var limit = 1 / Math.Sqrt(shape[0] * Receptive(shape));
        Each(data, () => (2 * random.NextDouble() - 1) * limit);
    });

    /// <summary>The same rule for each row of a matrix, as if the row had the given shape.</summary>
    public Init EachRow(params long[] row) => new($"{name}, each row", (data, shape, random) =>
    {
        var length = data.Length / (int)shape[0];
        for (var start = 0; start < data.Length; start += length)
            fill(data.Slice(start, length), row, random);
    });

    /// <summary>The same rule, whose values are divided.</summary>
    public Init Over(double divisor) => new($"{name} / {divisor:g3}", (data, shape, random) =>
    {
        fill(data, shape, random);
        foreach (ref var x in data)
            x = (float)(x / divisor);
    });

    /// <summary>
    /// Makes the content for a parameter: the same for the same name and seed, whatever else is in the graph.
    /// </summary>
    /// <exception cref="UserException">It is too large to lie in memory.</exception>
    public ReadOnlyMemory<byte> Make(string parameter, ulong seed, long[] shape)
    {
        var data = new float[TensorMemory.Count(parameter, shape)];
        fill(data, shape, new Random(Seed(parameter, seed)));
        return new CastMemory<float>(data).Memory;
    }

    /// <summary>The rule's name and numbers.</summary>
    public override string ToString() => name;

    void Apply(Span<float> data, long[] shape, Random random) => fill(data, shape, random);

    static int Seed(string text, ulong seed)
    {
        var hash = 0xCBF29CE484222325UL ^ seed;
        foreach (var b in Encoding.UTF8.GetBytes(text))
            hash = (hash ^ b) * 0x100000001B3UL;
        return (int)(hash ^ (hash >> 32));
    }

    static long Receptive(long[] shape) => shape.Skip(2).Aggregate(1L, (product, d) => product * d);

    static void Each(Span<float> data, Func<double> next)
    {
        foreach (ref var x in data)
            x = (float)next();
    }

    static double Gauss(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    static double TruncatedNormal(Random random, double std)
    {
        double x;
        do
            x = Gauss(random) * std;
        while (Math.Abs(x) > 2);
        return x;
    }
}
