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
    public sealed record Config(int[] Depths, Block Block)
    {
        /// <summary>Channels of each stage.</summary>
        public int[] Channels { get; init; } = Wide(1);
        public int StemChannels { get; init; } = 64;
        public Stem Stem { get; init; } = Plain;
        public Func<Value, Value> StemPool { get; init; } = x => x.MaxPool(k: 3, stride: 2);
        public Shortcut Shortcut { get; init; } = Projection;
        public Convolution Conv { get; init; } = Unbiased;
        public NormAct Norm { get; init; } = WithAct(Layers.BatchNorm);
    }

    /// <summary>A residual block of a stage.</summary>
    public delegate Value Block(Config c, Scope s, Value x, int channels, int stride, double dropPath);

    /// <summary>The first convolutions, at stride 2.</summary>
    public delegate Value Stem(Config c, Scope s, Value x);

    /// <summary>Brings the identity to the shape of the residual.</summary>
    public delegate Value Shortcut(Config c, Scope s, Value x, int channels, int stride);

    /// <summary>A convolution without bias.</summary>
    public delegate Value Convolution(Value x, Scope s, int channels, int k, int stride);

    public static readonly Family<Config> Family = new("resnetv2", Build, Defaults,
        new("^stem", (@"^stages\.(\d+)\.blocks\.(\d+)", null), ("^norm", [LayerGroups.Previous])))
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
        { "resnetv2_50t",       D(new(N50, PreActBottleneck)) with { Stem = Tiered } },
        { "resnetv2_101",       new(N101, PreActBottleneck) },
        { "resnetv2_101d",      D(new(N101, PreActBottleneck)) },
        { "resnetv2_152",       new(N152, PreActBottleneck) },
        { "resnetv2_152d",      D(new(N152, PreActBottleneck)) },
        { "resnetv2_50d_gn",    D(new(N50, PreActBottleneck)) with { Norm = GroupNorm32 } },
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
        Norm = GroupNorm32,
    };

    static Config Basic(int[] depths) => new(depths, PreActBasic) { Channels = [64, 128, 256, 512] };

    /// <summary>The D variant: a deep stem, shortcuts that average before they project (arXiv:1812.01187).</summary>
    static Config D(Config c) => c with { Stem = Deep, Shortcut = PooledProjection };

    static Value Build(Config c, Net net, Scope s, Value x)
    {
        x = c.Norm(Trunk(c, net, s, x), s["norm"], Ops.Relu);
        var head = s["head"]["fc"].With(s.Layers with { Conv = _ => Init.Normal(0.01), ConvBias = _ => Init.Zeros });
        return net.ConvHead(head, net.Unpooled(x));
    }

    internal static Value Trunk(Config c, Net net, Scope s, Value x)
    {
        x = Root(c, net, s["stem"], x);
        var (block, blocks) = (0, c.Depths.Sum());
        foreach (var (i, depth) in c.Depths.Index())
        {
            for (var b = 0; b < depth; b++)
                x = c.Block(c, s["stages"][i]["blocks"][b], x, c.Channels[i],
                    stride: b == 0 && i > 0 ? 2 : 1, net.DropPath(block++, blocks));
            net.Tap($"stages.{i}", x);
        }
        return x;
    }

    /// <summary>Stem and pool: a quarter of the image's size.</summary>
    internal static Value Root(Config c, Net net, Scope s, Value x) => c.StemPool(net.Tap("stem", c.Stem(c, s, x)));

    static Value PreActBasic(Config c, Scope s, Value x, int channels, int stride, double dropPath)
    {
        var y = c.Norm(x, s["norm1"], Ops.Relu);
        x = IsSame(x, channels, stride) ? x : c.Shortcut(c, s.Early("downsample"), y, channels, stride);
        y = c.Conv(y, s["conv1"], channels, 3, stride);
        y = c.Conv(c.Norm(y, s["norm2"], Ops.Relu), s["conv2"], channels, 3, 1);
        return y.DropPath(dropPath) + x;
    }

    static Value PreActBottleneck(Config c, Scope s, Value x, int channels, int stride, double dropPath)
    {
        var (y, width) = (c.Norm(x, s["norm1"], Ops.Relu), MakeDivisible(channels / 4.0));
        x = IsSame(x, channels, stride) ? x : c.Shortcut(c, s.Early("downsample"), y, channels, stride);
        y = c.Conv(y, s["conv1"], width, 1, 1);
        y = c.Conv(c.Norm(y, s["norm2"], Ops.Relu), s["conv2"], width, 3, stride);
        y = c.Conv(c.Norm(y, s["norm3"], Ops.Relu), s["conv3"], channels, 1, 1);
        return y.DropPath(dropPath) + x;
    }

    /// <summary>ResNet v1.5's, which norms after each convolution: the backbone of hybrid transformers.</summary>
    internal static Value Bottleneck(Config c, Scope s, Value x, int channels, int stride, double dropPath)
    {
        var (down, width) = (s["downsample"], MakeDivisible(channels / 4.0));
        var identity = IsSame(x, channels, stride) ? x
            : c.Norm(c.Shortcut(c, down, x, channels, stride), down["norm"], null);
        var y = c.Norm(c.Conv(x, s["conv1"], width, 1, 1), s["norm1"], Ops.Relu);
        y = c.Norm(c.Conv(y, s["conv2"], width, 3, stride), s["norm2"], Ops.Relu);
        y = c.Norm(c.Conv(y, s["conv3"], channels, 1, 1), s["norm3"].ZeroNorm(), null);
        return (y.DropPath(dropPath) + identity).Relu();
    }

    static bool IsSame(Value x, int channels, int stride) => x.Channels == channels && stride == 1;

    static Value Projection(Config c, Scope s, Value x, int channels, int stride) =>
        c.Conv(x, s["conv"], channels, 1, stride);

    static Value PooledProjection(Config c, Scope s, Value x, int channels, int stride)
    {
        if (stride > 1)
            x = x.AvgPool(k: 2, stride, Pad.Valid, ceil: true, countPads: false);
        return c.Conv(x, s["conv"], channels, 1, 1);
    }

    internal static Value Plain(Config c, Scope s, Value x) => c.Conv(x, s["conv"], c.StemChannels, 7, 2);

    static Value Deep(Config c, Scope s, Value x) => ThreeConvs(c, s, x, c.StemChannels / 2);

    /// <summary>Deep, and wider in steps.</summary>
    static Value Tiered(Config c, Scope s, Value x) => ThreeConvs(c, s, x, c.StemChannels * 3 / 8);

    static Value ThreeConvs(Config c, Scope s, Value x, int first)
    {
        x = c.Norm(c.Conv(x, s["conv1"], first, 3, 2), s["norm1"], Ops.Relu);
        x = c.Norm(c.Conv(x, s["conv2"], c.StemChannels / 2, 3, 1), s["norm2"], Ops.Relu);
        return c.Conv(x, s["conv3"], c.StemChannels, 3, 1);
    }

    static Value Unbiased(Value x, Scope s, int channels, int k, int stride) =>
        x.Conv(s, channels, k, stride, bias: false);

    internal static Convolution Standardized(Pad pad) =>
        (x, s, channels, k, stride) => x.StdConv(s, channels, k, stride, pad, eps: 1e-8);

    internal static NormAct GroupNorm32 => WithAct((x, s) => x.GroupNorm(s, groups: 32));

    static LayerDefaults Defaults(Config c) => new() { Conv = _ => Init.KaimingFanOut() };
}
