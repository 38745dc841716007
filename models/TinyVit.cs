namespace OnnxTimm.Models;

/// <summary>
/// TinyViT (arXiv:2207.10666): inverted residuals, then transformers in stages that attend within windows, with a bias
/// for each distance, and look around between attention and MLP. timm/models/tiny_vit.py.
/// </summary>
public static class TinyVit
{
    /// <param name="Dims">Channels of each stage.</param>
    /// <param name="Window">Side of the windows; twice that in the third stage.</param>
    /// <param name="DropPath">Stochastic depth of the last block, for those who leave it to the network.</param>
    public sealed record Config(int[] Dims, int Window, double DropPath);

    /// <summary>timm's variants of the module <c>tiny_vit</c>.</summary>
    public static readonly Family<Config> Family = new("tiny_vit", Build, Facts)
    {
        { "tiny_vit_5m_224",  new([64, 128, 160, 320], 7, DropPath: 0) },
        { "tiny_vit_11m_224", new([64, 128, 256, 448], 7, DropPath: 0.1) },
        { "tiny_vit_21m_224", new([96, 192, 384, 576], 7, DropPath: 0.2) },
        { "tiny_vit_21m_384", new([96, 192, 384, 576], 12, DropPath: 0.1) },
        { "tiny_vit_21m_512", new([96, 192, 384, 576], 16, DropPath: 0.1) },
    };

    static ConvStyle Style => new(Activations.Gelu);

    static Value Build(Value x, Scope s, Config c, Net net)
    {
        var stem = s["patch_embed"];
        x = x.ConvNormAct(stem["conv1"], c.Dims[0] / 2, new(3, Stride: 2), Style)
            .ConvNorm(stem["conv2"], c.Dims[0], new(3, Stride: 2), Style);
        foreach (var b in net.Blocks([2, 2, 6, 2]))
        {
            var stage = s["stages"][b.Stage];
            if (b is { IsFirst: true, Stage: > 0 })
                x = Merge(x, stage["downsample"], c.Dims[b.Stage]).ChannelsLast();
            var block = stage["blocks"][b.Index];
            x = b.Stage == 0 ? Inverted(x, block, b) : WindowBlock(x, block, c, net, b);
            if (b.IsLast)
                x = net.Tap($"stages.{b.Stage}", x.ChannelsFirst());
        }
        return net.Head(x, new(s["head"]["fc"]) { Norm = y => y.LayerNorm(s["head"]["norm"]) });
    }

    /// <summary>With one more activation, over the sum.</summary>
    static Value Inverted(Value x, Scope s, Place place)
    {
        var hidden = 4 * x.Channels;
        var y = x.ConvNormAct(s["conv1"], hidden, new(1), Style)
            .ConvNormAct(s["conv2"], hidden, new(3, Groups: hidden), Style)
            .ConvNorm(s["conv3"].ZeroNorm(), x.Channels, new(1), Style);
        return (y.DropPath(place.DropPath) + x).Gelu();
    }

    static Value Merge(Value x, Scope s, int dim) => x.ConvNormAct(s["conv1"], dim, new(1), Style)
        .ConvNormAct(s["conv2"], dim, new(3, Stride: 2, Groups: dim), Style)
        .ConvNorm(s["conv3"], dim, new(1), Style);

    /// <summary>Over a map [N, H, W, C].</summary>
    static Value WindowBlock(Value x, Scope s, Config c, Net net, Place place)
    {
        x += Attention(x, s["attn"], place.Stage == 2 ? 2 * c.Window : c.Window, net).DropPath(place.DropPath);
        x = x.ChannelsFirst().ConvNorm(s.Late("local_conv"), x.Features, new(3, Groups: x.Features), Style)
            .ChannelsLast();
        var y = x.LayerNorm(s["mlp"]["norm"]).Mlp(s["mlp"], 4 * x.Features, Activations.Gelu, place.ProjDrop);
        return x + y.DropPath(place.DropPath);
    }

    /// <summary>Windows are filled up with zeros before they are normed, so that what fills them is no zero then.
    /// </summary>
    static Value Attention(Value x, Scope s, int side, Net net)
    {
        var (window, heads) = ((side, side), x.Features / 32);
        var biases = s.Param("attention_biases", Init.Zeros, heads, side * side).NoDecay();
        var bias = RelativePosition.DistanceBias(net.Sized(biases, new Fit.Window()), window);
        var map = x.PadToWindows(window);
        var qkv = map.Windows(window).LayerNorm(s["norm"]).Linear(s["qkv"], 3 * x.Features).SplitHeads(heads);
        return Qkv.OfHeads(qkv, width: 32).Attend(bias).MergeHeads().Linear(s["proj"], x.Features)
            .Unwindowed(map, window).CropTo(x.Height, x.Width);
    }

    static FamilyFacts Facts(Config c) => new(new("^patch_embed",
        (@"^stages\.(\d+).downsample", [0]), (@"^stages\.(\d+)\.\w+\.(\d+)", null)))
    {
        Layers = new() { Linear = Init.TruncNormal(), LinearBias = Init.Zeros, LayerNormEps = 1e-5 },
        DropPathRate = c.DropPath,
    };
}
