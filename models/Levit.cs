namespace OnnxTimm.Models;

/// <summary>
/// LeViT (arXiv:2104.01136): attention in stages, with a bias for each distance and batch norms in place of layer
/// norms, after a stem of convolutions. timm/models/levit.py.
/// </summary>
public static class Levit
{
    /// <param name="Dims">Width of a token in each stage.</param>
    /// <param name="KeyDim">Width of a head's queries and keys; its values have twice that.</param>
    /// <param name="Heads">Attention heads of each stage.</param>
    /// <param name="Depths">Blocks of each stage.</param>
    public sealed record Config(int[] Dims, int KeyDim, int[] Heads, int[] Depths) : ConvStyle(Activations.HardSwish)
    {
        /// <summary>Whether a stage goes over tokens or over maps.</summary>
        public Form Form { get; init; } = Form.Tokens;

        /// <summary>Convolutions before the first stage, each of which halves the map.</summary>
        public int Stem { get; init; } = 4;

        /// <summary>Names of the classifiers.</summary>
        public string[] Classifiers { get; init; } = ["head", "head_dist"];
    }

    /// <summary>
    /// What the layers read: tokens [N, L, D], for linear layers, or maps [N, C, H, W], for 1x1 convolutions. Both
    /// compute the same.
    /// </summary>
    /// <param name="Enter">From a map.</param>
    /// <param name="Leave">Back to a map of so many rows and columns.</param>
    /// <param name="Layer">A layer to so many channels, <c>linear</c>, and its norm, <c>bn</c>.</param>
    /// <param name="Split">As so many heads [N, heads, L, d].</param>
    /// <param name="Join">Heads back together, of so many rows and columns.</param>
    /// <param name="EverySecond">Every second row and column.</param>
    public sealed record Form(Func<Value, Value> Enter, Func<Value, (int H, int W), Value> Leave,
        Func<Value, Scope, int, Value> Layer, Func<Value, int, Value> Split, Func<Value, (int H, int W), Value> Join,
        Func<Value, (int H, int W), Value> EverySecond)
    {
        /// <summary>Linear layers over tokens [N, L, D].</summary>
        public static Form Tokens => new(
            Enter: x => x.ToTokens(),
            Leave: (x, grid) => x.ToMap(grid.H, grid.W),
            Layer: (x, s, width) => x.OverRows(rows => rows.Linear(s["linear"], width, bias: false).BatchNorm(s["bn"])),
            Split: (x, heads) => x.SplitHeads(heads),
            Join: (x, _) => x.MergeHeads(),
            EverySecond: SecondTokens);

        /// <summary>1x1 convolutions over maps [N, D, H, W]: timm's <c>conv</c> variants.</summary>
        public static Form Maps => new(
            Enter: x => x,
            Leave: (x, _) => x,
            Layer: (x, s, width) => x.Conv(s["linear"], width, k: 1, bias: false).BatchNorm(s["bn"]),
            Split: (x, heads) => x.Reshape(x.Shape[0], heads, x.Channels / heads, x.Height * x.Width)
                .Transpose(0, 1, 3, 2),
            Join: (x, grid) => x.Transpose(0, 1, 3, 2).Reshape(x.Shape[0], x.Shape[1] * x.Shape[3], grid.H, grid.W)
                .As(Layout.ChannelsFirst),
            EverySecond: (x, _) => x.AvgPool(k: 1, stride: 2, Pad.Valid));

        static Value SecondTokens(Value x, (int H, int W) grid)
        {
            var (n, d) = (x.Shape[0], x.Features);
            var map = x.Reshape(n, grid.H, grid.W, d).Slice([1, 2], [0, 0], [grid.H, grid.W], [2, 2]);
            return map.Reshape(n, map.Shape[1] * map.Shape[2], d);
        }
    }

    /// <summary>timm's variants of the module <c>levit</c>.</summary>
    public static readonly Family<Config> Family = new("levit", Build, Facts)
    {
        { "levit_128s",        L128s },
        { "levit_128",         L128 },
        { "levit_192",         L192 },
        { "levit_256",         L256 },
        { "levit_384",         L384 },
        { "levit_384_s8",      L384 with { Stem = 3, Act = Activations.Silu } },
        { "levit_512_s8",      L512S8 },
        { "levit_512",         L512 },
        { "levit_256d",        L256D },
        { "levit_512d",        L512D },
        { "levit_conv_128s",   L128s with { Form = Form.Maps } },
        { "levit_conv_128",    L128 with { Form = Form.Maps } },
        { "levit_conv_192",    L192 with { Form = Form.Maps } },
        { "levit_conv_256",    L256 with { Form = Form.Maps } },
        { "levit_conv_384",    L384 with { Form = Form.Maps } },
        { "levit_conv_384_s8", L384 with { Form = Form.Maps, Stem = 3, Act = Activations.Silu } },
        { "levit_conv_512_s8", L512S8 with { Form = Form.Maps } },
        { "levit_conv_512",    L512 with { Form = Form.Maps } },
        { "levit_conv_256d",   L256D with { Form = Form.Maps } },
        { "levit_conv_512d",   L512D with { Form = Form.Maps } },
    };

    static Config L128s => new([128, 256, 384], 16, [4, 6, 8], [2, 3, 4]);

    static Config L128 => new([128, 256, 384], 16, [4, 8, 12], [4, 4, 4]);

    static Config L192 => new([192, 288, 384], 32, [3, 5, 6], [4, 4, 4]);

    static Config L256 => new([256, 384, 512], 32, [4, 6, 8], [4, 4, 4]);

    static Config L384 => new([384, 512, 768], 32, [6, 9, 12], [4, 4, 4]);

    static Config L512 => OneHead(new([512, 768, 1024], 64, [8, 12, 16], [4, 4, 4]));

    static Config L512S8 => OneHead(new([512, 640, 896], 64, [8, 10, 14], [4, 4, 4])) with { Stem = 3 };

    static Config L256D => OneHead(new([256, 384, 512], 32, [4, 6, 8], [4, 8, 6]));

    static Config L512D => OneHead(new([512, 640, 768], 64, [8, 10, 12], [4, 8, 6]));

    /// <summary>Those that had no teacher.</summary>
    static Config OneHead(Config c) => c with { Classifiers = ["head"], Act = Activations.Silu };

    static Value Build(Value image, Scope s, Config c, Net net)
    {
        net.RequireMultiples(image, 1 << c.Stem);
        var map = Stem(image, s["stem"], c);
        var (x, grid) = (c.Form.Enter(map), (H: map.Height, W: map.Width));
        foreach (var stage in net.Blocks(c.Depths, DropPathRule.Constant).GroupBy(b => b.Stage))
        {
            var t = s["stages"][stage.Key];
            var here = stage.Key == 0 ? grid : Half(grid);
            if (stage.Key > 0)
                x = Downsample(x, t["downsample"], grid, c, stage.First());
            x = stage.Aggregate(x, (y, b) => Block(y, t["blocks"][b.Index], here, c, b));
            net.Tap($"stages.{stage.Key}", x, y => c.Form.Leave(y, here));
            grid = here;
        }
        return Heads(x, s, c, net);
    }

    static Value Heads(Value x, Scope s, Config c, Net net)
    {
        net.Unpooled(x);
        Head[] heads = [.. c.Classifiers.Select(name => new Head(s[name]["linear"])
        {
            Classifier = Head.NormLinear(s[name]["bn"]),
            PoolBy = (y, pool) => GlobalPool.Of(y, pool, among: ["avg"]),
        })];
        var pooled = heads[0].Read(x, net.Options.GlobalPool);
        return net.Heads([.. heads.Select(head => (head, pooled))]);
    }

    static Value Stem(Value x, Scope s, Config c)
    {
        for (var i = 1; i <= c.Stem; i++)
        {
            var conv = s[$"conv{i}"];
            x = x.ConvNorm((conv["linear"], conv["bn"]), c.Dims[0] >> (c.Stem - i), new(3, Stride: 2), c);
            x = i < c.Stem ? c.Act(x) : x;
        }
        return x;
    }

    static (int H, int W) Half((int H, int W) grid) => ((grid.H + 1) / 2, (grid.W + 1) / 2);

    static Value Block(Value x, Scope s, (int H, int W) grid, Config c, Place place)
    {
        x += Attention(x, s["attn"], grid, c, place.Stage).DropPath(place.DropPath);
        return x + Mlp(x, s["mlp"], c, c.Dims[place.Stage]).DropPath(place.DropPath);
    }

    static Value Attention(Value x, Scope s, (int H, int W) grid, Config c, int stage)
    {
        var (f, heads) = (c.Form, c.Heads[stage]);
        var qkv = Qkv.OfHeads(f.Split(f.Layer(x, s["qkv"], 4 * c.KeyDim * heads), heads), c.KeyDim);
        var y = qkv.Attend(Bias(s, heads, grid));
        return f.Layer(c.Act(f.Join(y, grid)), s["proj"]["ln"].ZeroNorm(), c.Dims[stage]);
    }

    /// <summary>Every second pixel attends to all: the map is halved. Values are four times as wide as keys.</summary>
    static Value Downsample(Value x, Scope s, (int H, int W) grid, Config c, Place place)
    {
        var (f, t, dim) = (c.Form, s["attn_downsample"], c.Dims[place.Stage]);
        var heads = c.Dims[place.Stage - 1] / c.KeyDim;
        var bias = Bias(t, heads, grid, stride: 2);
        var kv = f.Split(f.Layer(x, t["kv"], 5 * c.KeyDim * heads), heads).Split([c.KeyDim, 4 * c.KeyDim], -1);
        var q = f.Split(f.Layer(f.EverySecond(x, grid), t["q"]["ln"], c.KeyDim * heads), heads);
        var y = f.Join(new Qkv(q, kv[0], kv[1]).Attend(bias), Half(grid));
        y = f.Layer(c.Act(y), t["proj"]["ln"], dim);
        return y + Mlp(y, s["mlp"], c, dim).DropPath(place.DropPath);
    }

    static Value Bias(Scope s, int heads, (int H, int W) grid, int stride = 1) => RelativePosition.DistanceBias(
        s.Param("attention_biases", Init.Zeros, heads, grid.H * grid.W).NoDecay(), grid, stride);

    static Value Mlp(Value x, Scope s, Config c, int dim) =>
        c.Form.Layer(c.Act(c.Form.Layer(x, s["ln1"], 2 * dim)), s["ln2"].ZeroNorm(), dim);

    static FamilyFacts Facts(Config c) => new(new("^stem",
        (@"^stages\.(\d+)\.downsample", [0]), (@"^stages\.(\d+)\.blocks\.(\d+)", null)));
}
