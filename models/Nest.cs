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

    public static readonly Family<Config> Family = new("nest", Build, Defaults,
        new("^patch_embed", (@"^levels\.(\d+)\.transformer_encoder\.(\d+)", null),
            (@"^levels\.(\d+)\.(?:pool|pos_embed)", [0]), ("^norm", [LayerGroups.Previous])),
        NoDecay)
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

    static Value Build(Config c, Net net, Scope s, Value image)
    {
        var (levels, multiple) = (c.Depths.Length, Patch << (c.Depths.Length - 1));
        if (image.Height != image.Width || image.Height % multiple != 0)
            throw new UserException($"{net.Record.Architecture} takes squares whose side is a multiple of {multiple}, "
                + $"not {image.Height} x {image.Width}.");
        net.DefaultDropPathRate = 0.5;
        // Each level halves the map and has a quarter of the blocks, so that a block keeps its side, in tokens.
        var blockSide = image.Height / multiple;
        var x = image.Conv(s["patch_embed"]["proj"], c.Dims[0], k: Patch, stride: Patch, Pad.Valid);
        for (var i = 0; i < levels; i++)
            x = net.Tap($"levels.{i}", Level(c, net, s["levels"][i], x, i, blockSide));
        return net.Head(s["head"], net.Unpooled(x.LayerNorm2d(s["norm"])));
    }

    /// <summary>Attends within blocks of side * side pixels of a map.</summary>
    static Value Level(Config c, Net net, Scope s, Value x, int level, int side)
    {
        if (level > 0)
            x = Aggregate(c, s["pool"], x, c.Dims[level]);
        var (map, before) = (x.Shape, c.Depths[..level].Sum());
        x = Blocks(x, side);
        x += s.Param("pos_embed", Init.TruncNormal(), 1, x.Shape[1].Size, x.Shape[2].Size, x.Dim);
        for (var i = 0; i < c.Depths[level]; i++)
            x = Layer(s["transformer_encoder"][i], x, c.Heads[level],
                BlockContext.Of(net, before + i, c.Depths.Sum()));
        return Map(x, map, side);
    }

    static Value Aggregate(Config c, Scope s, Value x, int dim) =>
        x.Conv(s["conv"], dim, k: 3, pad: c.Pad).LayerNorm2d(s["norm"]).MaxPool(k: 3, stride: 2, c.Pad);

    static Value Layer(Scope s, Value x, int heads, BlockContext b)
    {
        x += Attention(s["attn"], x.LayerNorm(s["norm1"]), heads, b).DropPath(b.DropPath);
        var y = x.LayerNorm(s["norm2"]).Mlp(s["mlp"], 4 * x.Dim, Activations.Gelu, b.ProjDrop);
        return x + y.DropPath(b.DropPath);
    }

    /// <summary>
    /// Of tokens [N, blocks, L, D], in each block by itself. Other transformers join the heads as
    /// [L, heads, D / heads]; here the projection reads [L, D / heads, heads].
    /// </summary>
    static Value Attention(Scope s, Value x, int heads, BlockContext b)
    {
        var blocks = x.Reshape(x.Shape[0] * x.Shape[1], x.Shape[2], x.Dim);
        var y = blocks.SelfAttendApart(s, heads, dropout: b.AttnDrop).Transpose(0, 2, 3, 1).Reshape(x.Shape);
        return y.Linear(s["proj"], x.Dim).Dropout(b.ProjDrop);
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

    static string[] NoDecay(Config c) => [.. c.Depths.Select((_, level) => $"levels.{level}.pos_embed")];

    static LayerDefaults Defaults(Config c) => new()
    {
        Conv = _ => Init.TruncNormal(),
        ConvBias = _ => Init.Zeros,
        Linear = Init.TruncNormal(),
        LinearBias = _ => Init.Zeros,
    };
}
