using static OnnxTimm.Layers;

namespace OnnxTimm.Models;

/// <summary>
/// ResNet v2, which norms and activates before each convolution (arXiv:1603.05027): Big Transfer (1912.11370), its
/// distilled form (2106.05237), and timm's own with other norms. timm/models/resnetv2.py.
/// </summary>
public static class ResNetV2
{
    /// <param name="Depths">Blocks of each stage.</param>
    /// <param name="Block">The residual block.</param>
    public sealed record Config(int[] Depths, ConvBlock<Config> Block) : ConvStyle(Ops.Relu)
    {
        /// <summary>Channels of each stage.</summary>
        public int[] Channels { get; init; } = Wide(1);

        /// <summary>Channels of the stem.</summary>
        public int StemChannels { get; init; } = 64;

        /// <summary>The first convolutions, at stride 2.</summary>
        public NetPart<Config> Stem { get; init; } = PlainStem;

        /// <summary>Subsamples what the stem gives, by 2.</summary>
        public Func<Value, Value> StemPool { get; init; } = x => x.MaxPool(k: 3, stride: 2);

        /// <summary>Brings the identity to the shape of the residual.</summary>
        public ConvBlock<Config> Shortcut { get; init; } = Projection;
    }

    /// <summary>timm's variants of the module <c>resnetv2</c>.</summary>
    public static readonly Family<Config> Family = new("resnetv2", Build, Facts)
    {
        { "resnetv2_50x1_bit",  Bit(N50, 1) },
        { "resnetv2_50x3_bit",  Bit(N50, 3) },
        { "resnetv2_101x1_bit", Bit(N101, 1) },
        { "resnetv2_101x3_bit", Bit(N101, 3) },
        { "resnetv2_152x2_bit", Bit(N152, 2) },
        { "resnetv2_152x4_bit", Bit(N152, 4) },
        { "resnetv2_18",        Basic([2, 2, 2, 2]) },
        { "resnetv2_18d",       D(Basic([2, 2, 2, 2])) },
        { "resnetv2_34",        Basic(N50) },
        { "resnetv2_34d",       D(Basic(N50)) },
        { "resnetv2_50",        new(N50, PreActBottleneck) },
        { "resnetv2_50d",       D(new(N50, PreActBottleneck)) },
        { "resnetv2_50t",       D(new(N50, PreActBottleneck)) with { Stem = TieredStem } },
        { "resnetv2_101",       new(N101, PreActBottleneck) },
        { "resnetv2_101d",      D(new(N101, PreActBottleneck)) },
        { "resnetv2_152",       new(N152, PreActBottleneck) },
        { "resnetv2_152d",      D(new(N152, PreActBottleneck)) },
        { "resnetv2_50d_gn",    D(new(N50, PreActBottleneck)) with { Norm = ResNetBlocks.GroupNorm32 } },
        { "resnetv2_50d_evos",  D(new(N50, PreActBottleneck)) with { Norm = (x, s, _) => x.EvoNormS0(s, groups: 32) } },
        { "resnetv2_50d_frn",   D(new(N50, PreActBottleneck)) with { Norm = (x, s, _) => x.FilterResponseNormTlu(s) } },
    };

    static int[] N50 => [3, 4, 6, 3];

    static int[] N101 => [3, 4, 23, 3];

    static int[] N152 => [3, 8, 36, 3];

    static int[] Wide(int width) => [256 * width, 512 * width, 1024 * width, 2048 * width];

    static Config Bit(int[] depths, int width) => new(depths, PreActBottleneck)
    {
        Channels = Wide(width),
        StemChannels = 64 * width,
        StemPool = x => x.Pad([0, 0, 1, 1, 0, 0, 1, 1]).MaxPool(k: 3, stride: 2, Pad.Valid),
        Conv = Standardized(Pad.Half),
        Norm = ResNetBlocks.GroupNorm32,
    };

    static Config Basic(int[] depths) => new(depths, PreActBasic) { Channels = [64, 128, 256, 512] };

    /// <summary>The D variant: a deep stem, shortcuts that average before they project (arXiv:1812.01187).</summary>
    static Config D(Config c) => c with { Stem = DeepStem, Shortcut = PooledProjection };

    static Value Build(Value image, Scope s, Config c, Net net)
    {
        var x = c.Norm(Trunk(image, s, c, net), s["norm"], c.Act);
        var head = s["head"]["fc"].With(d => d with { Conv = Init.Normal(0.01), ConvBias = Init.Zeros });
        return net.Head(x, new(head) { Classifier = Head.Conv });
    }

    internal static Value Trunk(Value image, Scope s, Config c, Net net)
    {
        var x = Root(image, s["stem"], c, net);
        foreach (var b in net.Strided(c.Depths, reduction: 4))
        {
            x = c.Block(x, s["stages"][b.Stage]["blocks"][b.Index], c.Channels[b.Stage], c, b);
            if (b.IsLast)
                net.Tap($"stages.{b.Stage}", x);
        }
        return x;
    }

    /// <summary>Stem and pool: a quarter of the image's size.</summary>
    internal static Value Root(Value image, Scope s, Config c, Net net) => c.StemPool(c.Stem(image, s, c, net));

    static Value PreActBasic(Value x, Scope s, int channels, Config c, Place place)
    {
        var y = c.Norm(x, s["norm1"], c.Act);
        x = IsSame(x, channels, place) ? x : c.Shortcut(y, s.Early("downsample"), channels, c, place);
        y = y.ConvBare(s["conv1"], channels, First(place), c);
        y = c.Norm(y, s["norm2"], c.Act).ConvBare(s["conv2"], channels, new(3, Dilation: place.Dilation), c);
        return y.DropPath(place.DropPath) + x;
    }

    static Value PreActBottleneck(Value x, Scope s, int channels, Config c, Place place)
    {
        var (y, width) = (c.Norm(x, s["norm1"], c.Act), MakeDivisible(channels / 4.0));
        x = IsSame(x, channels, place) ? x : c.Shortcut(y, s.Early("downsample"), channels, c, place);
        y = y.ConvBare(s["conv1"], width, new(1), c);
        y = c.Norm(y, s["norm2"], c.Act).ConvBare(s["conv2"], width, First(place), c);
        y = c.Norm(y, s["norm3"], c.Act).ConvBare(s["conv3"], channels, new(1), c);
        return y.DropPath(place.DropPath) + x;
    }

    /// <summary>ResNet v1.5's, which norms after each convolution: the backbone of hybrid transformers.</summary>
    internal static Value Bottleneck(Value x, Scope s, int channels, Config c, Place place)
    {
        var (down, width) = (s["downsample"], MakeDivisible(channels / 4.0));
        var identity = IsSame(x, channels, place) ? x
            : c.Norm(c.Shortcut(x, down, channels, c, place), down["norm"], null);
        var y = x.ConvNormAct((s["conv1"], s["norm1"]), width, new(1), c);
        y = y.ConvNormAct((s["conv2"], s["norm2"]), width, First(place), c);
        y = y.ConvNorm((s["conv3"], s["norm3"].ZeroNorm()), channels, new(1), c);
        return c.Act(y.DropPath(place.DropPath) + identity);
    }

    static bool IsSame(Value x, int channels, Place place) => x.Channels == channels && place.Stride == 1;

    static Window First(Place place) => new(3, place.Stride, place.FirstDilation);

    static Value Projection(Value x, Scope s, int channels, Config c, Place place) =>
        x.ConvBare(s["conv"], channels, new(1, place.Stride), c);

    static Value PooledProjection(Value x, Scope s, int channels, Config c, Place place) =>
        x.MeanBefore(place).ConvBare(s["conv"], channels, new(1), c);

    static Value ConvBare(this Value x, Scope s, int channels, Window w, Config c) =>
        c.Conv(x, s, channels, w, bias: false);

    internal static Value PlainStem(Value x, Scope s, Config c, Net net) =>
        net.Tap("stem.conv", x.ConvBare(s["conv"], c.StemChannels, new(7, Stride: 2), c));

    static Value DeepStem(Value x, Scope s, Config c, Net net) => ThreeConvs(x, s, c, net, c.StemChannels / 2);

    /// <summary>Deep, and wider in steps.</summary>
    static Value TieredStem(Value x, Scope s, Config c, Net net) => ThreeConvs(x, s, c, net, c.StemChannels * 3 / 8);

    static Value ThreeConvs(Value x, Scope s, Config c, Net net, int first) => net.Tap("stem.conv3", x
        .ConvNormAct((s["conv1"], s["norm1"]), first, new(3, Stride: 2), c)
        .ConvNormAct((s["conv2"], s["norm2"]), c.StemChannels / 2, new(3), c)
        .ConvBare(s["conv3"], c.StemChannels, new(3), c));

    internal static ConvLayer Standardized(Pad pad) =>
        (x, s, channels, w, bias) => x.StdConv(s, channels, w with { Pad = pad }, bias, eps: 1e-8);

    static FamilyFacts Facts(Config c) => new(new("^stem", (@"^stages\.(\d+)\.blocks\.(\d+)", null),
        ("^norm", [LayerGroups.Previous])))
    {
        Layers = new() { Conv = Init.KaimingFanOut() },
        Dilates = true,
    };
}
