using static OnnxTimm.Layers;

namespace OnnxTimm.Models;

/// <summary>
/// ResNet and its kin: ResNet v1.5 (arXiv:1512.03385), Wide ResNet (1605.07146), ResNeXt (1611.05431), SE-Net
/// (1709.01507), the C, D and S stems (1812.01187), ECA-Net (1910.03151), blurred pooling (1904.11486) and ResNet-RS
/// (2103.07579). timm/models/resnet.py.
/// </summary>
public static class ResNet
{
    /// <param name="Depths">Blocks of each stage.</param>
    /// <param name="Block">The residual block; several are given a stage each.</param>
    public sealed record Config(int[] Depths, params Block[] Block)
    {
        public Stem Stem { get; init; } = Plain;
        public Func<Scope, Value, Value> StemPool { get; init; } = (_, x) => x.MaxPool(k: 3, stride: 2);
        public Shortcut Shortcut { get; init; } = Projection;
        public int[] Planes { get; init; } = [64, 128, 256, 512];
        public int Groups { get; init; } = 1;
        public int BaseWidth { get; init; } = 64;
        public int ReduceFirst { get; init; } = 1;
        public Norm Norm { get; init; } = Layers.BatchNorm;
        public Attention Attention { get; init; } = (x, _, _) => x;
        public Func<Value, int, Value>? AntiAlias { get; init; }
        public string? Pruned { get; init; }
    }

    /// <summary>A residual block of a stage: planes are a quarter of a bottleneck's channels.</summary>
    public delegate Value Block(Config c, Scope s, Value x, int planes, int stride, double dropPath);

    /// <summary>The first convolutions, at stride 2.</summary>
    public delegate Value Stem(Config c, Scope s, Value x);

    /// <summary>Weighs the channels of a residual; width is their number before any pruning.</summary>
    public delegate Value Attention(Value x, Scope s, int width);

    /// <summary>Brings the identity to the shape of the residual.</summary>
    public delegate Value Shortcut(Config c, Scope s, Value x, int width, int stride);

    public static readonly Family<Config> Family = new("resnet", Build, Defaults,
        new("^conv1|bn1|maxpool", (@"^layer(\d+)\.(\d+)", null)))
    {
        { "resnet10t",             T(N10, Basic) },
        { "resnet14t",             T(N10, Bottleneck) },
        { "resnet18",              new(N18, Basic) },
        { "resnet18d",             D(N18, Basic) },
        { "resnet34",              new(N50, Basic) },
        { "resnet34d",             D(N50, Basic) },
        { "resnet26",              new(N18, Bottleneck) },
        { "resnet26t",             T(N18, Bottleneck) },
        { "resnet26d",             D(N18, Bottleneck) },
        { "resnet50",              new(N50, Bottleneck) },
        { "resnet50c",             new(N50, Bottleneck) { Stem = Deep(32) } },
        { "resnet50d",             D(N50, Bottleneck) },
        { "resnet50s",             new(N50, Bottleneck) { Stem = Deep(64) } },
        { "resnet50t",             T(N50, Bottleneck) },
        { "resnet101",             new(N101, Bottleneck) },
        { "resnet101c",            new(N101, Bottleneck) { Stem = Deep(32) } },
        { "resnet101d",            D(N101, Bottleneck) },
        { "resnet101s",            new(N101, Bottleneck) { Stem = Deep(64) } },
        { "resnet152",             new(N152, Bottleneck) },
        { "resnet152c",            new(N152, Bottleneck) { Stem = Deep(32) } },
        { "resnet152d",            D(N152, Bottleneck) },
        { "resnet152s",            new(N152, Bottleneck) { Stem = Deep(64) } },
        { "resnet200",             new(N200, Bottleneck) },
        { "resnet200d",            D(N200, Bottleneck) },
        { "wide_resnet50_2",       new(N50, Bottleneck) { BaseWidth = 128 } },
        { "wide_resnet101_2",      new(N101, Bottleneck) { BaseWidth = 128 } },
        { "resnet50_gn",           new(N50, Bottleneck) { Norm = GroupNorm32 } },
        { "resnext50_32x4d",       new(N50, Bottleneck) { Groups = 32, BaseWidth = 4 } },
        { "resnext50d_32x4d",      D(N50, Bottleneck) with { Groups = 32, BaseWidth = 4 } },
        { "resnext101_32x4d",      new(N101, Bottleneck) { Groups = 32, BaseWidth = 4 } },
        { "resnext101_32x8d",      new(N101, Bottleneck) { Groups = 32, BaseWidth = 8 } },
        { "resnext101_32x16d",     new(N101, Bottleneck) { Groups = 32, BaseWidth = 16 } },
        { "resnext101_32x32d",     new(N101, Bottleneck) { Groups = 32, BaseWidth = 32 } },
        { "resnext101_64x4d",      new(N101, Bottleneck) { Groups = 64, BaseWidth = 4 } },
        { "ecaresnet26t",          T(N18, Bottleneck) with { Attention = Eca } },
        { "ecaresnet50d",          D(N50, Bottleneck) with { Attention = Eca } },
        { "ecaresnet50d_pruned",   D(N50, Bottleneck) with { Attention = Eca, Pruned = "ecaresnet50d_pruned" } },
        { "ecaresnet50t",          T(N50, Bottleneck) with { Attention = Eca } },
        { "ecaresnetlight",        new([1, 1, 11, 3], Bottleneck) { Shortcut = PooledProjection, Attention = Eca } },
        { "ecaresnet101d",         D(N101, Bottleneck) with { Attention = Eca } },
        { "ecaresnet101d_pruned",  D(N101, Bottleneck) with { Attention = Eca, Pruned = "ecaresnet101d_pruned" } },
        { "ecaresnet200d",         D(N200, Bottleneck) with { Attention = Eca } },
        { "ecaresnet269d",         D(N269, Bottleneck) with { Attention = Eca } },
        { "ecaresnext26t_32x4d",   T(N18, Bottleneck) with { Groups = 32, BaseWidth = 4, Attention = Eca } },
        { "ecaresnext50t_32x4d",   T(N50, Bottleneck) with { Groups = 32, BaseWidth = 4, Attention = Eca } },
        { "seresnet18",            new(N18, Basic) { Attention = Se } },
        { "seresnet34",            new(N50, Basic) { Attention = Se } },
        { "seresnet50",            new(N50, Bottleneck) { Attention = Se } },
        { "seresnet50t",           T(N50, Bottleneck) with { Attention = Se } },
        { "seresnet101",           new(N101, Bottleneck) { Attention = Se } },
        { "seresnet152",           new(N152, Bottleneck) { Attention = Se } },
        { "seresnet152d",          D(N152, Bottleneck) with { Attention = Se } },
        { "seresnet200d",          D(N200, Bottleneck) with { Attention = Se } },
        { "seresnet269d",          D(N269, Bottleneck) with { Attention = Se } },
        { "seresnext26d_32x4d",    D(N18, Bottleneck) with { Groups = 32, BaseWidth = 4, Attention = Se } },
        { "seresnext26t_32x4d",    T(N18, Bottleneck) with { Groups = 32, BaseWidth = 4, Attention = Se } },
        { "seresnext50_32x4d",     new(N50, Bottleneck) { Groups = 32, BaseWidth = 4, Attention = Se } },
        { "seresnext101_32x4d",    new(N101, Bottleneck) { Groups = 32, BaseWidth = 4, Attention = Se } },
        { "seresnext101_32x8d",    new(N101, Bottleneck) { Groups = 32, BaseWidth = 8, Attention = Se } },
        { "seresnext101d_32x8d",   D(N101, Bottleneck) with { Groups = 32, BaseWidth = 8, Attention = Se } },
        { "seresnext101_64x4d",    new(N101, Bottleneck) { Groups = 64, BaseWidth = 4, Attention = Se } },
        { "senet154",              new(N152, Bottleneck) {
            Stem = Deep(64), Shortcut = WideProjection, Groups = 64, BaseWidth = 4, ReduceFirst = 2, Attention = Se } },
        { "resnetblur18",          new(N18, Basic) { AntiAlias = Blur, StemPool = BlurredMaxPool } },
        { "resnetblur50",          new(N50, Bottleneck) { AntiAlias = Blur, StemPool = BlurredMaxPool } },
        { "resnetblur50d",         D(N50, Bottleneck) with { AntiAlias = Blur, StemPool = BlurredMaxPool } },
        { "resnetblur101d",        D(N101, Bottleneck) with { AntiAlias = Blur, StemPool = BlurredMaxPool } },
        { "resnetaa34d",           D(N50, Basic) with { AntiAlias = Average, StemPool = AveragePool } },
        { "resnetaa50",            new(N50, Bottleneck) { AntiAlias = Average, StemPool = AveragePool } },
        { "resnetaa50d",           D(N50, Bottleneck) with { AntiAlias = Average, StemPool = AveragePool } },
        { "resnetaa101d",          D(N101, Bottleneck) with { AntiAlias = Average, StemPool = AveragePool } },
        { "seresnetaa50d",         D(N50, Bottleneck) with
            { Attention = Se, AntiAlias = Average, StemPool = AveragePool } },
        { "seresnextaa101d_32x8d", D(N101, Bottleneck) with
            { Groups = 32, BaseWidth = 8, Attention = Se, AntiAlias = Average, StemPool = AveragePool } },
        { "seresnextaa201d_32x8d", D([3, 24, 36, 4], Bottleneck) with {
            Stem = Deep(64), Groups = 32, BaseWidth = 8, Attention = Se, AntiAlias = Average,
            StemPool = AveragePool } },
        { "resnetrs50",            D(N50, Bottleneck) with { Attention = SeWide, StemPool = ConvPool } },
        { "resnetrs101",           D(N101, Bottleneck) with { Attention = SeWide, StemPool = ConvPool } },
        { "resnetrs152",           D(N152, Bottleneck) with { Attention = SeWide, StemPool = ConvPool } },
        { "resnetrs200",           D(N200, Bottleneck) with { Attention = SeWide, StemPool = ConvPool } },
        { "resnetrs270",           D([4, 29, 53, 4], Bottleneck) with { Attention = SeWide, StemPool = ConvPool } },
        { "resnetrs350",           D([4, 36, 72, 4], Bottleneck) with { Attention = SeWide, StemPool = ConvPool } },
        { "resnetrs420",           D([4, 44, 87, 4], Bottleneck) with { Attention = SeWide, StemPool = ConvPool } },
        { "test_resnet",           new(N10, Basic, Basic, Bottleneck, Basic) {
            Stem = Deep(16), Shortcut = PooledProjection, Planes = [32, 48, 48, 96] } },
    };

    // Depths, called after the best known network that has them; ResNet-34 and ResNet-50 share theirs.
    internal static int[] N10 => [1, 1, 1, 1];

    internal static int[] N18 => [2, 2, 2, 2];

    internal static int[] N50 => [3, 4, 6, 3];

    internal static int[] N101 => [3, 4, 23, 3];

    internal static int[] N152 => [3, 8, 36, 3];

    internal static int[] N200 => [3, 24, 36, 3];

    internal static int[] N269 => [3, 30, 48, 8];

    /// <summary>The D variant: a deep stem, shortcuts that average before they project.</summary>
    internal static Config D(int[] depths, Block block) =>
        new(depths, block) { Stem = Deep(32), Shortcut = PooledProjection };

    /// <summary>The T variant: a deep stem that widens in steps.</summary>
    static Config T(int[] depths, Block block) => new(depths, block) { Stem = Tiered(32), Shortcut = PooledProjection };

    internal static Value Build(Config c, Net net, Scope s, Value x) =>
        net.Head(s["fc"], net.Unpooled(Trunk(c, net, s, x)));

    internal static Value Trunk(Config c, Net net, Scope s, Value x)
    {
        x = net.Tap("act1", c.Norm(c.Stem(c, s["conv1"], x), s["bn1"]).Relu());
        x = c.StemPool(s["maxpool"], x);
        var (block, blocks) = (0, c.Depths.Sum());
        foreach (var (i, depth) in c.Depths.Index())
        {
            for (var b = 0; b < depth; b++)
                x = c.Block[i % c.Block.Length](c, s[$"layer{i + 1}"][b], x, c.Planes[i],
                    stride: b == 0 && i > 0 ? 2 : 1, net.DropPath(block++, blocks));
            net.Tap($"layer{i + 1}", x);
        }
        return x;
    }

    internal static Value Basic(Config c, Scope s, Value x, int planes, int stride, double dropPath)
    {
        var y = Spatial(c, s, "conv1", "bn1", x, planes / c.ReduceFirst, stride, groups: 1);
        y = c.Norm(y.Conv(s["conv2"], planes, k: 3, bias: false), s["bn2"].ZeroNorm());
        y = c.Attention(y, s["se"], planes).DropPath(dropPath);
        return (y + Identity(c, s["downsample"], x, y, planes, stride)).Relu();
    }

    internal static Value Bottleneck(Config c, Scope s, Value x, int planes, int stride, double dropPath)
    {
        var width = planes * c.BaseWidth / 64 * c.Groups;
        var y = c.Norm(x.Conv(s["conv1"], width / c.ReduceFirst, k: 1, bias: false), s["bn1"]).Relu();
        y = Spatial(c, s, "conv2", "bn2", y, width, stride, c.Groups);
        y = c.Norm(y.Conv(s["conv3"], planes * 4, k: 1, bias: false), s["bn3"].ZeroNorm());
        y = c.Attention(y, s["se"], planes * 4).DropPath(dropPath);
        return (y + Identity(c, s["downsample"], x, y, planes * 4, stride)).Relu();
    }

    /// <summary>The 3x3 convolution that looks around and, at the head of a stage, halves the map.</summary>
    static Value Spatial(Config c, Scope s, string conv, string norm, Value x, int width, int stride, int groups)
    {
        var smooth = stride > 1 ? c.AntiAlias : null;
        var y = x.Conv(s[conv], width, k: 3, stride: smooth is null ? stride : 1, groups: groups, bias: false);
        y = c.Norm(y, s[norm]).Relu();
        return smooth is null ? y : smooth(y, stride);
    }

    static Value Identity(Config c, Scope s, Value x, Value y, int width, int stride) =>
        x.Shape.Equals(y.Shape) ? x : c.Shortcut(c, s, x, width, stride);

    static Value Projection(Config c, Scope s, Value x, int width, int stride) =>
        c.Norm(x.Conv(s[0], width, k: 1, stride, bias: false), s[1]);

    /// <summary>SE-Net's: a 3x3 window where the map is halved.</summary>
    static Value WideProjection(Config c, Scope s, Value x, int width, int stride) =>
        c.Norm(x.Conv(s[0], width, k: stride == 1 ? 1 : 3, stride, bias: false), s[1]);

    /// <summary>ResNet-D's: averages before it projects, so that no pixel is lost.</summary>
    static Value PooledProjection(Config c, Scope s, Value x, int width, int stride)
    {
        if (stride > 1)
            x = x.AvgPool(k: 2, stride, Pad.Valid, ceil: true, countPads: false);
        return c.Norm(x.Conv(s[1], width, k: 1, bias: false), s[2]);
    }

    static Value Plain(Config c, Scope s, Value x) => x.Conv(s, 64, k: 7, stride: 2, bias: false);

    /// <summary>The C stem: three small windows for a large one.</summary>
    /// <param name="width">timm's stem_width: channels of the first two convolutions, half of the third's.</param>
    public static Stem Deep(int width) => (c, s, x) => ThreeConvs(c, s, x, width, width, 2 * width);

    /// <summary>The T stem, which widens in steps.</summary>
    /// <param name="width">timm's stem_width: channels of the second convolution.</param>
    public static Stem Tiered(int width) => (c, s, x) => ThreeConvs(c, s, x, width / 4 * 3, width, 2 * width);

    /// <summary>Three convolutions for one; their numbers count the activations between, as in a sequential.</summary>
    static Value ThreeConvs(Config c, Scope s, Value x, int first, int second, int third)
    {
        x = c.Norm(x.Conv(s[0], first, k: 3, stride: 2, bias: false), s[1]).Relu();
        x = c.Norm(x.Conv(s[3], second, k: 3, bias: false), s[4]).Relu();
        return x.Conv(s[6], third, k: 3, bias: false);
    }

    static Value ConvPool(Scope s, Value x) =>
        x.Conv(s[0], x.Channels, k: 3, stride: 2, bias: false).BatchNorm(s[1]).Relu();

    internal static Value BlurredMaxPool(Scope s, Value x) => x.MaxPool(k: 3, stride: 1).BlurPool();

    static Value AveragePool(Scope s, Value x) => Average(x, 2);

    static Value Blur(Value x, int stride) => x.BlurPool(stride);

    static Value Average(Value x, int stride) => x.AvgPool(k: stride, stride, Pad.Valid);

    static Value GroupNorm32(Value x, Scope s) => x.GroupNorm(s, groups: 32);

    static Value Se(Value x, Scope s, int width) => x.SqueezeExcite(s, MakeDivisible(width / 16.0, roundLimit: 0));

    static Value SeWide(Value x, Scope s, int width) => x.SqueezeExcite(s, MakeDivisible(width / 4.0, roundLimit: 0));

    /// <summary>The more channels, the wider the view (equation 12 of arXiv:1910.03151).</summary>
    static Value Eca(Value x, Scope s, int width)
    {
        var k = (int)((Math.Log2(width) + 1) / 2);
        return x.EfficientChannelAttention(s, Math.Max(k % 2 == 1 ? k : k + 1, 3));
    }

    internal static LayerDefaults Defaults(Config c) => new()
    {
        Conv = _ => Init.KaimingFanOut(),
        Pruned = c.Pruned is null ? new LayerDefaults().Pruned : Resources.Pruned(c.Pruned),
    };
}
