namespace OnnxTimm.Models;

/// <summary>
/// PiT (arXiv:2103.16302): a vision transformer in stages, between which a convolution of each channel halves the map
/// and widens it; the class token, and that of a teacher, pass by. timm/models/pit.py.
/// </summary>
public static class Pit
{
    /// <param name="HeadDim">Width of an attention head.</param>
    /// <param name="Depths">Blocks of each stage.</param>
    /// <param name="Heads">Attention heads of each stage.</param>
    public sealed record Config(int HeadDim, int[] Depths, int[] Heads)
    {
        /// <summary>Pixels along the side of a patch; the next begins half a patch on.</summary>
        public int Patch { get; init; } = 16;

        /// <summary>From the tokens [N, tokens, D] to logits.</summary>
        public NetPart<Config> Head { get; init; } = OneHead;

        /// <summary>Tokens beside the map.</summary>
        public int Tokens { get; init; } = 1;
    }

    /// <summary>timm's variants of the module <c>pit</c>.</summary>
    public static readonly Family<Config> Family = new("pit", Build, Facts)
    {
        { "pit_b_224",            Base },
        { "pit_s_224",            Small },
        { "pit_xs_224",           XSmall },
        { "pit_ti_224",           Tiny },
        { "pit_b_distilled_224",  Distilled(Base) },
        { "pit_s_distilled_224",  Distilled(Small) },
        { "pit_xs_distilled_224", Distilled(XSmall) },
        { "pit_ti_distilled_224", Distilled(Tiny) },
    };

    static Config Base => new(64, [3, 6, 4], [4, 8, 16]) { Patch = 14 };

    static Config Small => new(48, [2, 6, 4], [3, 6, 12]);

    static Config XSmall => new(48, [2, 6, 4], [2, 4, 8]);

    static Config Tiny => new(32, [2, 6, 4], [2, 4, 8]);

    static Config Distilled(Config c) => c with { Tokens = 2, Head = TwoHeads };

    static Value Build(Value image, Scope s, Config c, Net net)
    {
        var width = c.HeadDim * c.Heads[0];
        var map = image.Conv(s["patch_embed"]["conv"], width, k: c.Patch, stride: c.Patch / 2, Pad.Valid);
        map += s.Param("pos_embed", Init.TruncNormal(), 1, width, map.Height, map.Width).NoDecay();
        map = map.Dropout(net.Options.PosDropRate);
        var tokens = s.Param("cls_token", Init.TruncNormal(), 1, c.Tokens, width).NoDecay().RepeatFor(map);
        foreach (var stage in net.Blocks(c.Depths).GroupBy(b => b.Stage))
        {
            var t = s["transformers"][stage.Key];
            if (stage.Key > 0)
                (map, tokens) = Pool(map, tokens, t["pool"]);
            (map, tokens) = Transform(map, tokens, t["blocks"], c, stage);
            net.Tap($"transformers.{stage.Key}", map);
        }
        tokens = tokens.LayerNorm(s["norm"]);
        net.Unpooled(tokens);
        return c.Head(tokens, s, c, net);
    }

    static (Value Map, Value Tokens) Pool(Value map, Value tokens, Scope s)
    {
        var width = 2 * map.Channels;
        return (map.Conv(s["conv"], width, k: 3, stride: 2, groups: map.Channels), tokens.Linear(s["fc"], width));
    }

    static (Value Map, Value Tokens) Transform(Value map, Value tokens, Scope s, Config c, IEnumerable<Place> places)
    {
        var x = new[] { tokens, map.ToTokens() }.Concat(1);
        foreach (var b in places)
            x = TransformerBlocks.PreNorm(x, s[b.Index], new(c.Heads[b.Stage], 4 * x.Features), b);
        return (x.SkipTokens(c.Tokens).ToMap(map.Height, map.Width), x.Slice(1, 0, c.Tokens));
    }

    static Value OneHead(Value tokens, Scope s, Config c, Net net) => net.Head(tokens, new(s["head"])
    {
        Pool = "token",
        PoolBy = (x, name) => GlobalPool.Of(x, name, among: ["token"]),
    });

    static Value TwoHeads(Value tokens, Scope s, Config c, Net net) => net.DistilledHeads(tokens, s);

    static FamilyFacts Facts(Config c) => new(LayerGroups.Counted);
}
