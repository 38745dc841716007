namespace OnnxTimm.Models;

/// <summary>
/// iFormer (arXiv:2501.15369): convolutional blocks with wide filters, and on small maps attention of a single head,
/// whose result a gate weighs. timm/models/iformer.py.
/// </summary>
public static class IFormer
{
    /// <param name="Dims">Channels of each stage.</param>
    /// <param name="Depths">Blocks of each stage, of all kinds.</param>
    /// <param name="Attentions">How often each stage attends.</param>
    public sealed record Config(int[] Dims, int[] Depths, params int[] Attentions) : ConvStyle(Activations.Gelu)
    {
        /// <summary>Width of a convolutional block between its layers over its own.</summary>
        public int ConvRatio { get; init; } = 4;

        /// <summary>Width of an MLP between its layers over its own.</summary>
        public int MlpRatio { get; init; } = 3;

        /// <summary>By what queries and keys of each stage are narrower than values.</summary>
        public int[] Divisors { get; init; } = [1, 1, 2, 4];

        /// <summary>What the factors of the residuals begin with; none where null.</summary>
        public double? LayerScale { get; init; }

        /// <summary>Ends of the names of the heads' scopes.</summary>
        public string[] Heads { get; init; } = ["head"];
    }

    /// <summary>timm's variants of the module <c>iformer</c>.</summary>
    public static readonly Family<Config> Family = new("iformer", Build, Facts)
    {
        { "iformer_t", new([32, 64, 128, 256], [2, 2, 16, 6], 0, 0, 3, 2) { ConvRatio = 3, MlpRatio = 2 } },
        { "iformer_s", new([32, 64, 176, 320], [2, 2, 19, 6], 0, 0, 3, 2) },
        { "iformer_m", M },
        { "iformer_m_distilled", M with { Heads = Both } },
        { "iformer_l", L },
        { "iformer_l_distilled", L with { Heads = Both } },
        { "iformer_l2", L2 },
        { "iformer_l2_distilled", L2 with { Heads = Both } },
        { "iformer_h", new([96, 192, 384, 768], [5, 5, 60, 18], 0, 0, 15, 6)
            { MlpRatio = 4, Divisors = [1, 1, 1, 1], LayerScale = 1e-6 } },
    };

    static Config M => new([48, 96, 192, 384], [2, 2, 22, 6], 0, 0, 4, 2);

    static Config L => new([48, 96, 256, 384], [2, 2, 33, 6], 0, 0, 8, 2);

    static Config L2 => new([64, 128, 256, 512], [3, 3, 46, 9], 0, 0, 11, 3);

    static string[] Both => ["head", "head_dist"];

    static Value Build(Value x, Scope s, Config c, Net net)
    {
        x = Stem(x, s["stem"], c);
        foreach (var b in net.Blocks(c.Depths))
        {
            var stage = s["stages"][b.Stage];
            if (b is { IsFirst: true, Stage: > 0 })
                x = Unit(x, stage["downsample"], c.Dims[b.Stage], new(3, Stride: 2), c);
            x = BlockAt(b, c)(x, stage["blocks"][b.Index], c, b);
            if (b.IsLast)
                net.Tap($"stages.{b.Stage}", x);
        }
        net.Unpooled(x);
        Head[] heads = [.. c.Heads.Select(name => Classifier(s["head"][name]))];
        var pooled = heads[0].Read(x, net.Options.GlobalPool);
        return net.Heads([.. heads.Select(head => (head, pooled))]);
    }

    static Value Stem(Value x, Scope s, Config c)
    {
        var half = c.Dims[0] / 2;
        x = c.Act(Unit(x, s["conv1"], half, new(5, Stride: 2), c));
        x = c.Act(Unit(x, s["conv2"], 4 * half, new(5, Stride: 2), c));
        return Unit(x, s["conv3"], c.Dims[0], new(1), c);
    }

    static Head Classifier(Scope s) => new(s["l"])
    {
        PoolBy = (x, name) => GlobalPool.Of(x, name, among: ["avg"]),
        Classifier = (x, linear, classes, drop) =>
            Head.Rows(x).Dropout(drop).BatchNorm(s["bn"]).Linear(linear, classes),
    };

    /// <summary>
    /// Groups of position, attention and MLP stand at the end of a stage, before a last convolutional block if there is
    /// any.
    /// </summary>
    static TokenBlock<Config> BlockAt(Place b, Config c)
    {
        var (count, rest) = (3 * c.Attentions[b.Stage], b.Depth - 3 * c.Attentions[b.Stage]);
        var inGroups = b.Index - Math.Max(0, rest - 1);
        return inGroups < 0 || inGroups >= count ? Convolution
            : (inGroups % 3) switch { 0 => Position, 1 => Attention, _ => Mlp };
    }

    static Value Convolution(Value x, Scope s, Config c, Place place) => Residual(x, s["mixer"], c, place, layers =>
    {
        var y = Unit(x, layers[0], x.Channels, new(7, Groups: x.Channels), c);
        return Unit(c.Act(Unit(y, layers[1], c.ConvRatio * x.Channels, new(1), c)), layers[3], x.Channels, new(1), c);
    });

    static Value Position(Value x, Scope s, Config c, Place place) =>
        x + Unit(x, s["cpe"]["module"], x.Channels, new(3, Groups: x.Channels), c);

    static Value Mlp(Value x, Scope s, Config c, Place place) => Residual(x, s["mixer"], c, place, layers =>
        Unit(c.Act(Unit(x, layers[0], c.MlpRatio * x.Channels, new(1), c)), layers[2], x.Channels, new(1), c));

    /// <summary>The values pass the same sigmoid as the gate.</summary>
    static Value Attention(Value x, Scope s, Config c, Place place) => Residual(x, s["mixer"], c, place, layers =>
    {
        var width = x.Channels / c.Divisors[place.Stage];
        var (q, k) = (Unit(x, layers["q"], width, new(1), c), Unit(x, layers["k"], width, new(1), c));
        var parts = Unit(x, layers["v_gate"], 2 * x.Channels, new(1), c).Sigmoid()
            .Split([x.Channels, x.Channels], axis: 1);
        var y = Qkv.Of(q.ToTokens(), k.ToTokens(), parts[0].ToTokens(), heads: 1).Attend().MergeHeads()
            .ToMap(x.Height, x.Width);
        return Unit(y * parts[1], layers["proj"], x.Channels, new(1), c);
    });

    static Value Residual(Value x, Scope s, Config c, Place place, Func<Scope, Value> layers)
    {
        var gamma = c.LayerScale is { } init ? s.Param("gamma", Init.Fill((float)init), 1, x.Channels, 1, 1) : null;
        var y = layers(s["module"]).DropPath(place.DropPath);
        return x + (gamma is null ? y : gamma * y);
    }

    static Value Unit(Value x, Scope s, int channels, Window w, Config c) =>
        x.ConvNorm((s["c"], s["bn"]), channels, w, c);

    static FamilyFacts Facts(Config c) => new(new("^stem", (@"^stages\.(\d+)\.downsample", [0]),
        (@"^stages\.(\d+)\.blocks\.(\d+)", null), ("^head", [LayerGroups.Previous])))
    {
        Layers = new() { Conv = Init.TruncNormal(), Linear = Init.TruncNormal(), LinearBias = Init.Zeros },
    };
}
