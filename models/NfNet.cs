using static OnnxTimm.Layers;

namespace OnnxTimm.Models;

/// <summary>
/// Networks without norms: NF-ResNet and NF-RegNet (arXiv:2101.08692) and NFNet (2102.06171), whose standardized
/// filters and scaled residuals keep the variance of activations. timm/models/nfnet.py.
/// </summary>
public static partial class NfNet
{
    // What the activations take from a deviation of 1.
    const double OfGelu = 1.7015043497085571, OfRelu = 1.7139588594436646, OfSilu = 1.7881293296813965;

    /// <summary>By how much the variance grows with each residual, and what the residual is scaled by.</summary>
    const double Alpha = 0.2;

    /// <param name="Depths">Blocks of each stage.</param>
    /// <param name="Channels">Channels of each stage.</param>
    /// <param name="Act">The activation.</param>
    public sealed record Config(int[] Depths, int[] Channels, Act Act) : ConvStyle(Act)
    {
        /// <summary>From the image to the first stage's map.</summary>
        public NetPart<Config> Stem { get; init; } = QuadStem;

        /// <summary>What the stem divides the image by.</summary>
        public int Reduction { get; init; } = 4;

        /// <summary>Inner channels of a block by those that it takes, those that it gives and its place.</summary>
        public Func<int, int, Place, double> Inner { get; init; } = (_, channels, _) => 0.5 * channels;

        /// <summary>Channels of a group; 0 for one group.</summary>
        public int GroupSize { get; init; } = 128;

        /// <summary>The windows of a block, from the first convolution on.</summary>
        public ConvBlock<Config> Middle { get; init; } = Twice;

        /// <summary>Weighs the inner channels of a block, those of the residual.</summary>
        public Func<Value, Scope, Value> InnerGate { get; init; } = (x, _) => x;

        /// <summary>Weighs the channels of a residual.</summary>
        public Func<Value, Scope, Value> Gate { get; init; } = (x, _) => x;

        /// <summary>Scales a residual; its scope's convolution begins at 0 where nothing else does.</summary>
        public Func<Scope, Value?> Gain { get; init; } = _ => null;

        /// <summary>Channels of a last convolution; 0 for none.</summary>
        public int Features { get; init; }
    }

    static ConvLayer Scaled(double gamma, Pad pad = default) => (x, s, channels, w, _) =>
        x.ScaledStdConv(s, channels, w with { Pad = pad }, gamma: gamma, eps: 1e-5);

    static Value Build(Value x, Scope s, Config c, Net net)
    {
        x = c.Stem(x, s["stem"], c, net);
        var strides = new[] { c.Reduction == 4 ? 1 : 2, 2, 2, 2 };
        foreach (var b in net.Strided(c.Depths, c.Reduction, strides))
        {
            x = Block(x, s["stages"][b.Stage][b.Index], c.Channels[b.Stage], c, b);
            if (b.IsLast && (c.Features == 0 || b.Stage < 3))
                net.Tap($"stages.{b.Stage}", x);
        }
        if (c.Features > 0)
            x = net.Tap("final_conv", x.ScaledConv(s["final_conv"], c.Features, new(1), c));
        return net.Head(c.Act(x), new(s["head"]["fc"]));
    }

    static Value ScaledConv(this Value x, Scope s, int channels, Window w, Config c) =>
        c.Conv(x, s, channels, w, bias: true);

    /// <summary>Four convolutions, which divide the image by 4.</summary>
    static Value QuadStem(Value x, Scope s, Config c, Net net)
    {
        x = c.Act(x.ScaledConv(s["conv1"], 16, new(3, Stride: 2), c));
        x = c.Act(x.ScaledConv(s["conv2"], 32, new(3), c));
        x = net.Tap("stem.conv3", x.ScaledConv(s["conv3"], 64, new(3), c));
        return c.Act(x).ScaledConv(s["conv4"], 128, new(3, Stride: 2), c);
    }

    static NetPart<Config> StemOf(int channels) =>
        (x, s, c, net) => net.Tap("stem.conv", x.ScaledConv(s["conv"], channels, new(3, Stride: 2), c));

    static Value PooledStem(Value x, Scope s, Config c, Net net) =>
        net.Tap("stem.conv", x.ScaledConv(s["conv"], 64, new(7, Stride: 2), c)).MaxPool(k: 3, stride: 2);

    static Value Block(Value x, Scope s, int channels, Config c, Place place)
    {
        var gain = c.Gain(s);
        var y = c.Act(x) / Math.Sqrt(Variance(c, place));
        if (x.Channels != channels || place.Stride != 1 || place.Dilation != place.FirstDilation)
            x = y.MeanBefore(place).ScaledConv(s["downsample"]["conv"], channels, new(1), c);
        y = c.Middle(y, s, InnerChannels(y, channels, c, place), c, place);
        y = c.Act(c.InnerGate(y, s["attn"]));
        y = y.ScaledConv(gain is null ? s["conv3"].ZeroNorm() : s["conv3"], channels, new(1), c);
        y = c.Gate(y, s["attn_last"]).DropPath(place.DropPath);
        return (gain is null ? y : y * gain) * Alpha + x;
    }

    /// <summary>The variance of what a block takes: a stage's first block makes it 1 again.</summary>
    static double Variance(Config c, Place place) => 1 + Alpha * Alpha * (!place.IsFirst ? place.Index
        : place.Stage == 0 ? 0 : c.Depths[place.Stage - 1]);

    static int InnerChannels(Value x, int channels, Config c, Place place)
    {
        var inner = MakeDivisible(c.Inner(x.Channels, channels, place));
        return c.GroupSize == 0 ? inner : inner / c.GroupSize * c.GroupSize;
    }

    static Value Once(Value x, Scope s, int inner, Config c, Place place)
    {
        var w = new Window(3, place.Stride, place.FirstDilation, Groups(inner, c));
        return c.Act(x.ScaledConv(s["conv1"], inner, new(1), c)).ScaledConv(s["conv2"], inner, w, c);
    }

    static Value Twice(Value x, Scope s, int inner, Config c, Place place) => c.Act(Once(x, s, inner, c, place))
        .ScaledConv(s["conv2b"], inner, new(3, 1, place.Dilation, Groups(inner, c)), c);

    static int Groups(int channels, Config c) => c.GroupSize == 0 ? 1 : channels / c.GroupSize;

    /// <summary>A gate that on average keeps the variance.</summary>
    static Func<Value, Scope, Value> Se(double ratio) =>
        (x, s) => x.SqueezeExcite(s, MakeDivisible(x.Channels * ratio, roundLimit: 0)) * 2;

    static Value Eca(Value x, Scope s) => ResNetBlocks.Eca(x, s, x.Channels) * 2;

    static FamilyFacts Facts(Config c) => new(new("^stem", (@"^stages\.(\d+)\.(\d+)", null),
        ("^final_conv", [LayerGroups.Previous])))
    {
        Layers = new()
        {
            Conv = Init.NormalFanIn,
            ConvBias = Init.Zeros,
            Linear = Init.Normal(0.01),
            LinearBias = Init.Zeros,
        },
        Dilates = true,
    };
}
