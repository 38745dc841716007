namespace OnnxTimm.Models;

/// <summary>
/// HRNet (arXiv:1908.07919): branches of four resolutions side by side, which exchange what they see, with the blocks
/// of ResNet; a head that goes from fine to coarse. timm/models/hrnet.py.
/// </summary>
public static class HighResolutionNet
{
    /// <param name="Width">Channels of the finest branch; each coarser one has twice as many.</param>
    public sealed record Config(int Width)
    {
        /// <summary>Blocks of a branch between two exchanges.</summary>
        public int Depth { get; init; } = 4;

        /// <summary>Exchanges of each stage from the second on; each stage has one branch more than the last.</summary>
        public int[] Modules { get; init; } = [1, 4, 3];

        /// <summary>Blocks of the first stage, and their planes.</summary>
        public (int Depth, int Planes) First { get; init; } = (4, 64);

        /// <summary>Planes of the head's block on the finest map; each coarser one has twice as many.</summary>
        public int HeadPlanes { get; init; } = 32;

        /// <summary>The head's convolutions; the ssld weights have none of timm's biases there.</summary>
        public Convolution HeadConv { get; init; } = Biased;
    }

    /// <summary>A convolution to so many channels by a window of k at a stride.</summary>
    public delegate Value Convolution(Value x, Scope s, int channels, int k, int stride);

    // As in timm, the second half of the stem's pattern has no anchor: norms of every block count with the stem.
    public static readonly Family<Config> Family = new("hrnet", Build, Defaults,
        new("^conv[12]|bn[12]", (@"^layer(\d+)\.(\d+)", null), (@"^stage(\d+)\.(\d+)", null),
            (@"^transition(\d+)", [LayerGroups.Previous])))
    {
        { "hrnet_w18_small",    new(16) { Depth = 2, Modules = [1, 1, 1], First = (1, 32) } },
        { "hrnet_w18_small_v2", new(18) { Depth = 2, Modules = [1, 3, 2], First = (2, 64) } },
        { "hrnet_w18",          new(18) },
        { "hrnet_w30",          new(30) },
        { "hrnet_w32",          new(32) },
        { "hrnet_w40",          new(40) },
        { "hrnet_w44",          new(44) },
        { "hrnet_w48",          new(48) },
        { "hrnet_w64",          new(64) },
        { "hrnet_w18_ssld",     new(18) { HeadConv = Unbiased } },
        { "hrnet_w48_ssld",     new(48) { HeadConv = Unbiased } },
    };

    /// <summary>The blocks of ResNet as they are, but for how their last norm begins.</summary>
    static readonly ResNet.Config ResNetBlocks = new([]) { Norm = NormFromOne };

    static Value Build(Config c, Net net, Scope s, Value x)
    {
        var image = x;
        x = net.Tap("stem", Unbiased(x, s["conv1"], 64, k: 3, stride: 2).BatchNorm(s["bn1"]).Relu());
        x = Unbiased(x, s["conv2"], 64, k: 3, stride: 2).BatchNorm(s["bn2"]).Relu();
        RequireWholeFactors(c, net, image, finest: x);
        Value[] maps = [Chain(s["layer1"], ResNet.Bottleneck, x, c.First.Planes, c.First.Depth)];
        foreach (var (i, modules) in c.Modules.Index())
        {
            maps = Transition(c, s[$"transition{i + 1}"], maps);
            for (var m = 0; m < modules; m++)
                maps = Exchange(c, s[$"stage{i + 2}"][m], maps);
        }
        return net.Head(s["classifier"], net.Unpooled(Merge(c, net, s, maps)));
    }

    /// <summary>A coarse map is enlarged by whole factors to meet a fine one.</summary>
    static void RequireWholeFactors(Config c, Net net, Value image, Value finest)
    {
        var coarsest = 1 << c.Modules.Length;
        if (finest.Height % coarsest != 0 || finest.Width % coarsest != 0)
            throw new UserException($"{net.Record.Architecture}: the branches meet where the sides of an image are "
                + $"multiples of {4 * coarsest}, not {image.Height}x{image.Width}.");
    }

    static Value Chain(Scope s, ResNet.Block block, Value x, int planes, int depth)
    {
        for (var b = 0; b < depth; b++)
            x = block(ResNetBlocks, s[b], x, planes, stride: 1, dropPath: 0);
        return x;
    }

    /// <summary>Fits the branches to their widths and begins one more from the coarsest.</summary>
    static Value[] Transition(Config c, Scope s, Value[] maps) =>
    [
        .. maps.Select((x, i) => x.Channels == c.Width << i ? x : Unit(s[i], x, c.Width << i, stride: 1).Relu()),
        Unit(s[maps.Length][0], maps[^1], c.Width << maps.Length, stride: 2).Relu(),
    ];

    /// <summary>Each branch goes on by itself, then becomes the sum of all, brought to its resolution.</summary>
    static Value[] Exchange(Config c, Scope s, Value[] maps)
    {
        Value[] grown = [.. maps.Select((x, i) => Chain(s["branches"][i], ResNet.Basic, x, c.Width << i, c.Depth))];
        return [.. maps.Select((_, to) => grown
            .Select((x, from) => Bring(c, s["fuse_layers"][to][from], x, from, to))
            .Aggregate((a, b) => a + b).Relu())];
    }

    /// <summary>Enlarges a coarse map, halves a fine one until it fits; only the last step changes the width.</summary>
    static Value Bring(Config c, Scope s, Value x, int from, int to)
    {
        if (from > to)
            return Unbiased(x, s[0], c.Width << to, k: 1, stride: 1).BatchNorm(s[1])
                .ResizeNearest(1 << (from - to), 1 << (from - to));
        for (var i = from; i < to; i++)
            x = i == to - 1
                ? Unit(s[i - from], x, c.Width << to, stride: 2)
                : Unit(s[i - from], x, x.Channels, stride: 2).Relu();
        return x;
    }

    /// <summary>The head: each map is widened and joins the next coarser one.</summary>
    static Value Merge(Config c, Net net, Scope s, Value[] maps)
    {
        Value[] wide = [.. maps.Select((x, i) => net.Tap($"stage{i + 1}",
            Chain(s["incre_modules"][i], ResNet.Bottleneck, x, c.HeadPlanes << i, depth: 1)))];
        var x = wide[0];
        for (var i = 1; i < wide.Length; i++)
        {
            var down = s["downsamp_modules"][i - 1];
            x = wide[i] + c.HeadConv(x, down[0], wide[i].Channels, k: 3, stride: 2).BatchNorm(down[1]).Relu();
        }
        var last = s["final_layer"];
        return c.HeadConv(x, last[0], 2 * x.Channels, k: 1, stride: 1).BatchNorm(last[1]).Relu();
    }

    static Value Unit(Scope s, Value x, int channels, int stride) =>
        Unbiased(x, s[0], channels, k: 3, stride).BatchNorm(s[1]);

    static Value Biased(Value x, Scope s, int channels, int k, int stride) => x.Conv(s, channels, k, stride);

    static Value Unbiased(Value x, Scope s, int channels, int k, int stride) =>
        x.Conv(s, channels, k, stride, bias: false);

    /// <summary>timm's HRNet does not begin the last norm of a block at zero.</summary>
    static Value NormFromOne(Value x, Scope s) => x.BatchNorm(s.With(s.Layers with { NormWeight = Init.Ones }));

    static LayerDefaults Defaults(Config c) => new() { Conv = _ => Init.KaimingFanOut() };
}
