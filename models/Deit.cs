using static OnnxTimm.Models.TransformerSize;
using Vit = OnnxTimm.Models.VisionTransformer;

namespace OnnxTimm.Models;

/// <summary>
/// DeiT (arXiv:2012.12877): vision transformers for small data, some with a second token that learns from a teacher and
/// a head of its own; DeiT III (2204.07118) with layer scales. timm/models/deit.py.
/// </summary>
public static class Deit
{
    /// <summary>timm's variants of the module <c>deit</c>.</summary>
    public static readonly Family<Vit.Config> Family = new("deit", Vit.Build, Facts)
    {
        { "deit_tiny_patch16_224",   new(Tiny, 16) },
        { "deit_small_patch16_224",  new(Small, 16) },
        { "deit_base_patch16_224 deit_base_patch16_384", new(Base, 16) },
        { "deit_tiny_distilled_patch16_224", Distilled(Tiny) },
        { "deit_small_distilled_patch16_224", Distilled(Small) },
        { "deit_base_distilled_patch16_224 deit_base_distilled_patch16_384", Distilled(Base) },
        { "deit3_small_patch16_224 deit3_small_patch16_384", Third(Small, 16) },
        { "deit3_medium_patch16_224", Third(Medium, 16) },
        { "deit3_base_patch16_224 deit3_base_patch16_384", Third(Base, 16) },
        { "deit3_large_patch16_224 deit3_large_patch16_384", Third(Large, 16) },
        { "deit3_huge_patch14_224",  Third(Huge, 14) },
    };

    static Vit.Config Distilled(TransformerSize size) => new(size, 16)
    {
        Prefix = [("cls_token", 1), ("dist_token", 1)],
        Embed = TwoTokens,
        Head = TwoHeads,
    };

    static Vit.Config Third(TransformerSize size, int patch) =>
        new(size, patch) { Embed = Vit.PositionsOfPatches, LayerScale = 1e-6 };

    static Value TwoTokens(Value image, Scope s, Vit.Config c, Net net)
    {
        var patches = image.PatchEmbed(s["patch_embed"], c.Size.Dim, c.Patch);
        var first = s.Param("cls_token", Init.Normal(1e-6), 1, 1, c.Size.Dim);
        var positions = s.Param("pos_embed", Init.TruncNormal(), 1, 2 + patches.Shape[1].Size, c.Size.Dim);
        var second = s.Param("dist_token", Init.TruncNormal(), 1, 1, c.Size.Dim);
        var x = new[] { first.RepeatFor(patches), second.RepeatFor(patches), patches }.Concat(1);
        return (x + net.Sized(positions, Vit.Grid(image, c, 2))).Dropout(net.Options.PosDropRate);
    }

    /// <summary>One of the class, one of the teacher's token, averaged.</summary>
    static Value TwoHeads(Value x, Scope s, Vit.Config c, Net net) => net.DistilledHeads(c.Norm(x, s["norm"]), s);

    static FamilyFacts Facts(Vit.Config c)
    {
        var facts = Vit.Facts(c);
        return c.Prefix.Length == 1 ? facts : facts with
        {
            Groups = facts.Groups with { Stem = "^cls_token|pos_embed|patch_embed|dist_token" },
        };
    }
}
