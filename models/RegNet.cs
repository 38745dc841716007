using static OnnxTimm.Layers;

namespace OnnxTimm.Models;

/// <summary>
/// RegNet X and Y (arXiv:2003.13678) and Z (2103.06877): widths of all blocks follow from a line, quantized to few
/// stages; V norms before it convolves. timm/models/regnet.py.
/// </summary>
public static class RegNet
{
    /// <param name="Depth">Blocks of the network.</param>
    /// <param name="W0">Width at the beginning of the line.</param>
    /// <param name="Wa">Slope of the line.</param>
    /// <param name="Wm">Factor between the widths of stages.</param>
    /// <param name="GroupSize">Channels of a group.</param>
    public sealed record Config(int Depth, int W0, double Wa, double Wm, int GroupSize) : ConvStyle(Ops.Relu)
    {
        /// <summary>Channels within a bottleneck over the stage's.</summary>
        public int BottleRatio { get; init; } = 1;

        /// <summary>The nearest width, above a limit, that groups of a size fill.</summary>
        public Func<int, int, int> Fit { get; init; } = (width, size) => (int)Math.Round((double)width / size) * size;

        /// <summary>From the image to 32 channels at half its size.</summary>
        public NetPart<Config> Stem { get; init; } = (x, s, c, _) => x.ConvNormAct(s, 32, new(3, Stride: 2), c);

        /// <summary>The residual block; its channels are the stage's.</summary>
        public ConvBlock<Config> Block { get; init; } = Bottleneck;

        /// <summary>Weighs the channels of a residual; the number is those that the block reads.</summary>
        public Func<Value, Scope, int, Act, Value> Gate { get; init; } = (x, _, _, _) => x;

        /// <summary>What follows the last block.</summary>
        public NetPart<Config> End { get; init; } = (x, _, _, _) => x;
    }

    /// <summary>timm's variants of the module <c>regnet</c>.</summary>
    public static readonly Family<Config> Family = new("regnet", Build, Facts)
    {
        { "regnetx_002",     new(13, 24, 36.44, 2.49, 8) },
        { "regnetx_004",     new(22, 24, 24.48, 2.54, 16) },
        { "regnetx_004_tv",  new(22, 24, 24.48, 2.54, 16) { Fit = FitTenth } },
        { "regnetx_006",     new(16, 48, 36.97, 2.24, 24) },
        { "regnetx_008",     new(16, 56, 35.73, 2.28, 16) },
        { "regnetx_016",     new(18, 80, 34.01, 2.25, 24) },
        { "regnetx_032",     new(25, 88, 26.31, 2.25, 48) },
        { "regnetx_040",     new(23, 96, 38.65, 2.43, 40) },
        { "regnetx_064",     new(17, 184, 60.83, 2.07, 56) },
        { "regnetx_080",     new(23, 80, 49.56, 2.88, 120) },
        { "regnetx_120",     new(19, 168, 73.36, 2.37, 112) },
        { "regnetx_160",     new(22, 216, 55.59, 2.1, 128) },
        { "regnetx_320",     new(23, 320, 69.86, 2.0, 168) },
        { "regnety_002",     new(13, 24, 36.44, 2.49, 8) { Gate = Se } },
        { "regnety_004",     new(16, 48, 27.89, 2.09, 8) { Gate = Se } },
        { "regnety_006",     new(15, 48, 32.54, 2.32, 16) { Gate = Se } },
        { "regnety_008",     new(14, 56, 38.84, 2.4, 16) { Gate = Se } },
        { "regnety_008_tv",  new(14, 56, 38.84, 2.4, 16) { Gate = Se, Fit = FitTenth } },
        { "regnety_016",     new(27, 48, 20.71, 2.65, 24) { Gate = Se } },
        { "regnety_032",     new(21, 80, 42.63, 2.66, 24) { Gate = Se } },
        { "regnety_040",     new(22, 96, 31.41, 2.24, 64) { Gate = Se } },
        { "regnety_064",     new(25, 112, 33.22, 2.27, 72) { Gate = Se } },
        { "regnety_080",     new(17, 192, 76.82, 2.19, 56) { Gate = Se } },
        { "regnety_080_tv",  new(17, 192, 76.82, 2.19, 56) { Gate = Se, Fit = FitTenth } },
        { "regnety_120",     new(19, 168, 73.36, 2.37, 112) { Gate = Se } },
        { "regnety_160",     new(18, 200, 106.23, 2.48, 112) { Gate = Se } },
        { "regnety_320",     new(20, 232, 115.89, 2.53, 232) { Gate = Se } },
        { "regnety_640",     new(20, 352, 147.48, 2.4, 328) { Gate = Se } },
        { "regnety_1280",    new(27, 456, 160.83, 2.52, 264) { Gate = Se } },
        { "regnety_2560",    new(27, 640, 230.83, 2.53, 373) { Gate = Se } },
        { "regnety_040_sgn", new(22, 96, 31.41, 2.24, 64) { Gate = Se, Act = Activations.Silu, Norm = GroupNorm } },
        { "regnetv_040",     V(new(22, 96, 31.41, 2.24, 64)) },
        { "regnetv_064",     V(new(25, 112, 33.22, 2.27, 72)) with { Block = Normed(PooledProjection) } },
        { "regnetz_005",     Z(new(21, 16, 10.7, 2.51, 4)) with { End = Wide(1024) } },
        { "regnetz_040",     Z(new(28, 48, 14.5, 2.226, 8)) },
        { "regnetz_040_h",   Z(new(28, 48, 14.5, 2.226, 8)) with { End = Wide(1536) } },
    };

    static NormAct GroupNorm => WithAct((x, s) => x.GroupNorm(s, x.Channels / 16));

    static Config V(Config c) => c with
    {
        Act = Activations.Silu,
        Gate = Se,
        Stem = (x, s, _, _) => x.Conv(s, 32, k: 3, stride: 2, bias: false),
        Block = Normed(Projection),
        End = Activated,
    };

    static Config Z(Config c) => c with
    {
        Act = Activations.Silu,
        Gate = Se,
        BottleRatio = 4,
        Block = LinearBottleneck,
        End = Activated,
    };

    static NetPart<Config> Wide(int channels) => (x, s, c, _) => x.ConvNormAct(s, channels, new(1), c);

    static Value Activated(Value x, Scope s, Config c, Net net) => c.Act(x);

    static Value Build(Value x, Scope s, Config c, Net net)
    {
        x = net.Tap("stem", c.Stem(x, s["stem"], c, net));
        var stages = Stages(c);
        foreach (var b in net.Strided([.. stages.Select(stage => stage.Depth)], reduction: 2, [2, 2, 2, 2]))
        {
            var name = $"s{b.Stage + 1}";
            x = c.Block(x, s[name][$"b{b.Index + 1}"], stages[b.Stage].Width, c, b);
            if (b.IsLast)
                net.Tap(name, x);
        }
        return net.Head(c.End(x, s["final_conv"], c, net), new(s["head"]["fc"]));
    }

    /// <summary>
    /// Blocks on the line (equations 2 to 4 of the paper): equal widths are a stage, whose groups shall be whole.
    /// </summary>
    static (int Width, int Depth)[] Stages(Config c) =>
    [
        .. from i in Enumerable.Range(0, c.Depth)
           let step = Math.Round(Math.Log((c.W0 + i * c.Wa) / c.W0) / Math.Log(c.Wm))
           group i by (int)Math.Round(c.W0 * Math.Pow(c.Wm, step) / 8) * 8 into stage
           let inner = stage.Key * c.BottleRatio
           select (c.Fit(inner, Math.Min(c.GroupSize, inner)) / c.BottleRatio, stage.Count()),
    ];

    /// <summary>No more than a tenth less than the width.</summary>
    static int FitTenth(int width, int size) => MakeDivisible(width, size, min: 0);

    static Value Bottleneck(Value x, Scope s, int channels, Config c, Place place)
    {
        var y = Residual(x, s, channels, c, place, s["conv3"]["bn"].ZeroNorm());
        return c.Act(y + (IsSame(x, channels, place) ? x
            : x.ConvNorm(s["downsample"], channels, new(1, place.Stride), c)));
    }

    /// <summary>Without a last activation, and without identity where the map changes.</summary>
    static Value LinearBottleneck(Value x, Scope s, int channels, Config c, Place place)
    {
        var y = Residual(x, s, channels, c, place, s["conv3"]["bn"]);
        return IsSame(x, channels, place) ? y + x : y;
    }

    static Value Residual(Value x, Scope s, int channels, Config c, Place place, Scope lastNorm)
    {
        var inner = channels * c.BottleRatio;
        var y = x.ConvNormAct(s["conv1"], inner, new(1), c).ConvNormAct(s["conv2"], inner, Grouped(inner, c, place), c);
        return c.Gate(y, s["se"], x.Channels, c.Act)
            .ConvNorm((s["conv3"]["conv"], lastNorm), channels, new(1), c).DropPath(place.DropPath);
    }

    /// <summary>Norms and activates before each convolution; the identity is normed too.</summary>
    static ConvBlock<Config> Normed(ConvBlock<Config> shortcut) => (x, s, channels, c, place) =>
    {
        x = c.Norm(x, s["norm1"], c.Act);
        var y = c.Norm(x.Conv(s["conv1"], channels, k: 1, bias: false), s["norm2"], c.Act)
            .Conv(s["conv2"], channels, Grouped(channels, c, place), bias: false);
        y = c.Norm(c.Gate(y, s["se"], x.Channels, c.Act), s["norm3"], c.Act)
            .Conv(s["conv3"], channels, k: 1, bias: false).DropPath(place.DropPath);
        return y + (IsSame(x, channels, place) ? x : shortcut(x, s["downsample"], channels, c, place));
    };

    static Value Projection(Value x, Scope s, int channels, Config c, Place place) =>
        x.Conv(s, channels, k: 1, place.Stride, bias: false);

    static Value PooledProjection(Value x, Scope s, int channels, Config c, Place place) =>
        x.MeanBefore(place with { Dilation = place.FirstDilation }).Conv(s[1], channels, k: 1, bias: false);

    static Window Grouped(int channels, Config c, Place place) =>
        new(3, place.Stride, place.FirstDilation, channels / Math.Min(c.GroupSize, channels));

    static bool IsSame(Value x, int channels, Place place) =>
        x.Channels == channels && place.Stride == 1 && place.FirstDilation == place.Dilation;

    static Value Se(Value x, Scope s, int channels, Act act) =>
        x.SqueezeExcite(s, (int)Math.Round(channels / 4.0), act);

    static FamilyFacts Facts(Config c) => new(new("^stem", (@"^s(\d+)\.b(\d+)", null)))
    {
        Layers = new()
        {
            ConvBy = Init.KaimingFanOut,
            ConvBias = Init.Zeros,
            Linear = Init.Normal(0.01),
            LinearBias = Init.Zeros,
        },
        Dilates = true,
    };
}
