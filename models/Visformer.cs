namespace OnnxTimm.Models;

/// <summary>
/// Visformer (arXiv:2104.12533): convolutions while the map is large, attention over maps once it is small, batch norms
/// throughout. timm/models/visformer.py.
/// </summary>
public static class Visformer
{
    /// <param name="Stem">Channels of the stem.</param>
    /// <param name="Dim">Channels of the second stage.</param>
    /// <param name="Heads">Attention heads.</param>
    public sealed record Config(int Stem, int Dim, int Heads);

    static readonly int[] Depths = [7, 4, 4];

    /// <summary>timm's variants of the module <c>visformer</c>.</summary>
    public static readonly Family<Config> Family = new("visformer", Build, Facts)
    {
        { "visformer_tiny",  new(16, 192, 3) },
        { "visformer_small", new(32, 384, 6) },
    };

    static Value Build(Value x, Scope s, Config c, Net net)
    {
        net.RequireMultiples(x, 2);
        x = x.Conv(s["stem"][0], c.Stem, k: 7, stride: 2, bias: false).BatchNorm(s["stem"][1]).Relu();
        foreach (var b in net.Blocks(Depths))
        {
            if (b.IsFirst)
                x = Embed(x, s, c.Dim << b.Stage >> 1, b.Stage, net);
            x = Block(x, s[$"stage{b.Stage + 1}"][b.Index], c, b);
            if (b.IsLast)
                net.Tap($"stage{b.Stage + 1}", x);
        }
        return net.Head(x.BatchNorm(s["norm"]), new(s["head"]));
    }

    static Value Embed(Value x, Scope s, int channels, int stage, Net net)
    {
        var (patch, embed) = (stage == 0 ? 4 : 2, s[$"patch_embed{stage + 1}"]);
        x = x.Conv(embed["proj"], channels, k: patch, stride: patch, Pad.Valid).BatchNorm(embed["norm"]);
        var positions = s.Param($"pos_embed{stage + 1}", Init.TruncNormal(), 1, channels, x.Height, x.Width);
        return (x + positions).Dropout(net.Options.PosDropRate);
    }

    static Value Block(Value x, Scope s, Config c, Place place)
    {
        if (place.Stage > 0)
            x += Attention(x.BatchNorm(s["norm1"]), s["attn"], c.Heads, place).DropPath(place.DropPath);
        var y = x.BatchNorm(s["norm2"]);
        y = place.Stage > 0 ? Mlp(y, s["mlp"], place) : SpatialMlp(y, s["mlp"], place);
        return x + y.DropPath(place.DropPath);
    }

    static Value Attention(Value x, Scope s, int heads, Place place)
    {
        var width = x.Channels;
        var parts = x.Conv(s["qkv"], 3 * width, k: 1, bias: false).ToTokens().Split([width, width, width], -1);
        var y = Qkv.Of(parts[0], parts[1], parts[2], heads).Attend(dropout: place.AttnDrop).MergeHeads();
        return y.ToMap(x.Height, x.Width).Conv(s["proj"], width, k: 1, bias: false).Dropout(place.ProjDrop);
    }

    static Value Mlp(Value x, Scope s, Place place) =>
        Out(In(x, s, 4 * x.Channels, place), s, x.Channels, place);

    /// <summary>Half as wide, with a look around.</summary>
    static Value SpatialMlp(Value x, Scope s, Place place)
    {
        var y = In(x, s, 2 * x.Channels, place);
        y = y.Conv(s["conv2"], y.Channels, k: 3, groups: 8, bias: false).Gelu();
        return Out(y, s, x.Channels, place);
    }

    static Value In(Value x, Scope s, int hidden, Place place) =>
        x.Conv(s["conv1"], hidden, k: 1, bias: false).Gelu().Dropout(place.ProjDrop);

    static Value Out(Value x, Scope s, int channels, Place place) =>
        x.Conv(s["conv3"], channels, k: 1, bias: false).Dropout(place.ProjDrop);

    static FamilyFacts Facts(Config c) => new(new("^patch_embed1|pos_embed1|stem", (@"^stage(\d+)\.(\d+)", null),
        (@"^(?:patch_embed|pos_embed)(\d+)", [0]), ("^norm", [LayerGroups.Previous])))
    {
        Layers = new()
        {
            Conv = Init.KaimingFanOut(),
            ConvBias = Init.Zeros,
            Linear = Init.TruncNormal(),
            LinearBias = Init.Zeros,
        },
    };
}
