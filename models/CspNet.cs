using static OnnxTimm.Layers;

namespace OnnxTimm.Models;

/// <summary>
/// Cross-stage partial networks (arXiv:1911.11929): one half of a stage's channels passes by its blocks. Over the
/// blocks of ResNet, ResNeXt and DarkNet, in the forms of YOLOv4 (2011.08036) and YOLOv5. timm/models/cspnet.py.
/// </summary>
public static class CspNet
{
    /// <param name="Depths">Blocks of each stage.</param>
    /// <param name="Channels">Channels of each stage.</param>
    public sealed record Config(int[] Depths, int[] Channels) : ConvStyle(x => x.LeakyRelu())
    {
        /// <summary>From the image to the first stage's map.</summary>
        public NetPart<Config> Stem { get; init; } = Convs(new(3), 32);

        /// <summary>What the stem divides the image by.</summary>
        public int Reduction { get; init; } = 1;

        /// <summary>Stride of the first stage.</summary>
        public int FirstStride { get; init; } = 2;

        /// <summary>How a stage parts its channels and joins them.</summary>
        public Stage Stage { get; init; } = Cross(WithAct(Layers.BatchNorm), (_, taken) => taken);

        /// <summary>Halves a map.</summary>
        public ConvBlock<Config> Down { get; init; } = (x, s, channels, c, b) =>
            x.ConvNormAct(s, channels, new(3, b.Stride, b.FirstDilation, At(c.Groups, b)), c);

        /// <summary>The residual block of a stage.</summary>
        public ConvBlock<Config> Block { get; init; } = Bottleneck;

        /// <summary>Of each stage, of the last that is given for those after it.</summary>
        public Ratios[] Ratios { get; init; } = [new(1, 1, 0.5)];

        /// <summary>Groups of the windows of each stage.</summary>
        public int[] Groups { get; init; } = [1];

        /// <summary>Weighs the inner channels of a block.</summary>
        public Func<Value, Scope, Act, Value> Gate { get; init; } = (x, _, _) => x;

        /// <summary>Which maps features_only gives unless asked otherwise; all where null.</summary>
        public int[]? Taps { get; init; }
    }

    /// <summary>Shares of a stage's channels.</summary>
    /// <param name="Expand">What is parted in two.</param>
    /// <param name="Bottle">Inner channels of a block.</param>
    /// <param name="Block">Channels of a block.</param>
    public sealed record Ratios(double Expand, double Bottle, double Block);

    /// <summary>A stage over a map, with its parameters at a scope and the places of its blocks.</summary>
    public delegate Value Stage(Value x, Scope s, Config c, Place[] places);

    /// <summary>timm's variants of the module <c>cspnet</c>.</summary>
    public static readonly Family<Config> Family = new("cspnet", Build, Facts)
    {
        { "cspresnet50",        Res(Pooled(Convs(new(7, 2), 64)), 128, new(2, 0.5, 1)) },
        { "cspresnet50d",       Res(Pooled(Convs(new(3, 2), 32, 32, 64)), 128, new(2, 0.5, 1)) },
        { "cspresnet50w",       Res(Pooled(Convs(new(3, 2), 32, 32, 64)), 256, new(1, 0.25, 0.5)) },
        { "cspresnext50",       Res(Pooled(Convs(new(7, 2), 64)), 256, new(1, 1, 0.5)) with { Groups = [32] } },
        { "cspdarknet53",       Dark([1, 2, 8, 8, 4]) with {
            Stage = Cross(WithAct(Layers.BatchNorm), (given, _) => given),
            Ratios = [new(2, 0.5, 1), new(1, 1, 0.5)] } },
        { "darknet17",          Dark([1, 1, 1, 1, 1]) },
        { "darknet21",          Dark([1, 1, 1, 2, 2]) },
        { "sedarknet21",        Dark([1, 1, 1, 2, 2]) with {
            Gate = Se(1 / 16.0), Taps = [0, 1, 2, 3, 4] } },
        { "darknet53",          Dark([1, 2, 8, 8, 4]) },
        { "darknetaa53",        Dark([1, 2, 8, 8, 4]) with { Down = MeanDown } },
        { "cs3darknet_s",       Cs3(0.5, 0.5) },
        { "cs3darknet_m",       Cs3(0.75, 0.67) },
        { "cs3darknet_l",       Cs3(1, 1) },
        { "cs3darknet_x",       Cs3(1.25, 1.33) },
        { "cs3darknet_focus_s", Focus(Cs3(0.5, 0.5)) },
        { "cs3darknet_focus_m", Focus(Cs3(0.75, 0.67)) },
        { "cs3darknet_focus_l", Focus(Cs3(1, 1)) },
        { "cs3darknet_focus_x", Focus(Cs3(1.25, 1.33)) },
        { "cs3sedarknet_l",     Cs3(1, 1) with { Gate = Se(0.25) } },
        { "cs3sedarknet_x",     Cs3(1.25, 1.33) with { Gate = Se(1 / 16.0) } },
        { "cs3sedarknet_xdw",   new([3, 6, 12, 4], [256, 512, 1024, 2048]) {
            Act = Activations.Silu, Stem = Convs(new(3, 2), 32, 64), Reduction = 2, Groups = [1, 1, 256, 512],
            Ratios = [new(1, 0.5, 0.5)], Gate = Se(1 / 16.0) } },
        { "cs3edgenet_x",       Edge(Cs3(1.25, 1.33)) },
        { "cs3se_edgenet_x",    Edge(Cs3(1.25, 1.33)) with { Gate = Se(0.25) } },
    };

    static Config Res(NetPart<Config> stem, int channels, Ratios ratios) =>
        new([3, 3, 5, 2], [channels, 2 * channels, 4 * channels, 8 * channels])
        {
            Stem = stem,
            Reduction = 4,
            FirstStride = 1,
            Stage = Cross((x, s, _) => x.BatchNorm(s), (_, taken) => taken),
            Ratios = [ratios],
        };

    static Config Dark(int[] depths) => new(depths, [64, 128, 256, 512, 1024])
    {
        Stage = Plain,
        Block = DarkBlock,
        Ratios = [new(1, 0.5, 1)],
    };

    static Config Cs3(double width, double depth) => new(
        [(int)(3 * depth), (int)(6 * depth), (int)(9 * depth), (int)(3 * depth)],
        [.. new[] { 128, 256, 512, 1024 }.Select(channels => MakeDivisible(channels * width))])
    {
        Act = Activations.Silu,
        Stem = Convs(new(3, 2), MakeDivisible(32 * width), MakeDivisible(64 * width)),
        Reduction = 2,
        Stage = Cross3,
        Block = DarkBlock,
    };

    /// <summary>YOLOv5's stem: one large window for a fold of pixels into channels.</summary>
    static Config Focus(Config c) => c with { Stem = Convs(new(6, 2) { Pad = 2 }, c.Channels[0] / 2) };

    static Config Edge(Config c) => c with { Block = EdgeBlock, Ratios = [new(1, 1.5, 0.5)] };

    static Value Build(Value x, Scope s, Config c, Net net)
    {
        x = c.Stem(x, s["stem"], c, net);
        int[] strides = [c.FirstStride, 2, 2, 2, 2];
        foreach (var stage in net.Strided(c.Depths, c.Reduction, strides).GroupBy(b => b.Stage))
            x = net.Tap($"stages.{stage.Key}", c.Stage(x, s["stages"][stage.Key], c, [.. stage]));
        return net.Head(x, new(s["head"]["fc"]));
    }

    /// <summary>Convolutions of one size in a row; the first has the stride.</summary>
    static NetPart<Config> Convs(Window first, params int[] channels) => (x, s, c, net) =>
    {
        foreach (var (i, width) in channels.Index())
            x = x.ConvNormAct(s[$"conv{i + 1}"], width, i == 0 ? first : new(first.K), c);
        return net.Tap($"stem.conv{channels.Length}", x);
    };

    static NetPart<Config> Pooled(NetPart<Config> stem) =>
        (x, s, c, net) => stem(x, s, c, net).MaxPool(k: 3, stride: 2);

    /// <summary>Blocks alone.</summary>
    static Value Plain(Value x, Scope s, Config c, Place[] places) =>
        Blocks(c.Down(x, s["conv_down"], c.Channels[places[0].Stage], c, places[0]), s["blocks"], c, places);

    /// <summary>The second half goes through the blocks and one more convolution.</summary>
    /// <param name="expand">Norms and activates what is parted.</param>
    /// <param name="down">Channels of the halved map by those that the stage gives and takes.</param>
    static Stage Cross(NormAct expand, Func<int, int, int> down) => (x, s, c, places) =>
    {
        var (channels, first) = (c.Channels[places[0].Stage], places[0]);
        x = Halved(x, s["conv_down"], down(channels, x.Channels), c, first);
        var parts = Parted(x, s["conv_exp"], c with { Norm = expand }, first);
        var y = Blocks(parts[1], s["blocks"], c, places)
            .ConvNormAct(s["conv_transition_b"], parts[0].Channels, new(1), c);
        return new[] { parts[0], y }.Concat(1).ConvNormAct(s["conv_transition"], channels, new(1), c);
    };

    /// <summary>The first half goes through the blocks.</summary>
    static Value Cross3(Value x, Scope s, Config c, Place[] places)
    {
        x = Halved(x, s["conv_down"], x.Channels, c, places[0]);
        var parts = Parted(x, s["conv_exp"], c, places[0]);
        return new[] { Blocks(parts[0], s["blocks"], c, places), parts[1] }.Concat(1)
            .ConvNormAct(s["conv_transition"], c.Channels[places[0].Stage], new(1), c);
    }

    static Value Halved(Value x, Scope s, int channels, Config c, Place first) =>
        first.Stride == 1 && first.FirstDilation == first.Dilation ? x : c.Down(x, s, channels, c, first);

    static Value[] Parted(Value x, Scope s, Config c, Place first)
    {
        var half = (int)Math.Round(c.Channels[first.Stage] * At(c.Ratios, first).Expand) / 2;
        return x.ConvNormAct(s, 2 * half, new(1), c).Split([half, half], axis: 1);
    }

    static Value Blocks(Value x, Scope s, Config c, Place[] places)
    {
        var channels = (int)Math.Round(c.Channels[places[0].Stage] * At(c.Ratios, places[0]).Block);
        return places.Aggregate(x, (y, b) => c.Block(y, s[b.Index], channels, c, b));
    }

    static Value MeanDown(Value x, Scope s, int channels, Config c, Place place) =>
        (place.Stride == 2 ? x.AvgPool(k: 2, stride: 2, Pad.Valid) : x).ConvNormAct(s[1], channels, new(1), c);

    static Value Bottleneck(Value x, Scope s, int channels, Config c, Place place)
    {
        var inner = Inner(channels, c, place);
        var y = x.ConvNormAct(s["conv1"], inner, new(1), c).ConvNormAct(s["conv2"], inner, Around(c, place), c);
        y = c.Gate(y, s["attn2"], c.Act)
            .ConvNorm((s["conv3"]["conv"], s["conv3"]["bn"].ZeroNorm()), channels, new(1), c);
        return c.Act(y.DropPath(place.DropPath) + x);
    }

    static Value DarkBlock(Value x, Scope s, int channels, Config c, Place place) =>
        TwoConvs(x, s, channels, c, place, (new(1), Around(c, place)));

    /// <summary>Looks around first.</summary>
    static Value EdgeBlock(Value x, Scope s, int channels, Config c, Place place) =>
        TwoConvs(x, s, channels, c, place, (Around(c, place), new(1)));

    static Value TwoConvs(Value x, Scope s, int channels, Config c, Place place, (Window First, Window Second) w)
    {
        var y = x.ConvNormAct(s["conv1"], Inner(channels, c, place), w.First, c);
        y = c.Gate(y, s["attn"], c.Act)
            .ConvNormAct((s["conv2"]["conv"], s["conv2"]["bn"].ZeroNorm()), channels, w.Second, c);
        return y.DropPath(place.DropPath) + x;
    }

    static int Inner(int channels, Config c, Place place) => (int)Math.Round(channels * At(c.Ratios, place).Bottle);

    static Window Around(Config c, Place place) => new(3, 1, place.Dilation, At(c.Groups, place));

    static T At<T>(T[] ofStages, Place place) => ofStages[Math.Min(place.Stage, ofStages.Length - 1)];

    static Func<Value, Scope, Act, Value> Se(double ratio) =>
        (x, s, act) => x.SqueezeExcite(s, MakeDivisible(x.Channels * ratio, roundLimit: 0), act);

    static FamilyFacts Facts(Config c) => new(new("^stem", (@"^stages\.(\d+)\.blocks\.(\d+)", null),
        (@"^stages\.(\d+)\..*transition", [LayerGroups.Previous]), (@"^stages\.(\d+)", [0])))
    {
        Layers = new()
        {
            Conv = Init.KaimingFanOut(),
            ConvBias = Init.Zeros,
            Linear = Init.Normal(0.01),
            LinearBias = Init.Zeros,
        },
        Taps = c.Taps,
        Dilates = true,
    };
}
