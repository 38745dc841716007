namespace OnnxTimm.Models;

/// <summary>
/// MambaOut (arXiv:2405.07992): the gated blocks of Mamba without its state space, for pictures need none. Maps have
/// their channels last. timm/models/mambaout.py.
/// </summary>
public static class MambaOut
{
    /// <param name="Depths">Blocks of each stage.</param>
    /// <param name="Dims">Channels of each stage.</param>
    public sealed record Config(int[] Depths, int[] Dims)
    {
        /// <summary>Hidden channels of a block for each of its channels.</summary>
        public double Expand { get; init; } = 8 / 3.0;

        /// <summary>Channels that look around for each channel of a block.</summary>
        public double Around { get; init; } = 1;

        /// <summary>Of the gates and of the stem.</summary>
        public Act Act { get; init; } = Activations.Gelu;

        /// <summary>What the factors of the residuals begin with; none where null.</summary>
        public double? LayerScale { get; init; }

        /// <summary>Norms the stem between its convolutions.</summary>
        public Norm StemNorm { get; init; } = Layers.LayerNorm;

        /// <summary>Halves the map and brings it to the channels of a stage.</summary>
        public Func<Value, Scope, int, Value> Downsample { get; init; } = NormLast;

        /// <summary>What the classifier reads of the normed mean.</summary>
        public Func<Value, Scope, Value> Hidden { get; init; } = NormedLayer;
    }

    /// <summary>timm's variants of the module <c>mambaout</c>.</summary>
    public static readonly Family<Config> Family = new("mambaout", Build, Facts)
    {
        { "mambaout_femto",         new([3, 3, 9, 3], [48, 96, 192, 288]) },
        { "mambaout_kobe",          new([3, 3, 15, 3], [48, 96, 192, 288]) },
        { "mambaout_tiny",          new([3, 3, 9, 3], Small) },
        { "mambaout_small",         new([3, 4, 27, 3], Small) },
        { "mambaout_base",          new([3, 4, 27, 3], Base) },
        { "mambaout_small_rw",      Rw([3, 4, 27, 3], Small) },
        { "mambaout_base_short_rw", Rw([3, 3, 25, 3], Base) with { Expand = 3, Around = 1.25 } },
        { "mambaout_base_tall_rw",  Rw([3, 4, 30, 3], Base) with { Expand = 2.5, Around = 1.25 } },
        { "mambaout_base_wide_rw",  Rw([3, 4, 27, 3], Base) with
            { Expand = 3, Around = 1.5, Act = Activations.Silu } },
        { "mambaout_base_plus_rw",  Rw([3, 4, 30, 3], Base) with
            { Expand = 3, Around = 1.5, Act = Activations.Silu } },
        { "test_mambaout",          Rw([1, 1, 3, 1], [16, 32, 48, 64]) with { Expand = 3, Act = Activations.Silu } },
    };

    static int[] Small => [96, 192, 384, 576];

    static int[] Base => [128, 256, 512, 768];

    /// <summary>timm's own. Its factors begin alike, whatever its table of variants says.</summary>
    static Config Rw(int[] depths, int[] dims) => new(depths, dims)
    {
        LayerScale = 1e-5,
        StemNorm = (x, _) => x,
        Downsample = NormFirst,
        Hidden = PlainLayer,
    };

    static Value Build(Value x, Scope s, Config c, Net net)
    {
        x = Stem(x, s["stem"], c);
        foreach (var b in net.Blocks(c.Depths))
        {
            var stage = s["stages"][b.Stage];
            if (b is { IsFirst: true, Stage: > 0 })
                x = c.Downsample(x, stage["downsample"], c.Dims[b.Stage]);
            x = Block(x, stage["blocks"][b.Index], c, b);
            if (b.IsLast)
                net.Tap($"stages.{b.Stage}", x, map => map.ChannelsFirst());
        }
        var head = s["head"];
        return net.Head(x, new(head["fc"])
        {
            Norm = y => y.LayerNorm(head["norm"]),
            Hidden = y => c.Hidden(y, head["pre_logits"]),
        });
    }

    static Value Stem(Value x, Scope s, Config c)
    {
        x = c.StemNorm(Halve(x, s["conv1"], c.Dims[0] / 2), s["norm1"]);
        return Halve(c.Act(x).ChannelsFirst(), s["conv2"], c.Dims[0]).LayerNorm(s["norm2"]);
    }

    static Value Halve(Value x, Scope s, int channels) => x.Conv(s, channels, k: 3, stride: 2).ChannelsLast();

    static Value NormLast(Value x, Scope s, int channels) =>
        Halve(x.ChannelsFirst(), s["conv"], channels).LayerNorm(s["norm"]);

    static Value NormFirst(Value x, Scope s, int channels) =>
        Halve(x.LayerNorm(s["norm"]).ChannelsFirst(), s["conv"], channels);

    static Value Block(Value x, Scope s, Config c, Place place)
    {
        var (hidden, around) = ((int)(c.Expand * x.Features), (int)(c.Around * x.Features));
        var parts = x.LayerNorm(s["norm"]).Linear(s["fc1"], 2 * hidden).Split([hidden, hidden - around, around], -1);
        var seen = parts[2].ChannelsFirst().DepthwiseConv(s["conv"], k: 7).ChannelsLast();
        var y = (c.Act(parts[0]) * new[] { parts[1], seen }.Concat(3)).Linear(s["fc2"], x.Features);
        return y.LayerScale(s["ls"], c.LayerScale).DropPath(place.DropPath) + x;
    }

    static Value NormedLayer(Value x, Scope s) => PlainLayer(x, s).LayerNorm(s["norm"]);

    static Value PlainLayer(Value x, Scope s) => x.Linear(s["fc"], 4 * x.Features).Gelu();

    static FamilyFacts Facts(Config c) => new(new("^stem",
        (@"^stages\.(\d+)\.downsample", [0]), (@"^stages\.(\d+)\.blocks\.(\d+)", null)))
    {
        Layers = LayerDefaults.TruncNormal,
    };
}
