using static OnnxTimm.Layers;

namespace OnnxTimm.Models;

/// <summary>
/// EfficientViM (arXiv:2411.15241): each block gathers the pixels into a few hidden states, works on those, and hands
/// them back; the classifier reads the states of all stages. timm/models/efficientvim.py.
/// </summary>
public static class EfficientViM
{
    /// <param name="Dims">Channels of each stage.</param>
    /// <param name="Depths">Blocks of each stage.</param>
    /// <param name="States">Hidden states of each stage.</param>
    public sealed record Config(int[] Dims, int[] Depths, params int[] States) : ConvStyle(Ops.Relu)
    {
        /// <summary>Ends of the names of the sets of classifiers.</summary>
        public string[] Heads { get; init; } = [""];
    }

    /// <summary>timm's variants of the module <c>efficientvim</c>.</summary>
    public static readonly Family<Config> Family = new("efficientvim", Build, Facts)
    {
        { "efficientvim_m1", M1 },
        { "efficientvim_m2", M2 },
        { "efficientvim_m3", M3 },
        { "efficientvim_m4", M4 },
        { "efficientvim_m1_dist", M1 with { Heads = Both } },
        { "efficientvim_m2_dist", M2 with { Heads = Both } },
        { "efficientvim_m3_dist", M3 with { Heads = Both } },
        { "efficientvim_m4_dist", M4 with { Heads = Both } },
    };

    static Config M1 => new([128, 192, 320], [2, 2, 2], 49, 25, 9);

    static Config M2 => new([128, 256, 512], [2, 2, 2], 49, 25, 9);

    static Config M3 => new([224, 320, 512], [2, 2, 2], 49, 25, 9);

    static Config M4 => new([224, 320, 512], [3, 4, 2], 64, 32, 16);

    static string[] Both => ["", "_dist"];

    static Value Build(Value x, Scope s, Config c, Net net)
    {
        Value[] shares = [.. c.Heads.Select(name => s.Param($"weights{name}", Init.Ones, c.Dims.Length + 1).Softmax())];
        x = Stem(x, s["patch_embed"]["conv"], c);
        List<Value> states = [];
        foreach (var b in net.Blocks(c.Depths))
        {
            var stage = s["stages"][b.Stage];
            (x, var hidden) = Block(x, stage["blocks"][b.Index], c, b);
            if (!b.IsLast)
                continue;
            states.Add(hidden);
            net.Tap($"stages.{b.Stage}", x);
            if (b.Stage < c.Dims.Length - 1)
                x = Downsample(x, stage["downsample"], c.Dims[b.Stage + 1], c);
        }
        Value[] normed = [.. states.Append(x.Reshape(x.Shape[0], x.Channels, x.Height * x.Width)).Index()
            .Select(state => state.Item.Transpose(0, 2, 1).LayerNorm(s["norm"][state.Index]))];
        return Classify(normed, shares, s, c, net);
    }

    /// <summary>
    /// A classifier for the states [N, S, C] of each stage and one for the last map; their sum is weighed by learned
    /// shares, and the mean of several sets is the network's.
    /// </summary>
    static Value Classify(Value[] normed, Value[] shares, Scope s, Config c, Net net)
    {
        net.Unpooled([.. normed.Select(x => x.Transpose(0, 2, 1))]);
        var heads = from set in Enumerable.Range(0, c.Heads.Length)
                    from i in Enumerable.Range(0, normed.Length)
                    let head = new Head(s[$"heads{c.Heads[set]}"][i])
                    {
                        PoolBy = (x, name) => GlobalPool.Of(x, name, among: ["avg"]),
                        Classifier = (x, linear, classes, drop) => Share(shares[set], i)
                            * Pooled(x).Dropout(drop).Linear(linear, classes),
                    }
                    select (head, head.Read(normed[i], net.Options.GlobalPool));
        return net.Heads([.. heads], read => read[..normed.Length].Select(Rows).ToArray().Concat(-1));
    }

    static Value Pooled(Value x) => x.Shape.Rank == 2 ? x
        : throw new UserException("Without pooling (global_pool '') there is no classifier: ask for 0 classes.");

    /// <summary>States that were not pooled, channel by channel in a row.</summary>
    static Value Rows(Value x) => x.Shape.Rank == 2 ? x : x.Transpose(0, 2, 1).Flatten();

    /// <summary>What makes a mean of all classifiers the weighed sum of them.</summary>
    static Value Share(Value shares, int i) => shares.Slice(0, i, i + 1) * shares.Shape[0].Size;

    static Value Stem(Value x, Scope s, Config c)
    {
        for (var i = 0; i < 4; i++)
        {
            x = Unit(x, s[i], c.Dims[0] >> (3 - i), new(3, Stride: 2), c);
            x = i < 3 ? c.Act(x) : x;
        }
        return x;
    }

    static (Value Map, Value States) Block(Value x, Scope s, Config c, Place place)
    {
        s = s.Ordered("alpha", "mixer", "norm", "dwconv1", "dwconv2", "ffn");
        var alpha = s.Param("alpha", Init.Fill(1e-4f), 4, x.Channels).Sigmoid();
        x = Step(0, Around(x, s["dwconv1"], c));
        var (mixed, states) = Mix(x.LayerNorm2d(s["norm"]), s["mixer"], c.States[place.Stage]);
        x = Step(1, mixed);
        x = Step(2, Around(x, s["dwconv2"], c));
        return (Step(3, Mlp(x, s["ffn"], c)), states);

        Value Step(int row, Value y) => x
            + (alpha.Slice(0, row, row + 1).Reshape(x.Channels, 1, 1) * (y - x)).DropPath(place.DropPath);
    }

    static Value Mlp(Value x, Scope s, Config c) =>
        Unit(c.Act(Unit(x, s["fc1"], 4 * x.Channels, new(1), c)), s["fc2"], x.Channels, new(1), c);

    /// <summary>
    /// State space duality without an order of time: each state is a weighed sum of all pixels, is projected and gated,
    /// and each pixel reads the states.
    /// </summary>
    /// <returns>The map, and the states [N, C, S].</returns>
    static (Value Map, Value States) Mix(Value x, Scope s, int count)
    {
        // No number of A changes anything: a softmax over the pixels has none of what all pixels have in common.
        var (a, d) = (s.Param("A", Init.Between(1, 16), count), s.Param("D", Init.Ones, 1).NoDecay());
        var pixels = x.Reshape(x.Shape[0], x.Channels, x.Height * x.Width);
        var parts = Pointwise(pixels, s["BCdt_proj"], 3 * count)
            .Reshape(x.Shape[0], 3 * count, x.Height, x.Width).As(Layout.ChannelsFirst)
            .DepthwiseConv(s["dw"]["conv"], k: 3, bias: false)
            .Reshape(x.Shape[0], 3 * count, x.Height * x.Width).Split([count, count, count], axis: 1);
        var weights = (parts[2] + a.Reshape(count, 1)).Softmax() * parts[0];
        var states = pixels.MatMul(weights.Transpose(0, 2, 1));
        var halves = Pointwise(states, s["hz_proj"], 2 * x.Channels).Split([x.Channels, x.Channels], axis: 1);
        states = Pointwise(halves[0] * halves[1].Silu() + d * halves[0], s["out_proj"], x.Channels);
        var map = states.MatMul(parts[1]).Reshape(x.Shape[0], x.Channels, x.Height, x.Width).As(Layout.ChannelsFirst);
        return (map, states);
    }

    /// <summary>A linear layer over the channels of [N, C, L], stored as a convolution.</summary>
    static Value Pointwise(Value x, Scope s, int channels)
    {
        var width = x.Shape[1].Size;
        return s["conv"].Param("weight", s.Defaults.ConvBy(1), channels, width, 1).Reshape(channels, width).MatMul(x);
    }

    static Value Downsample(Value x, Scope s, int channels, Config c)
    {
        s = s.Ordered("conv");
        var (layers, hidden) = (s["conv"], 4 * channels);
        x += Around(x, s["dwconv1"], c);
        x = c.Act(Unit(x, layers[0], hidden, new(1), c));
        x = c.Act(Unit(x, layers[1], hidden, new(3, Stride: 2, Groups: hidden), c));
        x = x.SqueezeExcite(layers[2], MakeDivisible(hidden / 4.0, roundLimit: 0));
        x = Unit(x, layers[3], channels, new(1), c);
        return x + Around(x, s["dwconv2"], c);
    }

    static Value Around(Value x, Scope s, Config c) => Unit(x, s, x.Channels, new(3, Groups: x.Channels), c);

    static Value Unit(Value x, Scope s, int channels, Window w, Config c) =>
        x.ConvNorm((s["conv"], s["norm"]), channels, w, c);

    static FamilyFacts Facts(Config c) => new(new("^patch_embed", (@"^stages\.(\d+)\.blocks\.(\d+)", null),
        (@"^stages\.(\d+)\.downsample", [LayerGroups.Previous]), ("^norm", [LayerGroups.Previous])))
    {
        Layers = new() { Linear = Init.TruncNormal(), LinearBias = Init.Zeros, LayerNormEps = 1e-5 },
    };
}
