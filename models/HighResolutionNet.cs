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

        /// <summary>Whether the head's convolutions have a bias; those of the ssld weights have none.</summary>
        public bool HeadBias { get; init; } = true;
    }

    /// <summary>timm's variants of the module <c>hrnet</c>.</summary>
    public static readonly Family<Config> Family = new("hrnet", Build, Facts)
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
        { "hrnet_w18_ssld",     new(18) { HeadBias = false } },
        { "hrnet_w48_ssld",     new(48) { HeadBias = false } },
    };

    static readonly ConvStyle Conv = new(Ops.Relu);

    /// <summary>The blocks of ResNet as they are, but for how their last norm begins.</summary>
    static readonly ResNetStyle Blocks = new()
    {
        Norm = Layers.WithAct((x, s) => x.BatchNorm(s.With(d => d with { NormWeight = Init.Ones }))),
    };

    static Value Build(Value image, Scope s, Config c, Net net)
    {
        var x = net.Tap("stem", image.ConvNormAct((s["conv1"], s["bn1"]), 64, new(3, Stride: 2), Conv));
        x = x.ConvNormAct((s["conv2"], s["bn2"]), 64, new(3, Stride: 2), Conv);
        RequireWholeFactors(c, net, image, finest: x);
        Value[] maps = [Chain(x, s["layer1"], ResNetBlocks.Bottleneck, c.First.Planes, c.First.Depth)];
        foreach (var (i, modules) in c.Modules.Index())
        {
            maps = Transition(maps, s[$"transition{i + 1}"], c);
            for (var m = 0; m < modules; m++)
                maps = Exchange(maps, s[$"stage{i + 2}"][m], c);
        }
        return net.Head(Merge(maps, s, c, net), new(s["classifier"]));
    }

    /// <summary>A coarse map is enlarged by whole factors to meet a fine one.</summary>
    static void RequireWholeFactors(Config c, Net net, Value image, Value finest)
    {
        var coarsest = 1 << c.Modules.Length;
        if (finest.Height % coarsest != 0 || finest.Width % coarsest != 0)
            throw new UserException($"{net.Record.Architecture}: the branches meet where the sides of an image are "
                + $"multiples of {4 * coarsest}, not {image.Height}x{image.Width}.");
    }

    static Value Chain(Value x, Scope s, ConvBlock<ResNetStyle> block, int planes, int depth)
    {
        for (var b = 0; b < depth; b++)
            x = block(x, s[b], planes, Blocks, new(0, b, b));
        return x;
    }

    /// <summary>Fits the branches to their widths and begins one more from the coarsest.</summary>
    static Value[] Transition(Value[] maps, Scope s, Config c) =>
    [
        .. maps.Select((x, i) => x.Channels == c.Width << i ? x : Unit(x, s[i], c.Width << i, stride: 1)),
        Unit(maps[^1], s[maps.Length][0], c.Width << maps.Length, stride: 2),
    ];

    /// <summary>Each branch goes on by itself, then becomes the sum of all, brought to its resolution.</summary>
    static Value[] Exchange(Value[] maps, Scope s, Config c)
    {
        Value[] grown =
            [.. maps.Select((x, i) => Chain(x, s["branches"][i], ResNetBlocks.Basic, c.Width << i, c.Depth))];
        return [.. maps.Select((_, to) => grown
            .Select((x, from) => Bring(x, s["fuse_layers"][to][from], c.Width << to, from, to))
            .Aggregate((a, b) => a + b).Relu())];
    }

    /// <summary>Enlarges a coarse map, halves a fine one until it fits; only the last step changes the width.</summary>
    static Value Bring(Value x, Scope s, int channels, int from, int to)
    {
        if (from > to)
            return x.ConvNorm((s[0], s[1]), channels, new(1), Conv).ResizeNearest(1 << (from - to), 1 << (from - to));
        for (var i = from; i < to; i++)
        {
            var unit = s[i - from];
            x = i == to - 1
                ? x.ConvNorm((unit[0], unit[1]), channels, new(3, Stride: 2), Conv)
                : Unit(x, unit, x.Channels, stride: 2);
        }
        return x;
    }

    /// <summary>The head: each map is widened and joins the next coarser one.</summary>
    static Value Merge(Value[] maps, Scope s, Config c, Net net)
    {
        Value[] wide = [.. maps.Select((x, i) => net.Tap($"stage{i + 1}",
            Chain(x, s["incre_modules"][i], ResNetBlocks.Bottleneck, c.HeadPlanes << i, depth: 1)))];
        var (x, last) = (wide[0], s["final_layer"]);
        for (var i = 1; i < wide.Length; i++)
        {
            var (down, channels) = (s["downsamp_modules"][i - 1], wide[i].Channels);
            x = wide[i] + x.Conv(down[0], channels, k: 3, stride: 2, bias: c.HeadBias).BatchNorm(down[1]).Relu();
        }
        return x.Conv(last[0], 2 * x.Channels, k: 1, bias: c.HeadBias).BatchNorm(last[1]).Relu();
    }

    static Value Unit(Value x, Scope s, int channels, int stride) =>
        x.ConvNormAct((s[0], s[1]), channels, new(3, stride), Conv);

    // As in timm, the second half of the stem's pattern has no anchor: norms of every block count with the stem.
    static FamilyFacts Facts(Config c) => new(new("^conv[12]|bn[12]", (@"^layer(\d+)\.(\d+)", null),
        (@"^stage(\d+)\.(\d+)", null), (@"^transition(\d+)", [LayerGroups.Previous])))
    {
        Layers = new() { Conv = Init.KaimingFanOut() },
    };
}
