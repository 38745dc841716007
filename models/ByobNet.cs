using System.Numerics;

namespace OnnxTimm.Models;

/// <summary>
/// Networks of blocks at will: GENet (arXiv:2006.14090), RepVGG (2101.03697), MobileOne (2206.04040), CLIP's ResNets
/// (2103.00020), RegNet Z (2103.06877) and timm's own ResNets with gates. timm/models/byobnet.py.
/// </summary>
public static partial class ByobNet
{
    /// <param name="Act">The activation.</param>
    /// <param name="Stages">The stages.</param>
    public sealed record Config(Act Act, params ByobStage[] Stages) : ByobStyle(Act)
    {
        /// <summary>From the image to the first stage's map.</summary>
        public NetPart<Config> Stem { get; init; } = Tiered;

        /// <summary>What the stem divides the image by.</summary>
        public int Reduction { get; init; } = 4;

        /// <summary>Channels of a last convolution; 0 for none.</summary>
        public int Features { get; init; }

        /// <summary>From the last map to logits.</summary>
        public NetPart<Config> Head { get; init; } = (x, s, _, net) => net.Head(x, new(s["fc"]));
    }

    internal static Value Build(Value x, Scope s, Config c, Net net)
    {
        x = c.Stem(x, s["stem"], c, net);
        int[] depths = [.. c.Stages.Select(stage => stage.Depth)];
        foreach (var b in net.Strided(depths, c.Reduction, [.. c.Stages.Select(stage => stage.Stride)]))
        {
            x = c.Stages[b.Stage].Block(x, s["stages"][b.Stage][b.Index], c.Stages[b.Stage], c, b);
            if (b.IsLast && b.Stage + 1 < depths.Length && c.Stages[b.Stage + 1].Stride > 1)
                net.Tap($"stages.{b.Stage}", x);
        }
        x = c.Features == 0 ? x : x.ConvNormAct(s["final_conv"], c.Features, new(1), c);
        return c.Head(net.Tap("final_conv", x), s["head"], c, net);
    }

    /// <summary>One window.</summary>
    internal static NetPart<Config> Plain(int channels) =>
        (x, s, c, net) => net.Tap("stem", x.ConvNormAct(s, channels, new(3, Stride: 2), c));

    /// <summary>Windows in a row, the first with a stride and, without a pool, the last.</summary>
    static Value Convs(Value x, Scope s, Config c, Net net, int last, params int[] channels)
    {
        for (var i = 0; i < channels.Length; i++)
        {
            var isLast = i == channels.Length - 1;
            x = x.ConvNormAct(s[$"conv{i + 1}"], channels[i], new(3, i == 0 ? 2 : isLast ? last : 1),
                c with { AntiAlias = null });
            if (i == channels.Length - (last == 1 ? 1 : 2))
                net.Tap($"stem.conv{i + 1}", x);
        }
        return x;
    }

    internal static Value Tiered(Value x, Scope s, Config c, Net net) => Convs(x, s, c, net, last: 2, 24, 32, 64);

    internal static Value PooledTiered(Value x, Scope s, Config c, Net net) =>
        Convs(x, s, c, net, last: 1, 24, 32, 64).MaxPool(k: 3, stride: 2);

    static Value Deep(Value x, Scope s, Config c, Net net) => Convs(x, s, c, net, last: 2, 64, 64, 64);

    static Value Quad(Value x, Scope s, Config c, Net net) => Convs(x, s, c, net, last: 2, 16, 32, 64, 128);

    /// <summary>The first two neither norm nor activate.</summary>
    static Value BareQuad(Value x, Scope s, Config c, Net net)
    {
        x = x.Conv(s["conv1"], 16, k: 3, stride: 2, bias: false).Conv(s["conv2"], 32, k: 3, bias: false);
        x = net.Tap("stem.conv3", x.ConvNormAct(s["conv3"], 64, new(3), c));
        return x.ConvNormAct(s["conv4"], 128, new(3, Stride: 2), c);
    }

    static NetPart<Config> ClipStem(int half, int channels) =>
        (x, s, c, net) => Convs(x, s, c, net, last: 1, half, half, channels).AvgPool(k: 2, stride: 2, Pad.Valid);

    internal static Value LargeStem(Value x, Scope s, Config c, Net net) =>
        net.Tap("stem.conv1", x.ConvNormAct(s["conv1"], 64, new(7, Stride: 2), c)).MaxPool(k: 3, stride: 2);

    static NetPart<Config> RepStem(int channels) => (x, s, c, net) => net.Tap("stem",
        RepBlocks.Rep(1)(x, s, new(RepBlocks.Rep(1), 1, channels), c, new(0, 0, 0) { Stride = 2 }));

    static NetPart<Config> OneStem(int channels) => (x, s, c, net) => net.Tap("stem",
        RepBlocks.Branches(x, s, channels, new(3, Stride: 2), 1, c with { Gate = (y, _) => y },
            new(0, 0, 0) { Stride = 2 }));

    static Value MlpHead(Value x, Scope s, Config c, Net net) => net.Head(x, new(s["fc"])
    {
        Norm = y => y.OverRows(rows => rows.BatchNorm(s["norm"])),
        Hidden = y => c.Act(y.Linear(s["pre_logits"]["fc"], 1024)),
    });

    /// <summary>CLIP's: the mean of the pixels asks all pixels, which have learned positions.</summary>
    static Value AttentionHead(Value x, Scope s, Config c, Net net) => net.Head(x, new(s["proj"])
    {
        Pool = "token",
        PoolBy = (map, name) => AttentionPool(map, s, name, net),
    });

    static Value AttentionPool(Value map, Scope s, string pool, Net net)
    {
        var (height, width, dim) = (map.Height, map.Width, map.Channels);
        var std = 1 / Math.Sqrt(dim);
        var pixels = map.ToTokens();
        var x = new[] { pixels.ReduceMean([1]), pixels }.Concat(1) + PoolPositions(map, s, std, net);
        s = s.With(d => d with { Linear = Init.TruncNormal(std) });
        var y = Qkv.Of(x.Linear(s["q"], dim), x.Linear(s["k"], dim), x.Linear(s["v"], dim), dim / 64)
            .Attend().MergeHeads();
        return GlobalPool.Of(pool.Length > 0 ? y : y.SkipTokens(1).ToMap(height, width), pool, among: ["token"]);
    }

    /// <summary>Of a square, resampled where an odd image gives a larger map; the first is the mean's.</summary>
    static Value PoolPositions(Value map, Scope s, double std, Net net)
    {
        var (side, width) = Rounded(map);
        if (side != width)
            throw net.Refused(map.Graph.Inputs[0], "squares");
        var table = net.Sized(s.Param("pos_embed", Init.TruncNormal(std), side * side + 1, map.Channels),
            new Fit.Grid(side, side, 1));
        if ((side, side) == (map.Height, map.Width))
            return table;
        var grid = table.Slice(0, 1, side * side + 1).Reshape(1, side, side, map.Channels).As(Layout.ChannelsLast)
            .ChannelsFirst().Resample(map.Height, map.Width, Resampling.BicubicAntialiased).ToTokens();
        return new[] { table.Slice(0, 0, 1), grid.Squeeze(0) }.Concat(0);
    }

    /// <summary>The sides of a map if every stride rounded down, as timm counts those that have positions.</summary>
    internal static (int H, int W) Rounded(Value map)
    {
        var image = map.Graph.Inputs[0];
        return (Side(image.Height, map.Height), Side(image.Width, map.Width));

        static int Side(int image, int map) => image / (int)BitOperations.RoundUpToPowerOf2((uint)(image / map));
    }

    internal static FamilyFacts Facts(Config c) => new(new("^stem", (@"^stages\.(\d+)\.(\d+)", null),
        ("^final_conv", [LayerGroups.Previous])))
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
