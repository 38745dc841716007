using System.Text.RegularExpressions;

namespace OnnxTimm.Conversion;

/// <summary>
/// Tensors whose size follows the image, and how they are brought from the size in the file to the model's: what timm
/// does in the checkpoint_filter_fn of each family, by name and shape.
/// </summary>
static class Fits
{
    delegate Tensor? Fit(Tensor from, long[] to, Context context);

    static readonly (Regex Name, Fit Fit)[] Table =
    [
        // NesT's positions go by block of the image, not by row; timm does not fit them either.
        (new(@"^levels\.\d+\.pos_embed$"), (_, _, _) => null),
        (new(@"(^|\.)pos_embed$"), Positions),
        (new(@"(^|\.)patch_embed\.proj\.weight$"), Patches),
        (new(@"(^|\.)relative_position_bias_table$"), RelativePositions),
        (new(@"(^|\.)attention_biases$"), AttentionBiases),
    ];

    /// <summary>The tensor in the model's shape; null where no row applies.</summary>
    public static Tensor? Find(string name, Tensor from, long[] to, Context context) => Table
        .Where(row => row.Name.IsMatch(name))
        .Select(row => row.Fit(from, to, context))
        .FirstOrDefault();

    static Tensor? Positions(Tensor from, long[] to, Context context)
    {
        if (from.Shape is [1, _, _, var channels] && to is [1, var height, var width, var same] && channels == same)
            return Adapt.PositionMap(from, (int)height, (int)width);
        if (from.Shape is not [1, var tokens, var dim] || to is not [1, var newTokens, var newDim] || dim != newDim)
            return null;
        var grid = context.Grid;
        var prefix = context.Prefixes.Select(p => (int?)p).FirstOrDefault(p => IsSquare(tokens - p!.Value)
            && (grid is var (h, w) ? newTokens - p == (long)h * w : IsSquare(newTokens - p.Value)));
        if (prefix is not { } kept)
            return null;
        var side = (int)Math.Sqrt(newTokens - kept);
        return Adapt.PositionEmbedding(from, grid ?? (side, side), kept, null, context.Resize);
    }

    static Tensor? Patches(Tensor from, long[] to, Context context) =>
        from.Shape is [var output, var input, _, _] && to is [var o, var i, var height, var width]
            && (output, input) == (o, i)
                ? Adapt.PatchEmbedding(from, (int)height, (int)width, context.Resize)
                : null;

    /// <summary>BEiT keeps three rows for its class token behind the table; Swin has none.</summary>
    static Tensor? RelativePositions(Tensor from, long[] to, Context context)
    {
        if (from.Shape is [var heads, _, _] && to is [var same, var rows, var columns] && heads == same)
            return Adapt.RelativePositions(from, (int)(rows + 1) / 2, (int)(columns + 1) / 2, to);
        if (from.Shape is not [var old, var oldHeads] || to is not [var now, var newHeads] || oldHeads != newHeads)
            return null;
        var extra = IsSquare(now) && IsSquare(old) ? 0 : 3;
        var window = ((int)Math.Sqrt(now - extra) + 1) / 2;
        return IsSquare(old - extra) && IsSquare(now - extra)
            ? Adapt.RelativePositions(from, window, window, to)
            : null;
    }

    static Tensor? AttentionBiases(Tensor from, long[] to, Context context) =>
        from.Shape is [var heads, var old] && to is [var same, var now] && heads == same
            && IsSquare(old) && IsSquare(now)
            ? Adapt.RelativePositionsLevit(from, to)
            : null;

    static bool IsSquare(long n)
    {
        var root = n < 0 ? -1 : (long)Math.Sqrt(n);
        return root * root == n;
    }

    /// <summary>What a fit needs to know of the model.</summary>
    /// <param name="model">Shapes by name.</param>
    /// <param name="image">Height and width of the image; null where they are not known.</param>
    /// <param name="resize">How positions and patches of such a file are resized: a matrix [to, from] a side.</param>
    public sealed class Context(
        IReadOnlyDictionary<string, long[]> model, (int Height, int Width)? image, Func<int, int, double[,]> resize)
    {
        static readonly string[] Tokens = ["cls_token", "dist_token", "reg_token", "register_tokens"];

        public Func<int, int, double[,]> Resize { get; } = resize;

        /// <summary>Numbers of tokens that may stand before the grid: those of the model, or none.</summary>
        public int[] Prefixes { get; } =
        [
            Tokens.Sum(token => model.GetValueOrDefault(token) is [_, var count, _] ? (int)count : 0),
            0,
        ];

        /// <summary>
        /// Patches down and across; null where the model tells no patch size, as with patches of a backbone's map.
        /// </summary>
        public (int Height, int Width)? Grid { get; } =
            image is var (height, width) && !model.Keys.Any(IsOfBackbone)
            && model.GetValueOrDefault("patch_embed.proj.weight") is [_, _, var h, var w]
                ? ((int)(height / h), (int)(width / w))
                : null;

        static bool IsOfBackbone(string name) => name.StartsWith("patch_embed.backbone.", StringComparison.Ordinal);
    }
}
