namespace OnnxTimm.Models;

/// <summary>
/// Vision transformers whose queries and keys are turned by their place: EVA (arXiv:2211.07636) and EVA-02
/// (2303.11331), rotary ViT (2403.13298), Perception Encoder (2504.13181), DINOv3 (2508.10104), Sapiens 2 (2604.21681)
/// and LingBot-Vision (2607.05247). timm/models/eva.py.
/// </summary>
public static partial class Eva
{
    /// <param name="Size">Width and depth.</param>
    /// <param name="Patch">Pixels along the side of a patch.</param>
    public sealed record Config(TransformerSize Size, int Patch)
    {
        /// <summary>Learned tokens before those of the patches.</summary>
        public (string Name, int Count)[] Prefix { get; init; } = [("cls_token", 1)];

        /// <summary>An image as tokens [N, L, D] with their positions.</summary>
        public NetPart<Config> Embed { get; init; } = PositionsOfAll;

        /// <summary>What turns queries and keys of a block over a grid; nothing where null.</summary>
        public Func<Scope, (int H, int W), Config, Func<Place, Rope>>? Rotation { get; init; }

        /// <summary>Queries, keys and values of normed tokens.</summary>
        public TokenAttention Queries { get; init; } = WithoutKeyBias;

        /// <summary>Norms what attention gives before its projection.</summary>
        public Func<Value, Scope, Config, Value> Attended { get; init; } = (x, _, _) => x;

        /// <summary>The second residual of a block, of normed tokens [N, L, D].</summary>
        public TokenBlock<Config> Mlp { get; init; } = PlainMlp;

        /// <summary>A block over tokens [N, L, D], around an attention that is given.</summary>
        public Func<Value, Scope, Config, Func<Value, Value>, Place, Value> Block { get; init; } = PreNorm;

        /// <summary>The last norm, the pool and the classifier.</summary>
        public NetPart<Config> Head { get; init; } = NormByPool("avg");

        /// <summary>Of tokens, over their last axis.</summary>
        public Norm Norm { get; init; } = Layers.LayerNorm;

        /// <summary>Epsilon of all norms.</summary>
        public double NormEps { get; init; } = 1e-6;

        /// <summary>What the factors of the residuals begin with; none where null.</summary>
        public double? LayerScale { get; init; }

        /// <summary>Heads and width between the layers of a pool that attends.</summary>
        public (int Heads, int Hidden) Pool { get; init; } = (Size.Heads, Size.Hidden);
    }

    /// <summary>Queries, keys and values of tokens [N, L, D] by the layers at a scope.</summary>
    public delegate Qkv TokenAttention(Value x, Scope s, Config c, Place place);

    static Value Build(Value image, Scope s, Config c, Net net)
    {
        var (height, width) = (image.Height / c.Patch, image.Width / c.Patch);
        var x = c.Embed(image, s, c, net).Dropout(net.Options.PosDropRate);
        var rotation = c.Rotation?.Invoke(s, (height, width), c);
        foreach (var b in net.Blocks([c.Size.Depth]))
        {
            var block = s["blocks"][b.Index];
            x = c.Block(x, block, c, y => Attend(y, block["attn"], rotation?.Invoke(b), c, b), b);
            net.Tap($"blocks.{b.Index}", x, y => y.SkipTokens(PrefixCount(c)).ToMap(height, width));
        }
        return c.Head(x, s, c, net);
    }

    static Value PositionsOfAll(Value image, Scope s, Config c, Net net) => AddToAll(Patches(image, s, c), s, c, net);

    /// <summary>The tokens before the patches have no position.</summary>
    static Value PositionsOfPatches(Value image, Scope s, Config c, Net net)
    {
        var (prefix, patches) = (Prefix(s, c), Patches(image, s, c));
        return VisionTransformer.Prepend(prefix, patches + Positions(patches, s, c, net, 0));
    }

    /// <summary>The rotation alone tells where a patch is.</summary>
    static Value NoPositions(Value image, Scope s, Config c, Net net) =>
        VisionTransformer.Prepend(Prefix(s, c), Patches(image, s, c));

    /// <summary>The same of images of any size that fall into patches.</summary>
    static Value WholePatches(Value image, Scope s, Config c, Net net)
    {
        net.RequireMultiples(image, c.Patch);
        return NoPositions(image, s, c, net);
    }

    /// <summary>Normed before the first block, so that patches need no bias.</summary>
    static Value PreNormed(Value image, Scope s, Config c, Net net) =>
        c.Norm(AddToAll(Patches(image, s, c, bias: false), s, c, net), s["norm_pre"]);

    static Value AddToAll(Value patches, Scope s, Config c, Net net)
    {
        var x = VisionTransformer.Prepend(Prefix(s, c), patches);
        return x + Positions(x, s, c, net, PrefixCount(c));
    }

    static Value Patches(Value image, Scope s, Config c, bool bias = true) =>
        image.PatchEmbed(s["patch_embed"], c.Size.Dim, c.Patch, bias);

    static Value Positions(Value x, Scope s, Config c, Net net, int prefix)
    {
        var (height, width) = net.Options.ImgSize ?? (net.Record.InputSize[1], net.Record.InputSize[2]);
        return net.Sized(s.Param("pos_embed", Init.TruncNormal(), 1, x.Shape[1].Size, x.Features),
            new Fit.Grid(height / c.Patch, width / c.Patch, prefix));
    }

    static Value[] Prefix(Scope s, Config c) =>
        [.. c.Prefix.Select(t => s.Param(t.Name, Init.TruncNormal(), 1, t.Count, c.Size.Dim))];

    static int PrefixCount(Config c) => c.Prefix.Sum(t => t.Count);

    static Value PreNorm(Value x, Scope s, Config c, Func<Value, Value> attend, Place place)
    {
        x += attend(c.Norm(x, s["norm1"])).LayerScale(s, c.LayerScale, "gamma_1").DropPath(place.DropPath);
        return x + c.Mlp(c.Norm(x, s["norm2"]), s["mlp"], c, place).LayerScale(s, c.LayerScale, "gamma_2")
            .DropPath(place.DropPath);
    }

    /// <summary>Only what attention gives is scaled.</summary>
    static Value AttentionScaled(Value x, Scope s, Config c, Func<Value, Value> attend, Place place)
    {
        x += attend(c.Norm(x, s["norm1"])).LayerScale(s, c.LayerScale, "gamma_1").DropPath(place.DropPath);
        return x + c.Mlp(c.Norm(x, s["norm2"]), s["mlp"], c, place).DropPath(place.DropPath);
    }

    /// <summary>Norms the residuals instead of what they read.</summary>
    static Value PostNorm(Value x, Scope s, Config c, Func<Value, Value> attend, Place place)
    {
        x += c.Norm(attend(x), s["norm1"]).DropPath(place.DropPath);
        return x + c.Norm(c.Mlp(x, s["mlp"], c, place), s["norm2"]).DropPath(place.DropPath);
    }

    static Value Attend(Value x, Scope s, Rope? rope, Config c, Place place)
    {
        var qkv = c.Queries(x, s, c, place);
        qkv = rope is { } turn ? qkv.OnQk(turn.Rotate) : qkv;
        var (q, shared) = (qkv.Q.Shape, qkv.K.Shape[1].Size);
        // Heads that share a key and a value ask it one after the other.
        var together = qkv.Q.Reshape(q[0], shared, q[1].Size / shared * q[2].Size, q[3]);
        var y = (qkv with { Q = together }).Attend(dropout: place.AttnDrop).Reshape(q).MergeHeads();
        return Out(c.Attended(y, s, c), s["proj"], c, place);
    }

    static Qkv WithoutKeyBias(Value x, Scope s, Config c, Place place) =>
        x.Qkv(s, c.Size.Heads, QkvBias.WithoutKey);

    static Qkv WithoutBias(Value x, Scope s, Config c, Place place) => x.Qkv(s, c.Size.Heads, QkvBias.None);

    static Qkv WithBias(Value x, Scope s, Config c, Place place) => x.Qkv(s, c.Size.Heads);

    /// <summary>A layer for each, without a bias of the keys.</summary>
    static Qkv Apart(Value x, Scope s, Config c, Place place)
    {
        var q = x.Linear(s["q_proj"], x.Features);
        var k = x.Linear(s["k_proj"], x.Features, bias: false);
        return Qkv.Of(q, k, x.Linear(s["v_proj"], x.Features), c.Size.Heads);
    }

    /// <summary>
    /// A layer for each, queries and keys normed by head; but for the first and the last blocks two heads share a key
    /// and a value (arXiv:2305.13245).
    /// </summary>
    static Qkv Grouped(Value x, Scope s, Config c, Place place)
    {
        const int full = 8;
        var heads = c.Size.Heads;
        var shared = place.Index < full || place.Index >= c.Size.Depth - full ? heads : heads / 2;
        var width = x.Features / heads * shared;
        var q = x.Linear(s["q_proj"], x.Features);
        var (k, v) = (x.Linear(s["k_proj"], width), x.Linear(s["v_proj"], width));
        return new(c.Norm(q.SplitHeads(heads), s["q_norm"]), c.Norm(k.SplitHeads(shared), s["k_norm"]),
            v.SplitHeads(shared));
    }

    static Value PlainMlp(Value x, Scope s, Config c, Place place) => x.MlpByDepth(s, c.Size.Hidden, place);

    /// <summary>Gate and gated values are halves of one layer.</summary>
    static Value PackedMlp(Value x, Scope s, Config c, Place place)
    {
        var halves = x.Linear(s["fc1"], 2 * c.Size.Hidden).Split([c.Size.Hidden, c.Size.Hidden], -1);
        return Out((halves[0].Silu() * halves[1]).Dropout(place.ProjDrop), s["fc2"], c, place);
    }

    static Value GatedMlp(Value x, Scope s, Config c, Place place) => Out(Gated(x, s, c, place), s["fc2"], c, place);

    static Value NormedMlp(Value x, Scope s, Config c, Place place) =>
        Out(c.Norm(Gated(x, s, c, place), s["norm"]), s["fc2"], c, place);

    static Value Gated(Value x, Scope s, Config c, Place place)
    {
        var gate = x.Linear(s["fc1_g"], c.Size.Hidden).Silu();
        return (gate * x.Linear(s["fc1_x"], c.Size.Hidden)).Dropout(place.ProjDrop);
    }

    static Value Out(Value x, Scope s, Config c, Place place) =>
        x.Linear(s.ByDepth(place), c.Size.Dim).Dropout(place.ProjDrop);

    /// <summary>Positions of a grid, as if it were the one of pretraining where that is given.</summary>
    static Func<Scope, (int H, int W), Config, Func<Place, Rope>> Grid((int H, int W)? reference,
        double temperature = 10000, float offset = 0, bool columnsFirst = false) => (s, grid, c) =>
    {
        var rope = Rope.Of(s.Graph, Rope.Positions(grid, reference, offset),
            Rope.Bands(HeadWidth(c) / 4, temperature), RopePairs.Neighbours, PrefixCount(c), columnsFirst);
        return InAll(rope);
    };

    /// <summary>Positions as shares of the image, whatever its size.</summary>
    static Func<Place, Rope> Unit(Scope s, (int H, int W) grid, Config c) => InAll(UnitRope(s, grid, c));

    /// <summary>The same, from a half to twice as far apart in each step of a training.</summary>
    static Func<Place, Rope> RescaledUnit(Scope s, (int H, int W) grid, Config c) =>
        InAll(UnitRope(s, grid, c).RescaledInTraining(most: 2));

    static Rope UnitRope(Scope s, (int H, int W) grid, Config c)
    {
        float[] bands = [.. Rope.Bands(HeadWidth(c) / 4, 100).Select(b => 2 * MathF.PI * b)];
        return Rope.Of(s.Graph, Rope.UnitPositions(grid), bands, RopePairs.Halves, PrefixCount(c));
    }

    /// <summary>The same rotation in all blocks.</summary>
    static Func<Place, Rope> InAll(Rope rope) => _ => rope;

    /// <summary>Each head of each block learns its frequencies along both axes.</summary>
    static Func<Place, Rope> Learned(Scope s, (int H, int W) grid, Config c)
    {
        var freqs = s["rope"].Param("freqs", TurnedFrequencies, 2, c.Size.Depth, c.Size.Heads, HeadWidth(c) / 2)
            .NoDecay();
        return b => Rope.Mixed(Along(0, b), Along(1, b), grid, PrefixCount(c), columnsFirst: true);

        Value Along(int axis, Place b) => freqs.Slice([0, 1], [axis, b.Index], [axis + 1, b.Index + 1])
            .Reshape(c.Size.Heads, 1, HeadWidth(c) / 2);
    }

    static int HeadWidth(Config c) => c.Size.Dim / c.Size.Heads;

    /// <summary>Geometric frequencies along two axes that chance has turned, for each head of each block.</summary>
    static Init TurnedFrequencies => new("turned_frequencies", (data, shape, random) =>
    {
        var (half, rows) = ((int)shape[3], (int)(shape[1] * shape[2]));
        var bands = Rope.Bands(half / 2, 10);
        for (var row = 0; row < rows; row++)
        {
            var turn = 2 * Math.PI * random.NextDouble();
            for (var i = 0; i < half; i++)
            {
                var angle = i < half / 2 ? turn : turn + Math.PI / 2;
                data[row * half + i] = (float)(bands[i % (half / 2)] * Math.Cos(angle));
                data[(rows + row) * half + i] = (float)(bands[i % (half / 2)] * Math.Sin(angle));
            }
        }
    });

    /// <summary>The mean of the patches is normed after it is taken, all else before.</summary>
    static NetPart<Config> NormByPool(string usual) => (x, s, c, net) =>
        (net.Options.GlobalPool ?? usual) == "avg"
            ? net.Head(x, HeadOf(s, c, net, usual) with { Norm = pooled => c.Norm(pooled, s["fc_norm"]) })
            : NormFirst(usual)(x, s, c, net);

    static NetPart<Config> NormFirst(string usual) =>
        (x, s, c, net) => net.Head(c.Norm(x, s["norm"]), HeadOf(s, c, net, usual));

    static Value Unnormed(Value x, Scope s, Config c, Net net) => net.Head(x, HeadOf(s, c, net, "avg"));

    static Head HeadOf(Scope s, Config c, Net net, string usual)
    {
        if (usual == "map" && (net.Options.GlobalPool ?? usual) != usual)
            net.LeaveOut("attn_pool.*");
        return new(s["head"].With(d => d with { Linear = Init.TruncNormal(2e-5) }))
        {
            Pool = usual,
            PoolBy = (x, name) => name == "map"
                ? x.AttentionPool(s["attn_pool"], c.Pool.Heads, c.Pool.Hidden, c.Norm, Activations.Gelu)
                : GlobalPool.Of(x, name, PrefixCount(c), [.. GlobalPool.OfTokens, "map"]),
        };
    }

    static FamilyFacts Facts(Config c) => new(new("^cls_token|reg_token|pos_embed|patch_embed|norm_pre",
        (@"^blocks\.(\d+)", null), ("^norm", [LayerGroups.Previous])))
    {
        Layers = new() { Linear = Init.TruncNormal(), LinearBias = Init.Zeros, LayerNormEps = c.NormEps },
        NoDecay = ["cls_token", "pos_embed", "reg_token"],
        Taps = [-3, -2, -1],
    };
}
