namespace OnnxTimm.Models;

/// <summary>
/// Aligned Xception (arXiv:1802.02611): Xception without pools, for dense prediction, with its norms after or before
/// the convolutions. timm/models/xception_aligned.py.
/// </summary>
public static class XceptionAligned
{
    /// <param name="Entry">Channels and stride of the first blocks.</param>
    /// <param name="Middle">Blocks at the same size.</param>
    public sealed record Config((int Channels, int Stride)[] Entry, int Middle) : ConvStyle(Ops.Relu)
    {
        /// <summary>Every block but the last.</summary>
        public Module Block { get; init; } = ActFirst;

        /// <summary>The last block; it has no shortcut.</summary>
        public Module Last { get; init; } = ActLast;

        /// <summary>What ends the network before the pool.</summary>
        public Func<Value, Value> End { get; init; } = x => x;

        /// <summary>The second convolution, to 64 channels; the first gives 32 at half the image's size.</summary>
        public NetPart<Config> Stem { get; init; } = PlainStem;

        /// <summary>Epsilon of all norms.</summary>
        public double BatchNormEps { get; init; } = 1e-3;

        /// <summary>Channels of each block's three convolutions, and its stride.</summary>
        public (int[] Channels, int Stride)[] Blocks =>
        [
            .. Entry.Select(b => (new[] { b.Channels, b.Channels, b.Channels }, b.Stride)),
            .. Enumerable.Repeat((new[] { 728, 728, 728 }, 1), Middle),
            ([728, 1024, 1024], 2), ([1536, 1536, 2048], 1),
        ];
    }

    /// <summary>A block of three separable convolutions; it names the map before its stride.</summary>
    public delegate Value Module(Value x, Scope s, int[] channels, Config c, Place place, Net net);

    /// <summary>timm's variants of the module <c>xception_aligned</c>.</summary>
    public static readonly Family<Config> Family = new("xception_aligned", Build, Facts)
    {
        { "xception41",  new([(128, 2), (256, 2), (728, 2)], 8) },
        { "xception65",  new([(128, 2), (256, 2), (728, 2)], 16) },
        { "xception71",  new([(128, 2), (256, 1), (256, 2), (728, 1), (728, 2)], 16) },
        { "xception41p", NormFirst(8) with { BatchNormEps = 1e-5 } },
        { "xception65p", NormFirst(16) },
    };

    static Config NormFirst(int middle) => new([(128, 2), (256, 2), (728, 2)], middle)
    {
        Block = PreNorm,
        Last = PreNormAlone,
        End = Ops.Relu,
        Stem = BareStem,
    };

    static Value Build(Value x, Scope s, Config c, Net net)
    {
        var blocks = c.Blocks;
        x = c.Stem(x.ConvNormAct(s["stem"][0], 32, new(3, Stride: 2), c), s["stem"][1], c, net);
        foreach (var b in net.Strided([.. blocks.Select(_ => 1)], reduction: 2, [.. blocks.Select(b => b.Stride)]))
            x = (b.Stage == blocks.Length - 1 ? c.Last : c.Block)(x, s["blocks"][b.Stage], blocks[b.Stage].Channels, c,
                b, net);
        x = c.End(net.Tap($"blocks.{blocks.Length - 1}", x));
        return net.Head(x, new(s["head"]["fc"]));
    }

    static Value PlainStem(Value x, Scope s, Config c, Net net) => x.ConvNormAct(s, 64, new(3), c);

    static Value BareStem(Value x, Scope s, Config c, Net net) => x.Conv(s, 64, k: 3, bias: false);

    static Value ActFirst(Value x, Scope s, int[] channels, Config c, Place place, Net net)
    {
        var identity = x.Channels == channels[2] && place.Stride == 1 ? x
            : x.ConvNorm(s["shortcut"], channels[2], new(1, place.Stride), c);
        var y = x;
        foreach (var (i, width) in channels.Index())
        {
            y = c.Act(y);
            if (i == 2)
                TapBefore("act3", y, s, c, place, net);
            y = Separable(y, s["stack"][$"conv{i + 1}"], width, At(i, place), c, act: null);
        }
        return y.DropPath(place.DropPath) + identity;
    }

    /// <summary>No shortcut, and activations after each convolution.</summary>
    static Value ActLast(Value x, Scope s, int[] channels, Config c, Place place, Net net) =>
        channels.Index().Aggregate(x, (y, conv) => Separable(y, s["stack"][$"conv{conv.Index + 1}"], conv.Item,
            At(conv.Index, place), c, c.Act));

    static Value PreNorm(Value x, Scope s, int[] channels, Config c, Place place, Net net)
    {
        var shortcut = s.Early("shortcut");
        x = c.Norm(x, s["norm"], c.Act);
        var y = PreNormStack(x, s, channels, c, place, net).DropPath(place.DropPath);
        return y + (x.Channels == channels[2] && place.Stride == 1 ? x
            : x.Conv(shortcut, channels[2], k: 1, place.Stride, bias: false));
    }

    static Value PreNormAlone(Value x, Scope s, int[] channels, Config c, Place place, Net net) =>
        PreNormStack(c.Norm(x, s["norm"], c.Act), s, channels, c, place, net);

    static Value PreNormStack(Value x, Scope s, int[] channels, Config c, Place place, Net net)
    {
        foreach (var (i, width) in channels.Index())
        {
            var conv = s["stack"][$"conv{i + 1}"];
            x = i == 0 ? x : c.Norm(x, conv["norm"], c.Act);
            x = x.Conv(conv["conv_dw"], x.Channels, At(i, place) with { Groups = x.Channels }, bias: false)
                .Conv(conv["conv_pw"], width, k: 1, bias: false);
            if (i == 1)
                TapBefore("conv2", x, s, c, place, net);
        }
        return x;
    }

    static void TapBefore(string module, Value x, Scope s, Config c, Place place, Net net)
    {
        if (c.Blocks[place.Stage].Stride > 1)
            net.Tap($"{s.Prefix}.stack.{module}", x);
    }

    static Value Separable(Value x, Scope s, int channels, Window w, Config c, Act? act)
    {
        x = x.Conv(s["conv_dw"], x.Channels, w with { Groups = x.Channels }, bias: false);
        x = c.Norm(x, s["bn_dw"], act).Conv(s["conv_pw"], channels, k: 1, bias: false);
        return c.Norm(x, s["bn_pw"], act);
    }

    static Window At(int conv, Place place) => new(3, conv == 2 ? place.Stride : 1, place.FirstDilation);

    static FamilyFacts Facts(Config c) => new(new("^stem", (@"^blocks\.(\d+)", null)))
    {
        Layers = new() { BatchNormEps = c.BatchNormEps },
        Dilates = true,
    };
}
