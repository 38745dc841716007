using static OnnxTimm.Layers;
using Vit = OnnxTimm.Models.VisionTransformer;

namespace OnnxTimm.Models;

/// <summary>
/// ViTamin (arXiv:2404.02132): two stages of mobile convolutions, then a vision transformer over their map, with gated
/// MLPs. timm/models/vitamin.py.
/// </summary>
public static class Vitamin
{
    /// <summary>timm's variants of the module <c>vitamin</c>.</summary>
    public static readonly Family<Vit.Config> Family = new("vitamin", Vit.Build, Vit.Facts)
    {
        { "vitamin_small_224",  Of(new(384, 14, 6, 768), Positioned(64, 128)) },
        { "vitamin_base_224",   Of(new(768, 14, 12, 1536), Positioned(128, 256)) },
        { "vitamin_large_224 vitamin_large_256 vitamin_large_336 vitamin_large_384", Large },
        { "vitamin_large2_224 vitamin_large2_256 vitamin_large2_336 vitamin_large2_384", Large },
        { "vitamin_xlarge_256 vitamin_xlarge_336 vitamin_xlarge_384", Of(new(1152, 32, 16, 2304), Plain(192, 384)) },
    };

    static Vit.Config Large => Of(new(1024, 31, 16, 2048), Positioned(160, 320));

    static Vit.Config Of(TransformerSize size, NetPart<Vit.Config> embed) => new(size, 16)
    {
        Prefix = [],
        Embed = embed,
        Mlp = Gated,
        Head = Vit.MeanHead,
    };

    static NetPart<Vit.Config> Positioned(params int[] dims) => (image, s, c, net) =>
    {
        var map = Convolve(image, s["patch_embed"]["backbone"], c.Size.Dim, dims);
        return Vit.AddToAll(map.ToTokens(), s, new(map.Height, map.Width), c, net);
    };

    /// <summary>Without positions: convolutions see where the edges are.</summary>
    static NetPart<Vit.Config> Plain(params int[] dims) => (image, s, c, net) =>
        Convolve(image, s["patch_embed"]["backbone"], c.Size.Dim, dims).ToTokens().Dropout(net.Options.PosDropRate);

    /// <summary>Stages of two and of four blocks, each of which halves the map, and a convolution that does.</summary>
    static Value Convolve(Value image, Scope s, int dim, int[] dims)
    {
        var (stem, pool) = (s["stem"].With(Begun), s["pool"]);
        var x = image.Conv(stem["conv1"], dims[0], k: 3, stride: 2).LayerNorm2d(stem["norm1"]).Gelu();
        x = x.Conv(stem["conv2"], dims[0], k: 3);
        for (var stage = 0; stage < 2; stage++)
            for (var i = 0; i < 2 + 2 * stage; i++)
                x = Block(x, s["stages"][stage][i].With(Begun), dims[stage], stride: i == 0 ? 2 : 1);
        return x.LayerNorm2d(pool.Late("norm")).Conv(pool["proj"], dim, k: 3, stride: 2);
    }

    static LayerDefaults Begun(LayerDefaults d) => d with { ConvBy = Init.KaimingFanOut, ConvBias = Init.Zeros };

    static Value Block(Value x, Scope s, int channels, int stride)
    {
        var shortcut = stride == 1 ? x : x.AvgPool(k: 3, stride, countPads: false);
        shortcut = x.Channels == channels ? shortcut : shortcut.Conv(s["shortcut"]["expand"], channels, k: 1);
        var y = x.LayerNorm2d(s["pre_norm"]).Conv(s["conv1_1x1"], MakeDivisible(4 * channels), k: 1).Gelu();
        y = y.DepthwiseConv(s["conv2_kxk"], k: 3, stride).Gelu();
        return y.Conv(s["conv3_1x1"], channels, k: 1) + shortcut;
    }

    /// <summary>Normed once more, and gated by a layer of its own.</summary>
    static Value Gated(Value x, Scope s, TransformerStyle style, Place place)
    {
        var y = style.Norm(x, s["norm"]);
        y = style.Act(y.Linear(s["w0"], style.Hidden)) * y.Linear(s["w1"], style.Hidden);
        return y.Dropout(place.ProjDrop).Linear(s["w2"], x.Features).Dropout(place.ProjDrop);
    }
}
