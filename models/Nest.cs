namespace OnnxTimm.Models;

/// <summary>
/// NesT, nested transformers (arXiv:2105.12723): each level attends within blocks of the image, and between levels a
/// convolution and a pool bring four blocks together, until one is left. timm/models/nest.py.
/// </summary>
public static class Nest
{
    /// <summary>Pixels along the side of a patch.</summary>
    const int Patch = 4;

    /// <param name="Dims">Width of a token at each level.</param>
    /// <param name="Heads">Attention heads at each level.</param>
    /// <param name="Depths">Transformer layers of each level.</param>
    public sealed record Config(int[] Dims, int[] Heads, int[] Depths)
    {
        /// <summary>Padding between levels; the weights of the paper's code (jx) are for SAME.</summary>
        public Pad Pad { get; init; }
    }

    /// <summary>timm's variants of the module <c>nest</c>.</summary>
    public static readonly Family<Config> Family = new("nest", Build, Facts)
    {
        { "nest_base",     Base },
        { "nest_small",    Small },
        { "nest_tiny",     Tiny },
        { "nest_base_jx",  Base with { Pad = Pad.Same } },
        { "nest_small_jx", Small with { Pad = Pad.Same } },
        { "nest_tiny_jx",  Tiny with { Pad = Pad.Same } },
    };

    static Config Tiny => new([96, 192, 384], [3, 6, 12], [2, 2, 8]);

    static Config Small => Tiny with { Depths = [2, 2, 20] };

    static Config Base => new([128, 256, 512], [4, 8, 16], [2, 2, 20]);

    static Value Build(Value image, Scope s, Config c, Net net)
    {
        var multiple = Patch << (c.Depths.Length - 1);
        net.RequireSquare(image, multiple);
        // Each level halves the map and has a quarter of the blocks, so that a block keeps its side, in tokens.
        var side = image.Height / multiple;
        var map = image.Conv(s["patch_embed"]["proj"], c.Dims[0], k: Patch, stride: Patch, Pad.Valid);
        var x = map;
        foreach (var b in net.Blocks(c.Depths))
        {
            var level = s["levels"][b.Stage];
            if (b is { IsFirst: true, Stage: > 0 })
                map = Aggregate(map, level["pool"], c.Dims[b.Stage], c.Pad);
            x = b.IsFirst ? Positioned(map.Windows((side, side)), level, map) : x;
            var style = new TransformerStyle(c.Heads[b.Stage], 4 * c.Dims[b.Stage]) { Attention = BlockAttention };
            x = TransformerBlocks.PreNorm(x, level["transformer_encoder"][b.Index], style, b);
            if (b.IsLast)
                map = net.Tap($"levels.{b.Stage}", x.Unwindowed(map, (side, side)));
        }
        return net.Head(map.LayerNorm2d(s["norm"]), new(s["head"]));
    }

    static Value Aggregate(Value x, Scope s, int dim, Pad pad) =>
        x.Conv(s["conv"], dim, k: 3, pad: pad).LayerNorm2d(s["norm"]).MaxPool(k: 3, stride: 2, pad);

    /// <summary>Each block of the map has positions of its own.</summary>
    static Value Positioned(Value x, Scope s, Value map)
    {
        var blocks = x.Shape[0] / map.Shape[0];
        var positions = s.Param("pos_embed", Init.TruncNormal(), 1, blocks.Size, x.Shape[1].Size, x.Features).NoDecay();
        return (x.Reshape(map.Shape[0], blocks, x.Shape[1], x.Features) + positions).Reshape(x.Shape);
    }

    /// <summary>
    /// Of tokens [N * blocks, L, D], in each block by itself. Other transformers join the heads as
    /// [L, heads, D / heads]; here the projection reads [L, D / heads, heads].
    /// </summary>
    static Value BlockAttention(Value x, Scope s, TransformerStyle style, Place place)
    {
        var y = x.Qkv(s, style.Heads).Attend(dropout: place.AttnDrop).Transpose(0, 2, 3, 1).Reshape(x.Shape);
        return y.Linear(s["proj"], x.Features).Dropout(place.ProjDrop);
    }

    static FamilyFacts Facts(Config c) => new(new("^patch_embed",
        (@"^levels\.(\d+)\.transformer_encoder\.(\d+)", null), (@"^levels\.(\d+)\.(?:pool|pos_embed)", [0]),
        ("^norm", [LayerGroups.Previous])))
    {
        Layers = LayerDefaults.TruncNormal,
        DropPathRate = 0.5,
    };
}
