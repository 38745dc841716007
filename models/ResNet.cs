using static OnnxTimm.Models.ResNetBlocks;

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
    public sealed record Config(int[] Depths, params ConvBlock<ResNetStyle>[] Block) : ResNetStyle
    {
        /// <summary>The first convolutions, at stride 2; norm and activation follow.</summary>
        public NetPart<Config> Stem { get; init; } = PlainStem;

        /// <summary>Subsamples what the stem gives, by 2.</summary>
        public Func<Value, Scope, Value> StemPool { get; init; } = (x, _) => x.MaxPool(k: 3, stride: 2);

        /// <summary>Planes of each stage: a quarter of a bottleneck's channels.</summary>
        public int[] Planes { get; init; } = [64, 128, 256, 512];

        /// <summary>Name of the table of the channels that pruning left; null where all are there.</summary>
        public string? Pruned { get; init; }
    }

    /// <summary>timm's variants of the module <c>resnet</c>.</summary>
    public static readonly Family<Config> Family = new("resnet", Build, Facts)
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
        { "ecaresnet26t",          T(N18, Bottleneck) with { Gate = Eca } },
        { "ecaresnet50d",          D(N50, Bottleneck) with { Gate = Eca } },
        { "ecaresnet50d_pruned",   D(N50, Bottleneck) with { Gate = Eca, Pruned = "ecaresnet50d_pruned" } },
        { "ecaresnet50t",          T(N50, Bottleneck) with { Gate = Eca } },
        { "ecaresnetlight",        new([1, 1, 11, 3], Bottleneck) { Shortcut = PooledProjection, Gate = Eca } },
        { "ecaresnet101d",         D(N101, Bottleneck) with { Gate = Eca } },
        { "ecaresnet101d_pruned",  D(N101, Bottleneck) with { Gate = Eca, Pruned = "ecaresnet101d_pruned" } },
        { "ecaresnet200d",         D(N200, Bottleneck) with { Gate = Eca } },
        { "ecaresnet269d",         D(N269, Bottleneck) with { Gate = Eca } },
        { "ecaresnext26t_32x4d",   T(N18, Bottleneck) with { Groups = 32, BaseWidth = 4, Gate = Eca } },
        { "ecaresnext50t_32x4d",   T(N50, Bottleneck) with { Groups = 32, BaseWidth = 4, Gate = Eca } },
        { "seresnet18",            new(N18, Basic) { Gate = Se } },
        { "seresnet34",            new(N50, Basic) { Gate = Se } },
        { "seresnet50",            new(N50, Bottleneck) { Gate = Se } },
        { "seresnet50t",           T(N50, Bottleneck) with { Gate = Se } },
        { "seresnet101",           new(N101, Bottleneck) { Gate = Se } },
        { "seresnet152",           new(N152, Bottleneck) { Gate = Se } },
        { "seresnet152d",          D(N152, Bottleneck) with { Gate = Se } },
        { "seresnet200d",          D(N200, Bottleneck) with { Gate = Se } },
        { "seresnet269d",          D(N269, Bottleneck) with { Gate = Se } },
        { "seresnext26d_32x4d",    D(N18, Bottleneck) with { Groups = 32, BaseWidth = 4, Gate = Se } },
        { "seresnext26t_32x4d",    T(N18, Bottleneck) with { Groups = 32, BaseWidth = 4, Gate = Se } },
        { "seresnext50_32x4d",     new(N50, Bottleneck) { Groups = 32, BaseWidth = 4, Gate = Se } },
        { "seresnext101_32x4d",    new(N101, Bottleneck) { Groups = 32, BaseWidth = 4, Gate = Se } },
        { "seresnext101_32x8d",    new(N101, Bottleneck) { Groups = 32, BaseWidth = 8, Gate = Se } },
        { "seresnext101d_32x8d",   D(N101, Bottleneck) with { Groups = 32, BaseWidth = 8, Gate = Se } },
        { "seresnext101_64x4d",    new(N101, Bottleneck) { Groups = 64, BaseWidth = 4, Gate = Se } },
        { "senet154",              new(N152, Bottleneck) {
            Stem = Deep(64), Shortcut = WideProjection, Groups = 64, BaseWidth = 4, ReduceFirst = 2, Gate = Se } },
        { "resnetblur18",          new(N18, Basic) { AntiAlias = Blur, StemPool = BlurredMaxPool } },
        { "resnetblur50",          new(N50, Bottleneck) { AntiAlias = Blur, StemPool = BlurredMaxPool } },
        { "resnetblur50d",         D(N50, Bottleneck) with { AntiAlias = Blur, StemPool = BlurredMaxPool } },
        { "resnetblur101d",        D(N101, Bottleneck) with { AntiAlias = Blur, StemPool = BlurredMaxPool } },
        { "resnetaa34d",           D(N50, Basic) with { AntiAlias = MeanPool, StemPool = MeanPool } },
        { "resnetaa50",            new(N50, Bottleneck) { AntiAlias = MeanPool, StemPool = MeanPool } },
        { "resnetaa50d",           D(N50, Bottleneck) with { AntiAlias = MeanPool, StemPool = MeanPool } },
        { "resnetaa101d",          D(N101, Bottleneck) with { AntiAlias = MeanPool, StemPool = MeanPool } },
        { "seresnetaa50d",         D(N50, Bottleneck) with
            { Gate = Se, AntiAlias = MeanPool, StemPool = MeanPool } },
        { "seresnextaa101d_32x8d", D(N101, Bottleneck) with
            { Groups = 32, BaseWidth = 8, Gate = Se, AntiAlias = MeanPool, StemPool = MeanPool } },
        { "seresnextaa201d_32x8d", D([3, 24, 36, 4], Bottleneck) with {
            Stem = Deep(64), Groups = 32, BaseWidth = 8, Gate = Se, AntiAlias = MeanPool,
            StemPool = MeanPool } },
        { "resnetrs50",            D(N50, Bottleneck) with { Gate = SeWide, StemPool = ConvPool } },
        { "resnetrs101",           D(N101, Bottleneck) with { Gate = SeWide, StemPool = ConvPool } },
        { "resnetrs152",           D(N152, Bottleneck) with { Gate = SeWide, StemPool = ConvPool } },
        { "resnetrs200",           D(N200, Bottleneck) with { Gate = SeWide, StemPool = ConvPool } },
        { "resnetrs270",           D([4, 29, 53, 4], Bottleneck) with { Gate = SeWide, StemPool = ConvPool } },
        { "resnetrs350",           D([4, 36, 72, 4], Bottleneck) with { Gate = SeWide, StemPool = ConvPool } },
        { "resnetrs420",           D([4, 44, 87, 4], Bottleneck) with { Gate = SeWide, StemPool = ConvPool } },
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
    internal static Config D(int[] depths, ConvBlock<ResNetStyle> block) =>
        new(depths, block) { Stem = Deep(32), Shortcut = PooledProjection };

    /// <summary>The T variant: a deep stem that widens in steps.</summary>
    static Config T(int[] depths, ConvBlock<ResNetStyle> block) =>
        new(depths, block) { Stem = Tiered(32), Shortcut = PooledProjection };

    internal static Value Build(Value image, Scope s, Config c, Net net) =>
        net.Head(Trunk(image, s, c, net), new(s["fc"]));

    internal static Value Trunk(Value x, Scope s, Config c, Net net)
    {
        x = net.Tap("act1", c.Norm(c.Stem(x, s["conv1"], c, net), s["bn1"], c.Act));
        x = c.StemPool(x, s["maxpool"]);
        foreach (var b in net.Strided(c.Depths, reduction: 4))
        {
            var name = $"layer{b.Stage + 1}";
            x = c.Block[b.Stage % c.Block.Length](x, s[name][b.Index], c.Planes[b.Stage], c, b);
            if (b.IsLast)
                net.Tap(name, x);
        }
        return x;
    }

    static Value PlainStem(Value x, Scope s, Config c, Net net) => x.Conv(s, 64, k: 7, stride: 2, bias: false);

    /// <summary>The C stem: three small windows for a large one.</summary>
    /// <param name="width">timm's stem_width: channels of the first two convolutions, half of the third's.</param>
    public static NetPart<Config> Deep(int width) => (x, s, c, _) => ThreeConvs(x, s, c, width, width, 2 * width);

    /// <summary>The T stem, which widens in steps.</summary>
    /// <param name="width">timm's stem_width: channels of the second convolution.</param>
    public static NetPart<Config> Tiered(int width) =>
        (x, s, c, _) => ThreeConvs(x, s, c, width / 4 * 3, width, 2 * width);

    /// <summary>Three convolutions for one; their numbers count the activations between, as in a sequential.</summary>
    static Value ThreeConvs(Value x, Scope s, Config c, int first, int second, int third) => x
        .ConvNormAct((s[0], s[1]), first, new(3, Stride: 2), c with { AntiAlias = null })
        .ConvNormAct((s[3], s[4]), second, new(3), c)
        .Conv(s[6], third, k: 3, bias: false);

    static Value ConvPool(Value x, Scope s) =>
        x.ConvNormAct((s[0], s[1]), x.Channels, new(3, Stride: 2), new ConvStyle(Ops.Relu));

    internal static Value BlurredMaxPool(Value x, Scope s) => x.MaxPool(k: 3, stride: 1).BlurPool();

    static Value MeanPool(Value x, Scope s) => MeanPool(x, 2);

    static Value Blur(Value x, int stride) => x.BlurPool(stride);

    static Value MeanPool(Value x, int stride) => x.AvgPool(k: stride, stride, Pad.Valid);

    internal static FamilyFacts Facts(Config c) => new(new("^conv1|bn1|maxpool", (@"^layer(\d+)\.(\d+)", null)))
    {
        Layers = new() { Conv = Init.KaimingFanOut(), Pruned = Resources.Pruned(c.Pruned) },
        Dilates = true,
    };
}
