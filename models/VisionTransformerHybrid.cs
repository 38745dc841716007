using static OnnxTimm.Models.TransformerSize;
using static OnnxTimm.Models.VisionTransformer;

namespace OnnxTimm.Models;

/// <summary>
/// Vision transformers over the map of a convolutional network: the hybrids of ViT (arXiv:2010.11929) and AugReg
/// (2106.10270), MobileCLIP-B (2311.17049) and timm's own. timm/models/vision_transformer_hybrid.py.
/// </summary>
public static class VisionTransformerHybrid
{
    /// <summary>An image as a map, with its parameters at a scope.</summary>
    delegate Value Backbone(Net net, Scope s, Value image);

    public static readonly Family<Config> Family = new("vision_transformer_hybrid", VisionTransformer.Build,
        VisionTransformer.Defaults, Groups, VisionTransformer.NoDecay)
    {
        { "vit_tiny_r_s16_p8_224",       new(Tiny, 32) { Embed = Over(Root) } },
        { "vit_tiny_r_s16_p8_384",       new(Tiny, 32) { Embed = Over(Root) } },
        { "vit_small_r26_s32_224",       new(Small, 32) { Embed = Over(R(2, 2, 2, 2)) } },
        { "vit_small_r26_s32_384",       new(Small, 32) { Embed = Over(R(2, 2, 2, 2)) } },
        { "vit_base_r26_s32_224",        new(Base, 32) { Embed = Over(R(2, 2, 2, 2)) } },
        { "vit_base_r50_s16_224",        new(Base, 16) { Embed = Over(R(3, 4, 9)) } },
        { "vit_base_r50_s16_384",        new(Base, 16) { Embed = Over(R(3, 4, 9)) } },
        { "vit_large_r50_s32_224",       new(Large, 32) { Embed = Over(R(3, 4, 6, 3)) } },
        { "vit_large_r50_s32_384",       new(Large, 32) { Embed = Over(R(3, 4, 6, 3)) } },
        { "vit_small_resnet26d_224",     new(Low, 32) { Embed = Over(ResNetD(2, 2, 2, 2)) } },
        { "vit_small_resnet50d_s16_224", new(Low, 16) { Embed = Over(ResNetD(3, 4, 6)) } },
        { "vit_base_resnet26d_224",      new(Base, 32) { Embed = Over(ResNetD(2, 2, 2, 2)) } },
        { "vit_base_resnet50d_224",      new(Base, 32) { Embed = Over(ResNetD(3, 4, 6, 3)) } },
        { "vit_base_mci_224",            new(Base, 16) { Embed = OverConvStem } },
    };

    static TransformerSize Low => new(768, 8, 8, 2304);

    /// <summary>Patches of a backbone's map; Config.Patch counts the pixels of the image.</summary>
    static Embed Over(Backbone backbone) => (c, net, s, image) =>
    {
        // The maps of the backbone are not the model's, and nothing is dropped in it.
        var map = backbone(new Net(new(), net.Record), s["patch_embed"]["backbone"], image);
        var (patch, embed) = (c.Patch * map.Height / image.Height, s["patch_embed"]);
        var grid = new PositionEmbedding("pos_embed", map.Height / patch, map.Width / patch, PrefixCount(c));
        return AddToAll(c, net, s, grid, map.PatchEmbed(embed, c.Size.Dim, patch));
    };

    /// <summary>Patches by three convolutions, without a layer after them.</summary>
    static Value OverConvStem(Config c, Net net, Scope s, Value image)
    {
        var (stem, dim) = (s["patch_embed"]["backbone"], c.Size.Dim);
        var x = ConvNormAct(stem[0], image, dim / 4, k: c.Patch / 4);
        x = ConvNormAct(stem[1], x, dim / 4, k: 2);
        x = x.Conv(stem[2]["conv"], dim, k: 2, stride: 2, Pad.Valid);
        return AddToPatches(c, net, s, new("pos_embed", x.Height, x.Width, Prefix: 0), x.ToTokens());
    }

    static Value ConvNormAct(Scope s, Value x, int channels, int k) =>
        x.Conv(s["conv"], channels, k, stride: k, Pad.Valid, bias: false).BatchNorm(s["bn"]).Gelu();

    /// <summary>The root of BiT's ResNet alone.</summary>
    static Value Root(Net net, Scope s, Value image) => ResNetV2.Root(Same(), net, s, image);

    static Backbone R(params int[] depths) => (net, s, image) =>
        ResNetV2.Trunk(Same(depths), net, s.With(s.Layers with { Conv = _ => Init.KaimingFanOut() }), image);

    /// <summary>BiT's ResNet with norms after convolutions, and TensorFlow's padding.</summary>
    static ResNetV2.Config Same(params int[] depths) => new(depths, ResNetV2.Bottleneck)
    {
        Stem = (c, s, x) => c.Norm(ResNetV2.Plain(c, s, x), s["norm"], Ops.Relu),
        StemPool = x => x.MaxPool(k: 3, stride: 2, Pad.Same),
        Conv = ResNetV2.Standardized(Pad.Same),
        Norm = ResNetV2.GroupNorm32,
    };

    static Backbone ResNetD(params int[] depths) => (net, s, image) => ResNet.Trunk(
        ResNet.D(depths, ResNet.Bottleneck), net, s.With(s.Layers with { Conv = _ => Init.KaimingFanOut() }), image);
}
