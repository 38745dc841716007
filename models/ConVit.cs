namespace OnnxTimm.Models;

/// <summary>
/// ConViT (arXiv:2103.10697): attention that mixes what tokens say with where they are, by a gate of each head, before
/// the class token comes in for the last blocks. timm/models/convit.py.
/// </summary>
public static class ConVit
{
    /// <summary>Blocks that know positions.</summary>
    const int Local = 10;

    /// <param name="Heads">Attention heads, of 48 channels each.</param>
    public sealed record Config(int Heads) : TransformerStyle(Heads, 4 * 48 * Heads)
    {
        /// <summary>Width of a token.</summary>
        public int Dim => 48 * Heads;
    }

    /// <summary>timm's variants of the module <c>convit</c>.</summary>
    public static readonly Family<Config> Family = new("convit", Build, Facts)
    {
        { "convit_tiny",  new(4) },
        { "convit_small", new(9) },
        { "convit_base",  new(16) },
    };

    static Value Build(Value image, Scope s, Config c, Net net)
    {
        var token = s.Param("cls_token", Init.TruncNormal(), 1, 1, c.Dim);
        var (h, w) = (image.Height / 16, image.Width / 16);
        if (h != w)
            throw net.Refused(image, "as many rows of patches as columns");
        var positions = net.Sized(s.Param("pos_embed", Init.TruncNormal(), 1, h * w, c.Dim), new Fit.Grid(h, w));
        var x = image.PatchEmbed(s["patch_embed"], c.Dim, patch: 16) + positions;
        foreach (var b in net.Blocks([12]))
        {
            if (b.Index == Local)
                x = new[] { token.RepeatFor(x), x }.Concat(1);
            TransformerStyle style = c with
            {
                Attention = b.Index < Local ? Gated((h, w)) : TransformerBlocks.PlainQkvAttention,
            };
            x = TransformerBlocks.PreNorm(x, s["blocks"][b.Index], style, b);
            net.Tap($"blocks.{b.Index}", x, y => y.SkipTokens((int)y.Shape[1].Size - h * w).ToMap(h, w));
        }
        return net.Head(x.LayerNorm(s["norm"]), new(s["head"])
        {
            Pool = "token",
            PoolBy = (y, name) => GlobalPool.Of(y, name, prefix: 1, among: ["avg", "token"]),
        });
    }

    static TokenBlock<TransformerStyle> Gated((int H, int W) grid) => (x, s, style, place) =>
    {
        var dim = x.Features;
        var gate = s.Param("gating_param", Init.Ones, style.Heads).Reshape(style.Heads, 1, 1).Sigmoid();
        var qk = x.Linear(s["qk"], 2 * dim, bias: false).Split([dim, dim], -1);
        var qkv = Qkv.Of(qk[0], qk[1], x.Linear(s["v"].With(d => d with { Linear = Identity }), dim,
            bias: false), style.Heads);
        var where = Offsets(x.Graph, grid).Linear(s.Late("pos_proj").With(d => d with { Linear = Neighbours }),
            style.Heads).Transpose(2, 0, 1).Softmax();
        var weights = (1 - gate) * qkv.Scores().Softmax() + gate * where;
        weights = (weights / weights.ReduceSum([-1])).Dropout(place.AttnDrop);
        return qkv.Weigh(weights).MergeHeads().Linear(s["proj"], dim).Dropout(place.ProjDrop);
    };

    /// <summary>From each query to each key [L, L, 3]: columns, rows, and the square of their distance.</summary>
    static Value Offsets(Graph graph, (int H, int W) grid)
    {
        var length = grid.H * grid.W;
        return graph.Const($"offsets_{grid.H}x{grid.W}", () => Tensor.Lazy(() => (
            from q in Enumerable.Range(0, length)
            from k in Enumerable.Range(0, length)
            let dx = k % grid.W - q % grid.W
            let dy = k / grid.W - q / grid.W
            from value in new float[] { dx, dy, dx * dx + dy * dy }
            select value).ToArray(), length, length, 3));
    }

    static Init Identity => new("identity", (data, shape, _) =>
    {
        for (var i = 0; i < data.Length; i++)
            data[i] = i / shape[1] == i % shape[1] ? 1 : 0;
    });

    /// <summary>Each head begins with its eyes on one pixel of a square around the query's.</summary>
    static Init Neighbours => new("neighbours", (data, shape, _) =>
    {
        var side = (int)Math.Sqrt(shape[0]);
        for (var head = 0; head < side * side; head++)
        {
            data[3 * head] = 2 * (head / side) - side + 1;
            data[3 * head + 1] = 2 * (head % side) - side + 1;
            data[3 * head + 2] = -1;
        }
    });

    static FamilyFacts Facts(Config c) => new(new("^cls_token|pos_embed|patch_embed",
        (@"^blocks\.(\d+)", null), ("^norm", [LayerGroups.Previous])))
    {
        Layers = new() { Linear = Init.TruncNormal(), LinearBias = Init.Zeros },
        NoDecay = ["cls_token", "pos_embed"],
        Taps = [-3, -2, -1],
    };
}
