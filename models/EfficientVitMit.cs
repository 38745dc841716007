namespace OnnxTimm.Models;

/// <summary>
/// EfficientViT of MIT (arXiv:2205.14756): mobile blocks, and attention that is linear in the number of pixels, over
/// queries, keys and values of two scales. timm/models/efficientvit_mit.py.
/// </summary>
public static class EfficientVitMit
{
    /// <param name="Widths">Channels of the stem and of each stage.</param>
    /// <param name="Depths">Blocks of the stem and of each stage.</param>
    /// <param name="HeadWidths">Channels of the last convolution and of the hidden layer before the classifier.</param>
    public sealed record Config(int[] Widths, int[] Depths, params int[] HeadWidths)
    {
        /// <summary>Width of an attention head.</summary>
        public int HeadWidth { get; init; } = 32;

        /// <summary>Of stem, blocks and head.</summary>
        public Act Act { get; init; } = Activations.HardSwish;

        /// <summary>Epsilon of all norms.</summary>
        public double Eps { get; init; } = 1e-5;

        /// <summary>The residual blocks of the stem.</summary>
        public Part StemBlock { get; init; } = Separable;

        /// <summary>What begins the stage of a number from 0: it halves the map.</summary>
        public Func<int, Part> Down { get; init; } = stage => stage < 2 ? Inverted(4) : LightInverted(4);

        /// <summary>The residual blocks of the stage of a number.</summary>
        public Func<int, Part> Local { get; init; } = _ => Inverted(4);

        /// <summary>The stage from which on blocks attend.</summary>
        public int Attends { get; init; } = 2;

        /// <summary>What follows an attention.</summary>
        public Part AfterAttention { get; init; } = LightInverted(4);
    }

    /// <summary>A block, without its shortcut, to so many channels at a stride.</summary>
    public delegate Value Part(Value x, Scope s, int channels, int stride, Act act);

    /// <summary>timm's variants of the module <c>efficientvit_mit</c>.</summary>
    public static readonly Family<Config> Family = new("efficientvit_mit", Build, Facts)
    {
        { "efficientvit_b0", new([8, 16, 32, 64, 128], [1, 2, 2, 2, 2], 1024, 1280) { HeadWidth = 16 } },
        { "efficientvit_b1", new([16, 32, 64, 128, 256], [1, 2, 3, 3, 4], 1536, 1600) { HeadWidth = 16 } },
        { "efficientvit_b2", new([24, 48, 96, 192, 384], [1, 3, 4, 4, 6], 2304, 2560) },
        { "efficientvit_b3", new([32, 64, 128, 256, 512], [1, 4, 6, 6, 9], 2304, 2560) },
        { "efficientvit_l1", Large([32, 64, 128, 256, 512], [1, 1, 1, 6, 6], 3072, 3200) },
        { "efficientvit_l2", Large([32, 64, 128, 256, 512], [1, 2, 2, 8, 8], 3072, 3200) },
        { "efficientvit_l3", Large([64, 128, 256, 512, 1024], [1, 2, 2, 8, 8], 6144, 6400) },
    };

    static Config Large(int[] widths, int[] depths, params int[] head) =>
        // The first block of a stage is one more.
        new(widths, [depths[0], .. depths[1..].Select((d, i) => i < 3 ? d + 1 : d)], head)
        {
            Act = Activations.GeluTanh,
            Eps = 1e-7,
            StemBlock = TwoWindows,
            Attends = 3,
            Down = stage => stage < 2 ? Fused(16) : LightInverted(stage == 2 ? 16 : 24),
            Local = stage => stage < 2 ? Fused(4) : LightInverted(4),
            AfterAttention = LightInverted(6),
        };

    static Value Build(Value x, Scope s, Config c, Net net)
    {
        x = Normed(x, s["stem"]["in_conv"], c.Widths[0], new(3, Stride: 2), c.Act);
        for (var i = 0; i < c.Depths[0]; i++)
            x = c.StemBlock(x, s["stem"][$"res{i}"]["main"], c.Widths[0], 1, c.Act) + x;
        // Where blocks attend, the one that halves the map is one more.
        foreach (var b in net.Blocks([.. c.Depths[1..].Select((d, i) => i < c.Attends ? d : d + 1)]))
        {
            var block = s["stages"][b.Stage]["blocks"][b.Index];
            x = b.IsFirst ? c.Down(b.Stage)(x, block["main"], c.Widths[b.Stage + 1], 2, c.Act)
                : b.Stage < c.Attends ? c.Local(b.Stage)(x, block["main"], x.Channels, 1, c.Act) + x
                : AttentiveBlock(x, block, c);
            if (b.IsLast)
                net.Tap($"stages.{b.Stage}", x);
        }
        return net.Head(x, Classifier(s["head"], c));
    }

    static Head Classifier(Scope s, Config c) => new(s["classifier"][4])
    {
        PoolBy = (x, name) => name.Length == 0
            ? throw new UserException("This network's head does not go without pooling (global_pool '').")
            : GlobalPool.Of(Normed(x, s["in_conv"], c.HeadWidths[0], new(1), c.Act), name,
                among: ["avg", "max", "avgmax"]),
        Hidden = x => c.Act(x.Linear(s["classifier"][0], c.HeadWidths[1], bias: false)
            .LayerNorm(s["classifier"][1])),
    };

    static Value AttentiveBlock(Value x, Scope s, Config c)
    {
        x = LinearAttention(x, s["context_module"]["main"], c) + x;
        return c.AfterAttention(x, s["local_module"]["main"], x.Channels, 1, c.Act) + x;
    }

    /// <summary>
    /// Keys and values meet first; ReLUs stand for the softmax. Each head has query, key and value side by side, once
    /// of pixels and once of 5x5 windows.
    /// </summary>
    static Value LinearAttention(Value x, Scope s, Config c)
    {
        var (heads, d) = (x.Channels / c.HeadWidth, c.HeadWidth);
        var qkv = x.Conv(s["qkv"]["conv"], 3 * x.Channels, k: 1, bias: false);
        var wide = qkv.DepthwiseConv(s["aggreg"][0][0], k: 5, bias: false)
            .Conv(s["aggreg"][0][1], qkv.Channels, k: 1, groups: 3 * heads, bias: false);
        var parts = new[] { qkv, wide }.Concat(1).Reshape(x.Shape[0], 2 * heads, 3 * d, x.Height * x.Width)
            .Split([d, d, d], axis: 2);
        var (q, k, v) = (parts[0].Relu(), parts[1].Relu(), parts[2]);
        // [N, heads, d, L]: the transposes of what attention has.
        var context = v.MatMul(k.Transpose(0, 1, 3, 2));
        var total = k.ReduceSum([3]).Transpose(0, 1, 3, 2).MatMul(q) + 1e-5;
        var y = (context.MatMul(q) / total).Reshape(x.Shape[0], 2 * x.Channels, x.Height, x.Width)
            .As(Layout.ChannelsFirst);
        return Normed(y, s["proj"], x.Channels, new(1), null);
    }

    static Value Separable(Value x, Scope s, int channels, int stride, Act act) =>
        Normed(Normed(x, s["depth_conv"], x.Channels, new(3, stride, Groups: x.Channels), act), s["point_conv"],
            channels, new(1), null);

    static Value TwoWindows(Value x, Scope s, int channels, int stride, Act act) =>
        Normed(Normed(x, s["conv1"], x.Channels, new(3, stride), act), s["conv2"], channels, new(3), null);

    static Part Inverted(int expand) => (x, s, channels, stride, act) =>
    {
        var hidden = expand * x.Channels;
        x = Normed(x, s["inverted_conv"], hidden, new(1), act);
        x = Normed(x, s["depth_conv"], hidden, new(3, stride, Groups: hidden), act);
        return Normed(x, s["point_conv"], channels, new(1), null);
    };

    /// <summary>With a norm at its end alone.</summary>
    static Part LightInverted(int expand) => (x, s, channels, stride, act) =>
    {
        var hidden = expand * x.Channels;
        x = act(x.Conv(s["inverted_conv"]["conv"], hidden, k: 1));
        x = act(x.Conv(s["depth_conv"]["conv"], hidden, new Window(3, stride, Groups: hidden)));
        return Normed(x, s["point_conv"], channels, new(1), null);
    };

    static Part Fused(int expand) => (x, s, channels, stride, act) =>
        Normed(Normed(x, s["spatial_conv"], expand * x.Channels, new(3, stride), act), s["point_conv"], channels,
            new(1), null);

    static Value Normed(Value x, Scope s, int channels, Window w, Act? act)
    {
        var y = x.Conv(s["conv"], channels, w, bias: false).BatchNorm(s["norm"]);
        return act is null ? y : act(y);
    }

    static FamilyFacts Facts(Config c) => new(new("^stem",
        (@"^stages\.(\d+).downsample", [0]), (@"^stages\.(\d+)\.\w+\.(\d+)", null)))
    {
        Layers = new() { BatchNormEps = c.Eps, LayerNormEps = c.Eps },
    };
}
