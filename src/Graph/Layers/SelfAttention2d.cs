namespace OnnxTimm;

// Self-attention over the pixels of a map [N, C, H, W], in place of a window of a residual block.
public static partial class Layers
{
    /// <summary>
    /// All pixels ask all pixels, by content and by how far they are apart (arXiv:2101.11605). Parameters <c>qkv</c>,
    /// <c>pos_embed</c>; a stride averages what comes out.
    /// </summary>
    /// <param name="x">The map.</param>
    /// <param name="s">Scope of the parameters.</param>
    /// <param name="stride">1 or 2.</param>
    /// <param name="heads">Number of heads.</param>
    /// <param name="width">Width of a head's queries and keys; that of its values by default.</param>
    public static Value BottleneckAttention(this Value x, Scope s, int stride, int heads = 4, int? width = null)
    {
        var (dim, inner) = (x.Channels, heads * (width ?? MakeDivisible(x.Channels) / heads));
        var parts = x.Conv(s["qkv"].ByFanIn(dim), 2 * inner + dim, k: 1, bias: false).ToTokens()
            .Split([inner, inner, dim], -1);
        var qkv = OnnxTimm.Qkv.Of(parts[0], parts[1], parts[2], heads);
        var size = (x.Height, x.Width);
        var y = qkv.Attend(RelativePosition.Logits(qkv.Q, s["pos_embed"], size, size)).MergeHeads()
            .ToMap(x.Height, x.Width);
        return y.MeanBy(stride);
    }

    /// <summary>
    /// The pixels of a block ask those of the block and of a halo around it (arXiv:2103.12731). Parameters <c>q</c>,
    /// <c>kv</c>, <c>pos_embed</c>; with a stride there are fewer queries, or their results are averaged where a block
    /// has no whole number of strides.
    /// </summary>
    /// <param name="x">The map, whose sides are multiples of the block's.</param>
    /// <param name="s">Scope of the parameters.</param>
    /// <param name="stride">1 or 2.</param>
    /// <param name="block">Side of a block.</param>
    /// <param name="halo">Pixels around it.</param>
    /// <param name="heads">Number of heads.</param>
    /// <param name="width">Width of a head's queries and keys; that of its values by default.</param>
    public static Value HaloAttention(this Value x, Scope s, int stride, int block, int halo, int heads = 8,
        int? width = null)
    {
        var (dim, inner) = (x.Channels, heads * (width ?? MakeDivisible(x.Channels) / heads));
        var step = block % stride == 0 ? stride : 1;
        var (size, window) = (block / step, block + 2 * halo);
        var map = x.Conv(s["q"].ByFanIn(dim), inner, k: 1, stride: step, bias: false);
        var q = map.Windows((size, size)).SplitHeads(heads);
        var kv = x.Conv(s["kv"].ByFanIn(dim), inner + dim, k: 1, bias: false).HaloWindows(block, halo)
            .SplitHeads(heads).Split([inner / heads, dim / heads], -1);
        var y = new Qkv(q, kv[0], kv[1])
            .Attend(RelativePosition.Logits(q, s["pos_embed"], (size, size), (window, window)));
        return y.MergeHeads().Unwindowed(map, (size, size)).MeanBy(stride / step);
    }

    /// <summary>Blocks of a map with a halo, zeros beyond the map: tokens [N * blocks, window * window, C].</summary>
    static Value HaloWindows(this Value map, int block, int halo)
    {
        var (rows, columns, window) = (map.Height / block, map.Width / block, block + 2 * halo);
        return map.Pad([0, 0, halo, halo, 0, 0, halo, halo]).Unfold((window, window), (block, block))
            .Transpose(0, 2, 4, 3, 5, 1)
            .Reshape(map.Shape[0] * (rows * columns), window * window, map.Channels);
    }

    /// <summary>
    /// A lambda layer (arXiv:2102.08602): what pixels are and where they lie is summed to linear maps, which queries
    /// are put through. Parameters <c>qkv</c>, <c>norm_q</c>, <c>norm_v</c> and those of the positions.
    /// </summary>
    /// <param name="x">The map.</param>
    /// <param name="s">Scope of the parameters.</param>
    /// <param name="stride">1 or 2.</param>
    /// <param name="positions">
    /// From values [N, H * W, d] of a map and the width k of keys to a linear map for each pixel, [N, H * W, k, d].
    /// </param>
    /// <param name="heads">Number of heads.</param>
    public static Value LambdaLayer(this Value x, Scope s, int stride, LambdaPositions positions, int heads = 4)
    {
        const int width = 16;
        var (dim, pixels) = (x.Channels / heads, x.Height * x.Width);
        s = s.Ordered("pos_emb", "qkv", "norm_q", "norm_v", "conv_lambda");
        var parts = x.Conv(s["qkv"].ByFanIn(x.Channels), heads * width + width + dim, k: 1, bias: false)
            .Split([heads * width, width, dim], axis: 1);
        var q = parts[0].BatchNorm(s["norm_q"]).Reshape(x.Shape[0], heads, width, pixels).Transpose(0, 1, 3, 2);
        var k = parts[1].Reshape(x.Shape[0], width, pixels).Softmax();
        var v = parts[2].BatchNorm(s["norm_v"]).ToTokens();
        var content = q.MatMul(k.MatMul(v).Reshape(x.Shape[0], 1, width, dim));
        var lambdas = positions(v, s, (x.Height, x.Width), width);
        var placed = q.Transpose(0, 2, 1, 3).MatMul(lambdas).Transpose(0, 2, 1, 3);
        return (content + placed).Transpose(0, 1, 3, 2).Reshape(x.Shape).MeanBy(stride);
    }

    /// <summary>Positions in a window around each pixel: a convolution, <c>conv_lambda</c>, of every value.</summary>
    public static LambdaPositions LambdaWindow(int r) => (v, s, map, width) =>
    {
        var (n, dim) = (v.Shape[0], v.Features);
        var scope = s["conv_lambda"];
        var weight = scope.Param("weight", Init.TruncNormal(1 / Math.Sqrt(width)), width, 1, r, r, 1);
        var bias = scope.Param("bias", Init.Uniform(1.0 / r), width);
        var maps = v.Transpose(0, 2, 1).Reshape(n * dim, 1, map.H, map.W);
        return maps.Conv(weight.Reshape(width, 1, r, r), bias, new([1, 1], [r / 2, r / 2, r / 2, r / 2], [1, 1]))
            .Reshape(n, dim, width, map.H * map.W).Transpose(0, 3, 2, 1);
    };

    /// <summary>Positions by a table of offsets between any two pixels, <c>pos_emb</c>.</summary>
    public static Value LambdaTable(Value v, Scope s, (int H, int W) map, int width)
    {
        var pixels = map.H * map.W;
        var table = s.Param("pos_emb", Init.TruncNormal(), 2 * map.H - 1, 2 * map.W - 1, width)
            .Reshape(RelativePosition.Count(map), width);
        var pairs = table.Gather(RelativePosition.Index(v.Graph, map)).Transpose(1, 2, 0);
        return pairs.Reshape(pixels * width, pixels).MatMul(v).Reshape(v.Shape[0], pixels, width, v.Features);
    }

    static Value MeanBy(this Value x, int stride) => stride == 1 ? x : x.AvgPool(k: stride, stride, Pad.Valid);

    /// <summary>Convolutions begin by a truncated normal of variance 1 / fan-in.</summary>
    static Scope ByFanIn(this Scope s, int fanIn) =>
        s.With(d => d with { Conv = Init.TruncNormal(1 / Math.Sqrt(fanIn)) });
}

/// <summary>Linear maps by the places of pixels, for <see cref="Layers.LambdaLayer"/>.</summary>
public delegate Value LambdaPositions(Value v, Scope s, (int H, int W) map, int width);
