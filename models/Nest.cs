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
        if (image.Height != image.Width || image.Height % multiple != 0)
            throw new UserException($"{net.Record.Architecture} takes squares whose side is a multiple of {multiple}, "
                + $"not {image.Height} x {image.Width}.");
        // Each level halves the map and has a quarter of the blocks, so that a block keeps its side, in tokens.
        var side = image.Height / multiple;
        var map = image.Conv(s["patch_embed"]["proj"], c.Dims[0], k: Patch, stride: Patch, Pad.Valid);
        var x = map;
        foreach (var b in net.Blocks(c.Depths))
        {
            var level = s["levels"][b.Stage];
            if (b is { IsFirst: true, Stage: > 0 })
                map = Aggregate(map, level["pool"], c.Dims[b.Stage], c.Pad);
            x = b.IsFirst ? Positioned(Blocks(map, side), level) : x;
            var style = new TransformerStyle(c.Heads[b.Stage], 4 * c.Dims[b.Stage]) { Attention = BlockAttention };
            x = TransformerBlocks.PreNorm(x, level["transformer_encoder"][b.Index], style, b);
            if (b.IsLast)
                map = net.Tap($"levels.{b.Stage}", Map(x, map.Shape, side));
        }
        return net.Head(map.LayerNorm2d(s["norm"]), new(s["head"]));
    }

    static Value Aggregate(Value x, Scope s, int dim, Pad pad) =>
        x.Conv(s["conv"], dim, k: 3, pad: pad).LayerNorm2d(s["norm"]).MaxPool(k: 3, stride: 2, pad);

    static Value Positioned(Value x, Scope s) => x + s
        .Param("pos_embed", Init.TruncNormal(), 1, x.Shape[1].Size, x.Shape[2].Size, x.Features).NoDecay();

    /// <summary>
    /// Of tokens [N, blocks, L, D], in each block by itself. Other transformers join the heads as
    /// [L, heads, D / heads]; here the projection reads [L, D / heads, heads].
    /// </summary>
    static Value BlockAttention(Value x, Scope s, TransformerStyle style, Place place)
    {
        var blocks = x.Reshape(x.Shape[0] * x.Shape[1], x.Shape[2], x.Features);
        var y = blocks.Qkv(s, style.Heads).Attend(dropout: place.AttnDrop).Transpose(0, 2, 3, 1).Reshape(x.Shape);
        return y.Linear(s["proj"], x.Features).Dropout(place.ProjDrop);
    }

    /// <summary>A map [N, C, H, W] as tokens [N, blocks, side * side, C].</summary>
    static Value Blocks(Value x, int side)
    {
        var (n, rows, columns) = (x.Shape[0], x.Height / side, x.Width / side);
        return x.Reshape(n, x.Channels, rows, side, columns, side).Transpose(0, 2, 4, 3, 5, 1)
            .Reshape(n, rows * columns, side * side, x.Channels);
    }

    /// <summary>Tokens back to the map that they were.</summary>
    static Value Map(Value x, Shape map, int side) =>
        x.Reshape(map[0], map[2] / side, map[3] / side, side, side, map[1]).Transpose(0, 5, 1, 3, 2, 4).Reshape(map);

    static FamilyFacts Facts(Config c) => new(new("^patch_embed",
        (@"^levels\.(\d+)\.transformer_encoder\.(\d+)", null), (@"^levels\.(\d+)\.(?:pool|pos_embed)", [0]),
        ("^norm", [LayerGroups.Previous])))
    {
        Layers = new()
        {
            Conv = Init.TruncNormal(),
            ConvBias = Init.Zeros,
            Linear = Init.TruncNormal(),
            LinearBias = Init.Zeros,
        },
        DropPathRate = 0.5,
    };
}
