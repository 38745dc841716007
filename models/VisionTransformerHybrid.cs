using static OnnxTimm.Models.TransformerSize;
using static OnnxTimm.Models.VisionTransformer;

namespace OnnxTimm.Models;

/// <summary>
/// Vision transformers over the map of a convolutional network: the hybrids of ViT (arXiv:2010.11929) and AugReg
/// (2106.10270), MobileCLIP-B (2311.17049) and timm's own. timm/models/vision_transformer_hybrid.py.
/// </summary>
public static class VisionTransformerHybrid
{
    /// <summary>timm's variants of the module <c>vision_transformer_hybrid</c>.</summary>
    public static readonly Family<Config> Family = new("vision_transformer_hybrid", VisionTransformer.Build,
        VisionTransformer.Facts)
    {
        { "vit_tiny_r_s16_p8_224 vit_tiny_r_s16_p8_384", new(Tiny, 32) { Embed = Over(Root) } },
        { "vit_small_r26_s32_224 vit_small_r26_s32_384", new(Small, 32) { Embed = Over(R(2, 2, 2, 2)) } },
        { "vit_base_r26_s32_224",        new(Base, 32) { Embed = Over(R(2, 2, 2, 2)) } },
        { "vit_base_r50_s16_224 vit_base_r50_s16_384", new(Base, 16) { Embed = Over(R(3, 4, 9)) } },
        { "vit_large_r50_s32_224 vit_large_r50_s32_384", new(Large, 32) { Embed = Over(R(3, 4, 6, 3)) } },
        { "vit_small_resnet26d_224",     new(Low, 32) { Embed = Over(ResNetD(2, 2, 2, 2)) } },
        { "vit_small_resnet50d_s16_224", new(Low, 16) { Embed = Over(ResNetD(3, 4, 6)) } },
        { "vit_base_resnet26d_224",      new(Base, 32) { Embed = Over(ResNetD(2, 2, 2, 2)) } },
        { "vit_base_resnet50d_224",      new(Base, 32) { Embed = Over(ResNetD(3, 4, 6, 3)) } },
        { "vit_base_mci_224",            new(Base, 16) { Embed = OverConvStem } },
    };

    static TransformerSize Low => new(768, 8, 8, 2304);

    /// <summary>Patches of the map that a backbone makes of an image; Config.Patch counts the image's pixels.</summary>
    static NetPart<Config> Over(Func<Value, Scope, Net, Value> backbone) => (image, s, c, net) =>
    {
        // The maps of the backbone are not the model's, and nothing is dropped in it.
        var map = backbone(image, s["patch_embed"]["backbone"], new Net(new(), net.Record));
        var (patch, embed) = (c.Patch * map.Height / image.Height, s["patch_embed"]);
        if (map.Height % patch + map.Width % patch > 0)
            throw net.Refused(image, $"images whose map falls into patches of {patch} x {patch}");
        var grid = new Fit.Grid(map.Height / patch, map.Width / patch, PrefixCount(c));
        return AddToAll(map.PatchEmbed(embed, c.Size.Dim, patch), s, grid, c, net);
    };

    /// <summary>Patches by three convolutions, without a layer after them.</summary>
    static Value OverConvStem(Value image, Scope s, Config c, Net net)
    {
        var (stem, dim, style) = (s["patch_embed"]["backbone"], c.Size.Dim, new ConvStyle(Activations.Gelu));
        var x = image.ConvNormAct(stem[0], dim / 4, new(c.Patch / 4, c.Patch / 4) { Pad = Pad.Valid }, style);
        x = x.ConvNormAct(stem[1], dim / 4, new(2, 2) { Pad = Pad.Valid }, style);
        x = x.Conv(stem[2]["conv"], dim, k: 2, stride: 2, Pad.Valid);
        return AddToPatches(x.ToTokens(), s, new(x.Height, x.Width), c, net);
    }

    /// <summary>The root of BiT's ResNet alone.</summary>
    static Value Root(Value image, Scope s, Net net) => ResNetV2.Root(image, s, Same(), net);

    static Func<Value, Scope, Net, Value> R(params int[] depths) => (image, s, net) =>
        ResNetV2.Trunk(image, s.With(d => d with { Conv = Init.KaimingFanOut() }), Same(depths), net);

    /// <summary>BiT's ResNet with norms after convolutions, and TensorFlow's padding.</summary>
    static ResNetV2.Config Same(params int[] depths) => new(depths, ResNetV2.Bottleneck)
    {
        Stem = (x, s, c, net) => c.Norm(ResNetV2.PlainStem(x, s, c, net), s["norm"], c.Act),
        StemPool = x => x.MaxPool(k: 3, stride: 2, Pad.Same),
        Conv = ResNetV2.Standardized(Pad.Same),
        Norm = ResNetBlocks.GroupNorm32,
    };

    static Func<Value, Scope, Net, Value> ResNetD(params int[] depths) => (image, s, net) => ResNet.Trunk(
        image, s.With(d => d with { Conv = Init.KaimingFanOut() }), ResNet.D(depths, ResNetBlocks.Bottleneck), net);
}
