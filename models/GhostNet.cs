using static OnnxTimm.Layers;

namespace OnnxTimm.Models;

/// <summary>
/// GhostNet (arXiv:1911.11907), which computes half of its channels from the other half by cheap filters; GhostNetV2
/// (2211.12905) weighs them by what lies in their row and column; GhostNetV3 (2404.11202) trains with several branches
/// for each convolution. timm/models/ghostnet.py.
/// </summary>
public static class GhostNet
{
    /// <summary>A layer that gives so many channels; it has an activation or the identity.</summary>
    public delegate Value Module(Value x, Scope s, int channels, Act act);

    /// <summary>What a block is told by the papers' tables: channels are those at width 1.</summary>
    public readonly record struct Row(int Kernel, int Hidden, int Channels, double Squeeze = 0, int Stride = 1);

    /// <param name="Width">Factor of all channels.</param>
    /// <param name="Stages">The blocks of each stage.</param>
    public sealed record Config(double Width, params Row[][] Stages)
    {
        /// <summary>The layer that expands, by the number of the block.</summary>
        public Func<int, Module> Expand { get; init; } = _ => Ghost;

        /// <summary>The layer that narrows, without an activation.</summary>
        public Module Project { get; init; } = Ghost;

        /// <summary>Halves a map by a filter for each channel, with its norm.</summary>
        public Func<Value, Scope, int, Value> Halve { get; init; } = Plain;

        /// <summary>The table's channels times the width, a multiple of 4.</summary>
        public int Channels(int channels) => MakeDivisible(channels * Width, divisor: 4);
    }

    /// <summary>timm's variants of the module <c>ghostnet</c>.</summary>
    public static readonly Family<Config> Family = new("ghostnet", Build, Facts)
    {
        { "ghostnet_050",   new(0.5, Table) },
        { "ghostnet_100",   new(1, Table) },
        { "ghostnet_130",   new(1.3, Table) },
        { "ghostnetv2_100", V2(1) },
        { "ghostnetv2_130", V2(1.3) },
        { "ghostnetv2_160", V2(1.6) },
        { "ghostnetv3_050", V3(0.5) },
        { "ghostnetv3_100", V3(1) },
        { "ghostnetv3_130", V3(1.3) },
        { "ghostnetv3_160", V3(1.6) },
    };

    static Row[][] Table =>
    [
        [new(3, 16, 16)],
        [new(3, 48, 24, Stride: 2)],
        [new(3, 72, 24)],
        [new(5, 72, 40, 0.25, Stride: 2)],
        [new(5, 120, 40, 0.25)],
        [new(3, 240, 80, Stride: 2)],
        [new(3, 200, 80), new(3, 184, 80), new(3, 184, 80), new(3, 480, 112, 0.25), new(3, 672, 112, 0.25)],
        [new(5, 672, 160, 0.25, Stride: 2)],
        [new(5, 960, 160), new(5, 960, 160, 0.25), new(5, 960, 160), new(5, 960, 160, 0.25)],
    ];

    static Config V2(double width) => new(width, Table)
    {
        Expand = block => block < 2 ? Ghost : (x, s, channels, act) => Weigh(Ghost(x, s, channels, act), x, s),
    };

    static Config V3(double width) => new(width, Table)
    {
        Expand = block => block < 2 ? Branched : (x, s, channels, act) => Weigh(Branched(x, s, channels, act), x, s),
        Project = Branched,
        Halve = HalveByBranches,
    };

    static ConvStyle Style => new(Ops.Relu);

    internal static Value Build(Value image, Scope s, Config c, Net net)
    {
        var x = net.Tap("conv_stem", image.Conv(s["conv_stem"], c.Channels(16), k: 3, stride: 2, bias: false));
        x = x.BatchNorm(s["bn1"]).Relu();
        foreach (var b in net.Blocks(Array.ConvertAll(c.Stages, stage => stage.Length)))
        {
            x = Block(x, s["blocks"][b.Stage][b.Index], c.Stages[b.Stage][b.Index], c, b);
            if (b.IsLast && c.Stages[b.Stage][b.Index].Stride > 1)
                net.Tap($"blocks.{b.Stage}", x);
        }
        var last = s["blocks"][c.Stages.Length][0];
        x = x.ConvNormAct((last["conv"], last["bn1"]), c.Channels(960), new(1), Style);
        return net.Head(x, new(s["classifier"]) { Pooled = y => y.Conv(s["conv_head"], 1280, k: 1).Relu() });
    }

    static Value Block(Value x, Scope s, Row row, Config c, Place place)
    {
        var y = c.Expand(place.Number)(x, s["ghost1"], c.Channels(row.Hidden), Ops.Relu);
        if (row.Stride > 1)
            y = c.Halve(y, s, row.Kernel);
        if (row.Squeeze > 0)
            y = MbConv.SqueezeExcite(y, s["se"], MakeDivisible(y.Channels * row.Squeeze, divisor: 4), Ops.Relu,
                Activations.HardSigmoid);
        y = c.Project(y, s["ghost2"], c.Channels(row.Channels), Activations.Identity);
        return y + Shortcut(x, s["shortcut"], y.Channels, row);
    }

    static Value Shortcut(Value x, Scope s, int channels, Row row) => x.Channels == channels && row.Stride == 1 ? x
        : x.ConvNorm((s[0], s[1]), x.Channels, new(row.Kernel, row.Stride, Groups: x.Channels), Style)
            .ConvNorm((s[2], s[3]), channels, new(1), Style);

    /// <summary>Half of the channels by a convolution, the ghosts of these by a filter for each.</summary>
    static Value Ghost(Value x, Scope s, int channels, Act act)
    {
        var (first, cheap) = (s["primary_conv"], s["cheap_operation"]);
        var y = x.ConvNormAct((first[0], first[1]), channels / 2, new(1), new(act));
        var ghosts = y.ConvNormAct((cheap[0], cheap[1]), y.Channels, new(3, Groups: y.Channels), new(act));
        return new[] { y, ghosts }.Concat(1);
    }

    /// <summary>The same by sums of branches, which fold into one convolution each.</summary>
    static Value Branched(Value x, Scope s, int channels, Act act)
    {
        var y = act(Branches(x, s["primary_rpr_conv"], channels / 2, new(1)));
        var skipped = y.BatchNorm(s["cheap_rpr_skip"]);
        var ghosts = Branches(y, s["cheap_rpr_conv"], y.Channels, new(3, Groups: y.Channels));
        ghosts += Branch(y, s["cheap_rpr_scale"], y.Channels, new(1, Groups: y.Channels)) + skipped;
        return new[] { y, act(ghosts) }.Concat(1);
    }

    static Value Branches(Value x, Scope s, int channels, Window w) =>
        Enumerable.Range(0, 3).Select(i => Branch(x, s[i], channels, w)).Aggregate((a, b) => a + b);

    static Value Branch(Value x, Scope s, int channels, Window w) =>
        x.ConvNorm((s["conv"], s["bn1"]), channels, w, Style);

    /// <summary>
    /// Weighs what a layer gives by a quarter of the map it was given, through one flat window each way.
    /// </summary>
    static Value Weigh(Value y, Value x, Scope s)
    {
        var t = s["short_conv"];
        var gate = x.AvgPool(k: 2, stride: 2, Pad.Valid).ConvNorm((t[0], t[1]), y.Channels, new(1), Style);
        gate = gate.ConvNorm((t[2], t[3]), y.Channels, new(1, Groups: y.Channels) { Width = 5 }, Style);
        gate = gate.ConvNorm((t[4], t[5]), y.Channels, new(5, Groups: y.Channels) { Width = 1 }, Style);
        return y * gate.Sigmoid().Resample(y.Height, y.Width, Resampling.Nearest);
    }

    static Value Plain(Value x, Scope s, int kernel) =>
        x.ConvNorm((s["conv_dw"], s["bn_dw"]), x.Channels, new(kernel, Stride: 2, Groups: x.Channels), Style);

    static Value HalveByBranches(Value x, Scope s, int kernel)
    {
        var w = new Window(kernel, Stride: 2, Groups: x.Channels);
        return Branches(x, s["dw_rpr_conv"], x.Channels, w)
            + Branch(x, s["dw_rpr_scale"], x.Channels, w with { K = 1, Width = 1 });
    }

    internal static FamilyFacts Facts(Config c) => new(new("^conv_stem|bn1",
        (@"^blocks\.(\d+)\.(\d+)", null), ("conv_head", [LayerGroups.Previous])));
}
