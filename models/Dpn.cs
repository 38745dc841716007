namespace OnnxTimm.Models;

/// <summary>
/// Dual path networks (arXiv:1707.01629): each block adds to one path, as a residual network, and appends to another,
/// as a dense one. timm/models/dpn.py.
/// </summary>
public static class Dpn
{
    /// <param name="Stem">Channels of the first convolution.</param>
    /// <param name="Width">Inner channels of the first stage's blocks; each stage has twice those before it.</param>
    /// <param name="Groups">Groups of the 3x3 convolutions.</param>
    /// <param name="Depths">Blocks of each stage.</param>
    /// <param name="Growths">What a block of each stage appends.</param>
    public sealed record Config(int Stem, int Width, int Groups, int[] Depths, int[] Growths)
    {
        /// <summary>Channels of the residual path in the first stage.</summary>
        public int Residual { get; init; } = 256;

        /// <summary>The first window.</summary>
        public int Window { get; init; } = 7;

        /// <summary>The first and the last activation; the blocks have ReLU.</summary>
        public Act Act { get; init; } = Ops.Relu;

        /// <summary>What a block adds and appends: from what its 3x3 convolution saw and the two numbers.</summary>
        public Func<Value, Scope, int, int, (Value Residual, Value Dense)> Last { get; init; } = Joined;
    }

    /// <summary>timm's variants of the module <c>dpn</c>.</summary>
    public static readonly Family<Config> Family = new("dpn", Build, Facts)
    {
        { "dpn48b", Small([3, 4, 6, 3]) with { Act = Activations.Silu, Last = Apart } },
        { "dpn68",  Small([3, 4, 12, 3]) },
        { "dpn68b", Small([3, 4, 12, 3]) with { Last = Apart } },
        { "dpn92",  new(64, 96, 32, [3, 4, 20, 3], [16, 32, 24, 128]) },
        { "dpn98",  new(96, 160, 40, [3, 6, 20, 3], [16, 32, 32, 128]) },
        { "dpn131", new(128, 160, 40, [4, 8, 28, 3], [16, 32, 32, 128]) },
        { "dpn107", new(128, 200, 50, [4, 8, 20, 3], [20, 64, 64, 128]) },
    };

    static Config Small(int[] depths) => new(10, 128, 32, depths, [16, 32, 32, 64]) { Residual = 64, Window = 3 };

    static Value Build(Value x, Scope s, Config c, Net net)
    {
        var f = s["features"];
        x = x.ConvNormAct(f["conv1_1"], c.Stem, new(c.Window, Stride: 2), new(c.Act));
        x = net.Tap("features.conv1_1", x).MaxPool(k: 3, stride: 2);
        var paths = (Residual: x, Dense: x);
        foreach (var b in net.Blocks(c.Depths))
        {
            var name = $"conv{b.Stage + 2}_{b.Index + 1}";
            var joined = paths = Block(paths, f[name], c, b);
            if (b.IsLast)
                net.Tap($"features.{name}", joined.Dense, _ => Join(joined));
        }
        x = c.Act(Join(paths).BatchNorm(f["conv5_bn_ac"]["bn"]));
        return net.Head(x, new(s["classifier"]) { Classifier = Head.Conv });
    }

    static (Value Residual, Value Dense) Block((Value Residual, Value Dense) paths, Scope s, Config c, Place b)
    {
        var (residual, growth, stride) = (c.Residual << b.Stage, c.Growths[b.Stage], b.IsFirst && b.Stage > 0 ? 2 : 1);
        var x = b is { IsFirst: true, Stage: 0 } ? paths.Residual : Join(paths);
        if (b.IsFirst)
            paths = Parts(ActConv(x, s[$"c1x1_w_s{stride}"], residual + 2 * growth, new(1, stride)), residual);
        var y = ActConv(x, s["c1x1_a"], c.Width << b.Stage, new(1));
        y = ActConv(y, s["c3x3_b"], c.Width << b.Stage, new(3, stride, Groups: c.Groups));
        var last = c.Last(y, s, residual, growth);
        return (paths.Residual + last.Residual, new[] { paths.Dense, last.Dense }.Concat(1));
    }

    /// <summary>One convolution for both paths.</summary>
    static (Value, Value) Joined(Value x, Scope s, int residual, int growth) =>
        Parts(ActConv(x, s["c1x1_c"], residual + growth, new(1)), residual);

    /// <summary>A convolution for each path.</summary>
    static (Value, Value) Apart(Value x, Scope s, int residual, int growth)
    {
        x = x.BatchNorm(s["c1x1_c"]["bn"]).Relu();
        return (x.Conv(s["c1x1_c1"], residual, k: 1, bias: false), x.Conv(s["c1x1_c2"], growth, k: 1, bias: false));
    }

    static Value Join((Value Residual, Value Dense) paths) => new[] { paths.Residual, paths.Dense }.Concat(1);

    static (Value, Value) Parts(Value x, int residual)
    {
        var parts = x.Split([residual, x.Channels - residual], axis: 1);
        return (parts[0], parts[1]);
    }

    static Value ActConv(Value x, Scope s, int channels, Window w) =>
        x.BatchNorm(s["bn"]).Relu().Conv(s["conv"], channels, w, bias: false);

    static FamilyFacts Facts(Config c) => new(new(@"^features\.conv1",
        (@"^features\.conv(\d+)_(\d+)", null), (@"^features\.conv5_bn_ac", [LayerGroups.Previous])))
    {
        Layers = new() { BatchNormEps = 1e-3 },
    };
}
