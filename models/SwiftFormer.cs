namespace OnnxTimm.Models;

/// <summary>
/// SwiftFormer (arXiv:2303.15446): convolutional blocks, and at the end of each stage attention that is a weighed mean
/// of all queries times the keys. timm/models/swiftformer.py.
/// </summary>
public static class SwiftFormer
{
    /// <param name="Depths">Blocks of each stage.</param>
    /// <param name="Dims">Channels of each stage.</param>
    public sealed record Config(int[] Depths, params int[] Dims);

    /// <summary>timm's variants of the module <c>swiftformer</c>.</summary>
    public static readonly Family<Config> Family = new("swiftformer", Build, Facts)
    {
        { "swiftformer_xs", new([3, 3, 6, 4], 48, 56, 112, 220) },
        { "swiftformer_s",  new([3, 3, 9, 6], 48, 64, 168, 224) },
        { "swiftformer_l1", new([4, 3, 10, 5], 48, 96, 192, 384) },
        { "swiftformer_l3", new([4, 4, 12, 6], 64, 128, 320, 512) },
    };

    static Value Build(Value x, Scope s, Config c, Net net)
    {
        var stem = s["stem"];
        x = x.Conv(stem[0], c.Dims[0] / 2, k: 3, stride: 2).BatchNorm(stem[1]).Relu();
        x = x.Conv(stem[3], c.Dims[0], k: 3, stride: 2).BatchNorm(stem[4]).Relu();
        foreach (var b in net.Blocks(c.Depths))
        {
            var (stage, down) = (s["stages"][b.Stage], s["stages"][b.Stage]["downsample"]);
            if (b is { IsFirst: true, Stage: > 0 })
                x = x.Conv(down["proj"], c.Dims[b.Stage], k: 3, stride: 2).BatchNorm(down["norm"]);
            var block = stage["blocks"][b.Index];
            x = b.IsLast ? AttentiveBlock(x, block, b) : ConvBlock(x, block, 4 * x.Channels, b.DropPath);
            if (b.IsLast)
                net.Tap($"stages.{b.Stage}", x);
        }
        x = x.BatchNorm(s["norm"]);
        net.Unpooled(x);
        var head = new Head(s["head"]) { PoolBy = (y, name) => GlobalPool.Of(y, name, among: ["avg"]) };
        var read = head.Read(x, net.Options.GlobalPool);
        return net.Heads([(head, read), (new(s["head_dist"]), read)]);
    }

    static Value ConvBlock(Value x, Scope s, int hidden, double dropPath)
    {
        var y = x.DepthwiseConv(s["dwconv"], k: 3).BatchNorm(s["norm"]);
        y = y.Conv(s["pwconv1"], hidden, k: 1).Gelu().Conv(s["pwconv2"], x.Channels, k: 1);
        return x + Scaled(y, s["layer_scale"], 1).DropPath(dropPath);
    }

    static Value AttentiveBlock(Value x, Scope s, Place place)
    {
        x = ConvBlock(x, s["local_representation"], x.Channels, dropPath: 0);
        var y = AdditiveAttention(x.ToTokens(), s["attn"]).ToMap(x.Height, x.Width);
        x += Scaled(y, s.Late("layer_scale_1"), 1e-5f).DropPath(place.DropPath);
        y = x.BatchNorm(s["linear"]["norm1"]).Conv(s["linear"]["fc1"], 4 * x.Channels, k: 1).Gelu()
            .Dropout(place.ProjDrop).Conv(s["linear"]["fc2"], x.Channels, k: 1).Dropout(place.ProjDrop);
        return x + Scaled(y, s.Late("layer_scale_2"), 1e-5f).DropPath(place.DropPath);
    }

    static Value Scaled(Value x, Scope s, float init) =>
        x * s.Param("gamma", Init.Fill(init), x.Channels, 1, 1);

    /// <summary>One score a query weighs all queries [N, L, D] into one, which gates all keys.</summary>
    static Value AdditiveAttention(Value x, Scope s)
    {
        var dim = x.Features;
        var weight = s.Param("w_g", Init.Normal(1), dim, 1);
        var (query, key) = (x.Linear(s["to_query"], dim).L2Normalize(), x.Linear(s["to_key"], dim).L2Normalize());
        var scores = query.MatMul(weight) * (1 / Math.Sqrt(dim));
        var shares = scores / scores.ReduceL2([1]).Max(1e-12);
        var global = (shares * query).ReduceSum([1]);
        return ((global * key).Linear(s["proj"], dim) + query).Linear(s["final"], dim);
    }

    static FamilyFacts Facts(Config c) => new(new("^stem",
        (@"^stages\.(\d+).downsample", [0]), (@"^stages\.(\d+)\.blocks\.(\d+)", null),
        ("^norm", [LayerGroups.Previous])))
    {
        Layers = LayerDefaults.TruncNormal,
    };
}
