using static OnnxTimm.Models.TransformerBlocks;

namespace OnnxTimm.Models;

/// <summary>
/// CrossViT (arXiv:2103.14899): two vision transformers over patches of two sizes; after each group of blocks the class
/// token of one attends to the patches of the other. timm/models/crossvit.py.
/// </summary>
public static class CrossVit
{
    /// <param name="Dim">Width of a token of the branch of small patches; the other has twice that.</param>
    /// <param name="Depth">Blocks of a group in the branch of large patches; the other has one.</param>
    /// <param name="Heads">Attention heads.</param>
    /// <param name="MlpRatio">Hidden width of the MLPs over a token's.</param>
    public sealed record Config(int Dim, int Depth, int Heads, int MlpRatio)
    {
        /// <summary>From an image to a map of patches of so many pixels, of so many channels.</summary>
        public Func<Value, Scope, int, int, Value> Embed { get; init; } = OneConv;

        /// <summary>Size of the image that the branch of large patches sees, over that of the other's.</summary>
        public double Scale { get; init; } = 224.0 / 240;
    }

    /// <summary>timm's variants of the module <c>crossvit</c>.</summary>
    public static readonly Family<Config> Family = new("crossvit", Build, Facts)
    {
        { "crossvit_tiny_240",      new(96, 4, 3, 4) },
        { "crossvit_small_240",     new(192, 4, 6, 4) },
        { "crossvit_base_240",      new(384, 4, 12, 4) },
        { "crossvit_9_240",         new(128, 3, 4, 3) },
        { "crossvit_15_240",        new(192, 5, 6, 3) },
        { "crossvit_18_240",        new(224, 6, 7, 3) },
        { "crossvit_9_dagger_240",  new(128, 3, 4, 3) { Embed = ThreeConvs } },
        { "crossvit_15_dagger_240", new(192, 5, 6, 3) { Embed = ThreeConvs } },
        { "crossvit_15_dagger_408", new(192, 5, 6, 3) { Embed = ThreeConvs, Scale = 384.0 / 408 } },
        { "crossvit_18_dagger_240", new(224, 6, 7, 3) { Embed = ThreeConvs } },
        { "crossvit_18_dagger_408", new(224, 6, 7, 3) { Embed = ThreeConvs, Scale = 384.0 / 408 } },
    };

    static int[] Patches => [12, 16];

    static Value Build(Value image, Scope s, Config c, Net net)
    {
        var small = image.Resample((int)(image.Height * c.Scale), (int)(image.Width * c.Scale), Resampling.Bicubic);
        Value[] x = [Embed(image, s, 0, c, net), Embed(small, s, 1, c, net)];
        var ends = new List<Value[]>();
        foreach (var group in net.Blocks([c.Depth, c.Depth, c.Depth]).GroupBy(b => b.Stage))
            ends.Add(x = Group(x, s["blocks"][group.Key], c, [.. group]));
        Tap(ends, net);
        x = [.. x.Select((y, i) => y.LayerNorm(s["norm"][i]))];
        net.Unpooled(x);
        var pool = net.Options.GlobalPool ?? "token";
        return net.Heads([.. x.Select((y, i) => (new Head(s["head"][i]), Pooled(y, pool)))], join: y => y.Concat(1));
    }

    static int Width(Config c, int branch) => c.Dim << branch;

    static Value Embed(Value image, Scope s, int branch, Config c, Net net)
    {
        var patch = Patches[branch];
        var map = c.Embed(image, s["patch_embed"][branch]["proj"], patch, Width(c, branch));
        // timm counts the positions so, which is too many for some sizes.
        if (image.Height / patch * image.Width / patch != map.Height * map.Width)
            throw net.Refused(image, "images of which each branch sees whole patches");
        var positions = s.Param($"pos_embed_{branch}", Init.TruncNormal(), 1, 1 + map.Height * map.Width, map.Channels);
        positions = net.Sized(positions, new Fit.Grid(map.Height, map.Width, Prefix: 1));
        var token = s.Param($"cls_token_{branch}", Init.TruncNormal(), 1, 1, map.Channels).RepeatFor(map);
        return (new[] { token, map.ToTokens() }.Concat(1) + positions).Dropout(net.Options.PosDropRate);
    }

    static Value OneConv(Value x, Scope s, int patch, int dim) =>
        x.Conv(s, dim, k: patch, stride: patch, Pad.Valid);

    /// <summary>Three in a row: the dagger.</summary>
    static Value ThreeConvs(Value x, Scope s, int patch, int dim)
    {
        x = x.Conv(s[0], dim / 4, k: 7, stride: 4, pad: 3).Relu();
        return patch == 12
            ? x.Conv(s[2], dim / 2, k: 3, stride: 3, Pad.Valid).Relu().Conv(s[4], dim, k: 3)
            : x.Conv(s[2], dim / 2, k: 3, stride: 2).Relu().Conv(s[4], dim, k: 3, stride: 2);
    }

    /// <summary>The blocks of both branches, then what their class tokens gather from each other's patches.</summary>
    static Value[] Group(Value[] x, Scope s, Config c, Place[] places)
    {
        x = [.. x.Select((y, i) => Branch(y, s["blocks"][i], c, i == 0 ? places[..1] : places))];
        var tokens = x.Select((y, i) => Project(y.Slice(1, 0, 1), s["projs"][i], Width(c, 1 - i))).ToArray();
        return [.. x.Select((y, i) =>
        {
            var seen = new[] { tokens[i], x[1 - i].SkipTokens(1) }.Concat(1);
            var gathered = seen.LayerNorm(s["fusion"][i]["norm1"])
                .AttendByClass(s["fusion"][i]["attn"], c.Heads, places[^1], prefix: "w");
            var token = Project(tokens[i] + gathered.DropPath(places[^1].DropPath), s["revert_projs"][i], Width(c, i));
            return new[] { token, y.SkipTokens(1) }.Concat(1);
        })];
    }

    static Value Branch(Value x, Scope s, Config c, Place[] places)
    {
        var style = new TransformerStyle(c.Heads, c.MlpRatio * x.Features);
        return places.Aggregate(x, (y, b) => PreNorm(y, s[b.Index], style, b));
    }

    static Value Project(Value token, Scope s, int dim) => token.LayerNorm(s[0]).Gelu().Linear(s[2], dim);

    /// <summary>timm lists all maps of one branch, then those of the other.</summary>
    static void Tap(List<Value[]> ends, Net net)
    {
        foreach (var branch in new[] { 0, 1 })
            foreach (var (i, x) in ends.Index())
                net.Tap($"blocks.{i}", x[branch], y =>
                {
                    var grid = (Fit.Grid)net.Fits[$"pos_embed_{branch}"];
                    return y.SkipTokens(1).ToMap(grid.Height, grid.Width);
                });
    }

    static Value Pooled(Value x, string pool) => GlobalPool.Needed(x, pool, prefix: 1, among: ["avg", "token"]);

    static FamilyFacts Facts(Config c) => new(new("^cls_token|pos_embed|patch_embed",
        (@"^blocks\.(\d+)", null), ("^norm", [LayerGroups.Previous])))
    {
        Layers = new() { Linear = Init.TruncNormal(), LinearBias = Init.Zeros },
        NoDecay = ["cls_token_0", "cls_token_1", "pos_embed_0", "pos_embed_1"],
        Taps = [-4, -1],
    };
}
