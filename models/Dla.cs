namespace OnnxTimm.Models;

/// <summary>
/// Deep layer aggregation (arXiv:1707.06484): a stage is a tree whose roots join what their subtrees see. With the
/// hierarchical blocks of Res2Net (1904.01169). timm/models/dla.py.
/// </summary>
public static class Dla
{
    /// <param name="Depths">Convolutions of the first two levels, then depths of trees.</param>
    /// <param name="Channels">Channels of each level.</param>
    /// <param name="Block">The residual of a leaf.</param>
    public sealed record Config(int[] Depths, int[] Channels, ConvBlock<Dla.Config> Block) : ConvStyle(Ops.Relu)
    {
        /// <summary>Groups of a bottleneck's window.</summary>
        public int Groups { get; init; } = 1;

        /// <summary>Channels of a bottleneck's group, for each 64 that go out.</summary>
        public int BaseWidth { get; init; } = 64;

        /// <summary>From what a root computes and its last leaf to what it gives.</summary>
        public Func<Value, Value, Value> Root { get; init; } = (root, _) => root;
    }

    /// <summary>timm's variants of the module <c>dla</c>.</summary>
    public static readonly Family<Config> Family = new("dla", Build, Facts)
    {
        { "dla60_res2net",  new([1, 1, 1, 2, 3, 1], Large, Bottle2neck) { BaseWidth = 28 } },
        { "dla60_res2next", new([1, 1, 1, 2, 3, 1], Large, Bottle2neck) { Groups = 8, BaseWidth = 4 } },
        { "dla34",          new([1, 1, 1, 2, 2, 1], [16, 32, 64, 128, 256, 512], Basic) },
        { "dla46_c",        new([1, 1, 1, 2, 2, 1], Compact, Bottleneck) },
        { "dla46x_c",       new([1, 1, 1, 2, 2, 1], Compact, Bottleneck) { Groups = 32, BaseWidth = 4 } },
        { "dla60x_c",       new([1, 1, 1, 2, 3, 1], Compact, Bottleneck) { Groups = 32, BaseWidth = 4 } },
        { "dla60",          new([1, 1, 1, 2, 3, 1], Large, Bottleneck) },
        { "dla60x",         new([1, 1, 1, 2, 3, 1], Large, Bottleneck) { Groups = 32, BaseWidth = 4 } },
        { "dla102",         new([1, 1, 1, 3, 4, 1], Large, Bottleneck) { Root = ResidualRoot } },
        { "dla102x",        new([1, 1, 1, 3, 4, 1], Large, Bottleneck) {
            Groups = 32, BaseWidth = 4, Root = ResidualRoot } },
        { "dla102x2",       new([1, 1, 1, 3, 4, 1], Large, Bottleneck) {
            Groups = 64, BaseWidth = 4, Root = ResidualRoot } },
        { "dla169",         new([1, 1, 2, 3, 5, 1], Large, Bottleneck) { Root = ResidualRoot } },
    };

    static int[] Large => [16, 32, 128, 256, 512, 1024];

    static int[] Compact => [16, 32, 64, 64, 128, 256];

    static Value Build(Value x, Scope s, Config c, Net net)
    {
        x = x.ConvNormAct((s["base_layer"][0], s["base_layer"][1]), c.Channels[0], new(7), c);
        foreach (var (i, channels) in c.Channels.Index())
        {
            var level = s[$"level{i}"];
            x = net.Tap($"level{i}", i < 2 ? Convs(x, level, channels, c, i)
                : Tree(x, level, channels, c, c.Depths[i], stride: 2, i == 2 ? [] : [Halved(x)]));
        }
        return net.Head(x, new(s["fc"]) { Classifier = Head.Conv });
    }

    static Value Convs(Value x, Scope s, int channels, Config c, int level)
    {
        for (var i = 0; i < c.Depths[level]; i++)
            x = x.ConvNormAct((s[3 * i], s[3 * i + 1]), channels, new(3, i == 0 ? level + 1 : 1), c);
        return x;
    }

    /// <summary>Two subtrees, and a root that joins them and what is handed to it from aside.</summary>
    static Value Tree(Value x, Scope s, int channels, Config c, int depth, int stride, Value[] aside)
    {
        if (depth > 1)
        {
            var first = Tree(x, s["tree1"], channels, c, depth - 1, stride, []);
            return Tree(first, s["tree2"], channels, c, depth - 1, stride: 1, [.. aside, first]);
        }
        var identity = stride == 1 ? x : Halved(x);
        if (x.Channels != channels)
            identity = identity.ConvNorm((s["project"][0], s["project"][1]), channels, new(1), c);
        var a = Leaf(x, identity, s["tree1"], channels, c, stride);
        var b = Leaf(a, a, s["tree2"], channels, c, stride: 1);
        var root = new[] { b, a }.Concat(aside).ToArray().Concat(1)
            .ConvNorm((s["root"]["conv"], s["root"]["bn"]), channels, new(1), c);
        return c.Act(c.Root(root, b));
    }

    static Value Halved(Value x) => x.MaxPool(k: 2, stride: 2, Pad.Valid);

    static Value ResidualRoot(Value root, Value leaf) => root + leaf;

    static Value Leaf(Value x, Value identity, Scope s, int channels, Config c, int stride) =>
        c.Act(c.Block(x, s, channels, c, new(0, 0, 0) { Stride = stride }) + identity);

    static Value Basic(Value x, Scope s, int channels, Config c, Place place) => x
        .ConvNormAct((s["conv1"], s["bn1"]), channels, new(3, place.Stride), c)
        .ConvNorm((s["conv2"], s["bn2"]), channels, new(3), c);

    static Value Bottleneck(Value x, Scope s, int channels, Config c, Place place) => x
        .ConvNormAct((s["conv1"], s["bn1"]), Width(channels, c), new(1), c)
        .ConvNormAct((s["conv2"], s["bn2"]), Width(channels, c), new(3, place.Stride, Groups: c.Groups), c)
        .ConvNorm((s["conv3"], s["bn3"]), channels, new(1), c);

    static Value Bottle2neck(Value x, Scope s, int channels, Config c, Place place) => x
        .ConvNormAct((s["conv1"], s["bn1"]), 4 * Width(channels, c), new(1), c)
        .ConvScales(s, count: 4, new(3, place.Stride, Groups: c.Groups), place.Stride > 1, c)
        .ConvNorm((s["conv3"], s["bn3"]), channels, new(1), c);

    static int Width(int channels, Config c) => channels * c.BaseWidth / 64 * c.Groups / 2;

    static FamilyFacts Facts(Config c) => new(new("^base_layer",
        (@"^level(\d+)\.tree(\d+)", null), (@"^level(\d+)\.root", [2]), (@"^level(\d+)", [1])))
    {
        Layers = new() { Conv = Init.KaimingFanOut() },
        Taps = [1, 2, 3, 4, 5],
    };
}
