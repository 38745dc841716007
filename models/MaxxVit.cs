using static OnnxTimm.Layers;

namespace OnnxTimm.Models;

/// <summary>
/// CoAtNet (arXiv:2106.04803): stages of convolutions, then stages of attention over whole maps; MaxViT (2204.01697):
/// each block convolves, attends within windows and over a grid of pixels that spans the map. timm/models/maxxvit.py.
/// </summary>
public static partial class MaxxVit
{
    /// <summary>Width of an attention head.</summary>
    const int HeadWidth = 32;

    /// <param name="Dims">Channels of each stage.</param>
    /// <param name="Depths">Blocks of each stage.</param>
    /// <param name="Stem">Channels of the stem's convolutions.</param>
    public sealed record Config(int[] Dims, int[] Depths, params int[] Stem)
    {
        /// <summary>The block of each stage.</summary>
        public ConvBlock<Config>[] Block { get; init; } = [Conv, Conv, Attend, Attend];

        /// <summary>The blocks that convolve.</summary>
        public ConvFacts Convs { get; init; } = new(Activations.Gelu);

        /// <summary>The blocks that attend.</summary>
        public AttentionFacts Attention { get; init; } = new(Activations.Gelu);

        /// <summary>Epsilon of the batch norms.</summary>
        public double BatchNormEps { get; init; } = 1e-5;

        /// <summary>Epsilon of the layer norms.</summary>
        public double LayerNormEps { get; init; } = 1e-6;

        /// <summary>Width of the layer before the classifier; none where null.</summary>
        public int? Hidden { get; init; }

        /// <summary>How the weights of convolutions and of attentions begin, and the biases of MLPs.</summary>
        public (Func<int, Init> Conv, Init Attention, Init MlpBias) Begin { get; init; } =
            (Init.KaimingFanOut, Init.XavierUniform, Init.Normal(1e-6));

        /// <summary>What the sides of the maps that have positions are counted from.</summary>
        internal (int H, int W) Half { get; init; }

        /// <summary>Sides of a window, and of a grid: a share of the image's.</summary>
        internal (int H, int W) Window { get; init; }
    }

    /// <summary>What the blocks that convolve have in common.</summary>
    /// <param name="Act">The activation.</param>
    public sealed record ConvFacts(Act Act) : ConvStyle(Act)
    {
        /// <summary>MobileNet's inverted bottleneck, or ConvNeXt's block.</summary>
        public ConvBlock<Config> Block { get; init; } = MbConv;

        /// <summary>Of the windows; half their span by default.</summary>
        public Pad Pad { get; init; }

        /// <summary>Whether the stem, and what ends a block, has a bias.</summary>
        public (bool Stem, bool End) Bias { get; init; } = (false, true);

        /// <summary>The channels that count for the hidden ones, of those that come in and those that go out.</summary>
        public Func<int, int, int> Base { get; init; } = (_, channels) => channels;

        /// <summary>Squeezed channels of a gate, for each channel that goes out, or of the hidden ones.</summary>
        public Func<int, int, double> Squeezed { get; init; } = (channels, _) => 0.25 * channels;

        /// <summary>Between the layers of the gate.</summary>
        public Act GateAct { get; init; } = Activations.Silu;

        /// <summary>The second norm and the gate.</summary>
        public Func<Value, Scope, ConvFacts, int, Value> NormGate { get; init; } = NormThenGate;

        /// <summary>The activation of the first norm.</summary>
        public Act? Before { get; init; }

        /// <summary>Halves the map before the first convolution, instead of its window.</summary>
        public bool PoolsFirst { get; init; }

        /// <summary>Halves a map: that of a shortcut, or the one that is attended.</summary>
        public Func<Value, Pad, Value> Pool { get; init; } = MeanOf2;

        /// <summary>What the factors of the residuals begin with; none where null.</summary>
        public double? LayerScale { get; init; }
    }

    /// <summary>What the blocks that attend have in common.</summary>
    /// <param name="Act">The activation.</param>
    public sealed record AttentionFacts(Act Act)
    {
        /// <summary>Width of the heads together, of channels that come in and that go out.</summary>
        public Func<int, int, int> Width { get; init; } = (_, channels) => channels;

        /// <summary>Whether the projection of a shortcut has a bias.</summary>
        public bool ShortcutBias { get; init; } = true;

        /// <summary>The norm of a map, of blocks that attend over it as a whole.</summary>
        public Norm Norm { get; init; } = Layers.LayerNorm2d;

        /// <summary>Query, key and value from one layer's columns, by number of heads.</summary>
        public Func<Value, int, Qkv> Split { get; init; } = HeadsFirst;

        /// <summary>The bias of pairs of pixels.</summary>
        public Func<AttentionFacts, Scope, (int H, int W), int, Value> Positions { get; init; } = Table;

        /// <summary>Says how a table follows the image, once the network is built.</summary>
        internal Func<Value, Fit, Value> Sized { get; init; } = (table, _) => table;

        /// <summary>What the factors of the residuals begin with; none where null.</summary>
        public double? LayerScale { get; init; }
    }

    static Value Build(Value image, Scope s, Config c, Net net)
    {
        c = c with
        {
            Half = (image.Height / 2, image.Width / 2),
            Window = (image.Height / 32, image.Width / 32),
            Attention = c.Attention with { Sized = net.Sized },
        };
        var stem = s["stem"];
        var w = new Window(3) { Pad = c.Convs.Pad };
        var x = image.Conv(stem["conv1"], c.Stem[0], w with { Stride = 2 }, c.Convs.Bias.Stem);
        x = c.Convs.Norm(x, stem["norm1"], c.Convs.Act).Conv(stem["conv2"], c.Stem[^1], w, c.Convs.Bias.Stem);
        net.Tap("stem", x);
        foreach (var b in net.Blocks(c.Depths))
        {
            var place = b with { Stride = b.IsFirst ? 2 : 1 };
            x = c.Block[b.Stage](x, s["stages"][b.Stage]["blocks"][b.Index], c.Dims[b.Stage], c, place);
            if (b.IsLast)
                net.Tap($"stages.{b.Stage}", x);
        }
        var head = s["head"];
        return c.Hidden is not { } hidden ? net.Head(c.Attention.Norm(x, s["norm"]), new(head["fc"]))
            : net.Head(x, new(head["fc"])
            {
                Norm = y => y.LayerNorm(head["norm"]),
                Hidden = y => y.Linear(head["pre_logits"]["fc"], hidden).Tanh(),
            });
    }

    static Value Conv(Value x, Scope s, int channels, Config c, Place place) =>
        c.Convs.Block(x, s, channels, c, place);

    /// <summary>An inverted residual whose norms come first.</summary>
    static Value MbConv(Value x, Scope s, int channels, Config c, Place place)
    {
        var f = c.Convs;
        var hidden = MakeDivisible(4 * f.Base(x.Channels, channels));
        var shortcut = Shortcut(x, s["shortcut"], channels, place, (f.Pool, f.Pad), f.Bias.End);
        var y = f.Norm(x, s["pre_norm"], f.Before);
        var (pools, stride) = f.PoolsFirst ? (place.Stride > 1, 1) : (false, place.Stride);
        y = (pools ? MeanOf2(y, f.Pad) : y).ConvNormAct((s["conv1_1x1"], s["norm1"]), hidden, new(1), f);
        y = y.Conv(s["conv2_kxk"], hidden, new Window(3, stride, Groups: hidden) { Pad = f.Pad }, bias: false);
        y = f.NormGate(y, s, f, (int)f.Squeezed(channels, hidden));
        return y.Conv(s["conv3_1x1"], channels, k: 1, bias: f.Bias.End).DropPath(place.DropPath) + shortcut;
    }

    static Value NormThenGate(Value y, Scope s, ConvFacts f, int squeezed) =>
        f.Norm(y, s["norm2"], f.Act).SqueezeExcite(s["se"], squeezed, f.GateAct);

    static Value GateThenNorm(Value y, Scope s, ConvFacts f, int squeezed) =>
        f.Norm(y.SqueezeExcite(s["se_early"], squeezed, f.GateAct), s["norm2"], f.Act);

    static Value ConvNeXt(Value x, Scope s, int channels, Config c, Place place)
    {
        var shortcut = Shortcut(x, s["shortcut"], channels, place, (MeanOf2, default), bias: true);
        var y = x.Conv(s["conv_dw"], channels, new Window(7, place.Stride, Groups: x.Channels));
        y = y.LayerNorm2d(s["norm"]).Conv(s["mlp"]["fc1"], 4 * channels, k: 1);
        y = c.Convs.Act(y).Conv(s["mlp"]["fc2"], channels, k: 1).LayerScale2d(s["ls"], c.Convs.LayerScale);
        return y.DropPath(place.DropPath) + shortcut;
    }

    /// <summary>The identity, halved where a stage begins, and brought to so many channels.</summary>
    static Value Shortcut(Value x, Scope s, int channels, Place place, (Func<Value, Pad, Value> Pool, Pad Pad) by,
        bool bias)
    {
        if (place.Stride == 1)
            return x;
        var y = by.Pool(x, by.Pad);
        return x.Channels == channels ? y : y.Conv(s["expand"], channels, k: 1, bias: bias);
    }

    static Value MeanOf2(Value x, Pad pad) => x.AvgPool(k: 2, stride: 2, Pad.Valid);

    static Value LargestOf3(Value x, Pad pad) => x.MaxPool(k: 3, stride: 2);

    /// <summary>A transformer block over the whole map.</summary>
    static Value Attend(Value x, Scope s, int channels, Config c, Place place)
    {
        var f = c.Attention;
        s = Begun(s, c);
        var shortcut = Shortcut(x, s["shortcut"], channels, place, (c.Convs.Pool, default), f.ShortcutBias);
        var y = place.Stride == 1 ? f.Norm(x, s["norm1"]) : c.Convs.Pool(f.Norm(x, s["norm1"]["norm"]), default);
        y = MapAttention(y, s["attn"], channels, c, place).LayerScale2d(s["ls1"], f.LayerScale);
        x = shortcut + y.DropPath(place.DropPath);
        var mlp = BegunMlp(s, c);
        y = f.Act(f.Norm(x, s["norm2"]).Conv(mlp["fc1"], 4 * channels, k: 1)).Dropout(place.ProjDrop)
            .Conv(mlp["fc2"], channels, k: 1).Dropout(place.ProjDrop);
        return x + y.LayerScale2d(s["ls2"], f.LayerScale).DropPath(place.DropPath);
    }

    static Value MapAttention(Value x, Scope s, int channels, Config c, Place place)
    {
        var (f, grid) = (c.Attention, (H: Halved(c.Half.H, place), W: Halved(c.Half.W, place)));
        if (grid != (x.Height, x.Width))
            throw new InvalidOperationException($"{x} is no map of {grid.H} x {grid.W}, which positions are for.");
        var width = f.Width(x.Channels, channels);
        var heads = width / HeadWidth;
        var qkv = HeadsFirst(x.Conv(s["qkv"], 3 * width, k: 1).ToTokens(), heads);
        return qkv.Attend(f.Positions(f, s["rel_pos"], grid, heads), place.AttnDrop).MergeHeads()
            .ToMap(x.Height, x.Width).Conv(s["proj"], channels, k: 1).Dropout(place.ProjDrop);
    }

    /// <summary>A side after the strides up to this stage, which round up whatever its layers do.</summary>
    static int Halved(int side, Place place) => ((side - 1) >> (place.Stage + 1)) + 1;

    /// <summary>MaxViT's block: convolution, windows, grid.</summary>
    static Value WindowsAndGrid(Value x, Scope s, int channels, Config c, Place place)
    {
        var y = Conv(x, s["conv"], channels, c, place).ChannelsLast();
        y = Partition(y, s["attn_block"], Layers.Windows, Layers.Unwindowed, c, place);
        return Partition(y, s["attn_grid"], Layers.GridWindows, Layers.Ungridded, c, place).ChannelsFirst();
    }

    static Value GridAlone(Value x, Scope s, int channels, Config c, Place place) =>
        Partition(Conv(x, s["conv"], channels, c, place).ChannelsLast(), s["attn_grid"], Layers.GridWindows,
            Layers.Ungridded, c, place).ChannelsFirst();

    /// <summary>Two convolutions; then windows and grid side by side, each for half of the channels.</summary>
    static Value Parallel(Value x, Scope s, int channels, Config c, Place place)
    {
        x = Conv(x, s["conv"][0], channels, c, place);
        x = Conv(x, s["conv"][1], channels, c, place with { Stride = 1 }).ChannelsLast();
        return Transformer(x, s["attn"], c, place, (y, t) => new[]
        {
            WindowAttention(y.Windows(c.Window), t["attn_block"], channels / 2, c, place).Unwindowed(y, c.Window),
            WindowAttention(y.GridWindows(c.Window), t["attn_grid"], channels / 2, c, place).Ungridded(y, c.Window),
        }.Concat(3)).ChannelsFirst();
    }

    static Value Partition(Value x, Scope s, Func<Value, (int, int), Value> cut,
        Func<Value, Value, (int, int), Value> join, Config c, Place place) => Transformer(x, s, c, place,
        (y, t) => join(WindowAttention(cut(y, c.Window), t["attn"], x.Channels, c, place), y, c.Window));

    static Value Transformer(Value x, Scope s, Config c, Place place, Func<Value, Scope, Value> attention)
    {
        s = Begun(s, c);
        var scale = c.Attention.LayerScale;
        x += attention(x.LayerNorm(s["norm1"]), s).LayerScale(s["ls1"], scale).DropPath(place.DropPath);
        var y = x.LayerNorm(s["norm2"]).Mlp(BegunMlp(s, c), 4 * x.Channels, c.Attention.Act, place.ProjDrop);
        return x + y.LayerScale(s["ls2"], scale).DropPath(place.DropPath);
    }

    static Value WindowAttention(Value x, Scope s, int channels, Config c, Place place)
    {
        var heads = x.Features / HeadWidth;
        var qkv = c.Attention.Split(x.Linear(s["qkv"], 3 * x.Features), heads);
        var bias = c.Attention.Positions(c.Attention, s["rel_pos"], c.Window, heads);
        return qkv.Attend(bias, place.AttnDrop).MergeHeads()
            .Linear(s["proj"], channels).Dropout(place.ProjDrop);
    }

    /// <summary>Query, key and value of a head side by side.</summary>
    static Qkv HeadsFirst(Value x, int heads)
    {
        var ofHeads = x.Reshape(x.Shape[0], x.Shape[1], heads, 3 * HeadWidth).Transpose(0, 2, 1, 3);
        return Qkv.OfHeads(ofHeads, HeadWidth);
    }

    /// <summary>The queries of all heads, then the keys, then the values.</summary>
    static Qkv PartsFirst(Value x, int heads)
    {
        long width = x.Features / 3;
        var parts = x.Split([width, width, width], -1);
        return Qkv.Of(parts[0], parts[1], parts[2], heads);
    }

    static Value Table(AttentionFacts f, Scope s, (int H, int W) window, int heads) => RelativePosition.Bias(
        f.Sized(s.Param("relative_position_bias_table", Init.TruncNormal(), RelativePosition.Count(window), heads)
            .NoDecay(), new Fit.Bias(window.H, window.W)), window);

    /// <summary>A table by rows and columns of offsets, which count from key to query.</summary>
    static Value TableOfHeads(AttentionFacts f, Scope s, (int H, int W) window, int heads) => f.Sized(s
        .Param("relative_position_bias_table", Init.Normal(0.02), heads, 2 * window.H - 1, 2 * window.W - 1)
        .NoDecay(), new Fit.Bias(window.H, window.W))
        .Reshape(heads, RelativePosition.Count(window))
        .Gather(RelativePosition.Index(s.Graph, window), axis: 1).Transpose(0, 2, 1);

    /// <summary>A table by an MLP over offsets in a logarithmic scale.</summary>
    static Func<AttentionFacts, Scope, (int H, int W), int, Value> MlpTable(int hidden) => (_, s, window, heads) =>
        RelativePosition.Bias(RelativePosition.PixelMlpTable(s["mlp"].NoDecay(), window, hidden, heads), window);

    static Scope Begun(Scope s, Config c) => s.With(d => d with
    {
        ConvBy = _ => c.Begin.Attention,
        Linear = c.Begin.Attention,
        LinearBias = Init.Zeros,
    });

    static Scope BegunMlp(Scope s, Config c) => s["mlp"].With(d => d with
    {
        ConvBias = c.Begin.MlpBias,
        LinearBias = c.Begin.MlpBias,
    });

    static FamilyFacts Facts(Config c) => new(new("^stem",
        (@"^stages\.(\d+)", null), ("^norm", [LayerGroups.Previous])))
    {
        Layers = new()
        {
            ConvBy = c.Begin.Conv,
            ConvBias = Init.Zeros,
            BatchNormEps = c.BatchNormEps,
            LayerNormEps = c.LayerNormEps,
        },
    };
}
