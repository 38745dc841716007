using System.Text.RegularExpressions;

namespace OnnxTimm.Conversion;

/// <summary>
/// Tensors whose size follows the image, and how they are brought from the size in the file to the model's: what timm
/// does in the checkpoint_filter_fn of each family, by name and shape.
/// </summary>
static class Fits
{
    delegate Tensor? Fit(string name, Tensor from, long[] to, IReadOnlyList<PositionEmbedding> positions);

    static readonly (Regex Name, Fit Fit)[] Table =
    [
        // NesT's positions go by block of the image, not by row; timm does not fit them either.
        (new(@"^levels\.\d+\.pos_embed$"), (_, _, _, _) => null),
        (new(@"(^|\.)pos_embed$"), Positions),
        (new(@"(^|\.)patch_embed\.proj\.weight$"), Patches),
        (new(@"(^|\.)relative_position_bias_table$"), RelativePositions),
        (new(@"(^|\.)attention_biases$"), AttentionBiases),
    ];

    /// <summary>The tensor in the model's shape; null where no row applies.</summary>
    public static Tensor? Find(string name, Tensor from, long[] to, IReadOnlyList<PositionEmbedding> positions) => Table
        .Where(row => row.Name.IsMatch(name))
        .Select(row => row.Fit(name, from, to, positions))
        .FirstOrDefault();

    static Tensor? Positions(string name, Tensor from, long[] to, IReadOnlyList<PositionEmbedding> positions)
    {
        if (from.Shape is [1, _, _, var channels] && to is [1, var height, var width, var same] && channels == same)
            return Adapt.PositionMap(from, (int)height, (int)width);
        var grid = positions.FirstOrDefault(p => p.Name == name);
        return grid is not null && from.Shape is [1, var tokens, var dim] && to is [1, _, var newDim] && dim == newDim
            && IsSquare(tokens - grid.Prefix) ? Adapt.PositionEmbedding(from, grid) : null;
    }

    static Tensor? Patches(string name, Tensor from, long[] to, IReadOnlyList<PositionEmbedding> positions) =>
        from.Shape is [var output, var input, _, _] && to is [var o, var i, var height, var width]
            && (output, input) == (o, i)
                ? Adapt.PatchEmbedding(from, (int)height, (int)width,
                    positions is [var grid, ..] ? grid.Filter : default)
                : null;

    /// <summary>BEiT keeps three rows for its class token behind the table; Swin has none.</summary>
    static Tensor? RelativePositions(string name, Tensor from, long[] to, IReadOnlyList<PositionEmbedding> positions)
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

    static Tensor? AttentionBiases(string name, Tensor from, long[] to, IReadOnlyList<PositionEmbedding> positions) =>
        from.Shape is [var heads, var old] && to is [var same, var now] && heads == same
            && IsSquare(old) && IsSquare(now)
            ? Adapt.RelativePositionsLevit(from, to)
            : null;

    static bool IsSquare(long n)
    {
        var root = n < 0 ? -1 : (long)Math.Sqrt(n);
        return root * root == n;
    }
}
