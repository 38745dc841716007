namespace OnnxTimm.Conversion;

/// <summary>
/// Tensors whose size follows the image, and how they are brought from the size in the file to the model's: what timm
/// does in the checkpoint_filter_fn of each family. The model says which they are; kernels of patches, which follow
/// what a file was made for, go by their name.
/// </summary>
static class Fits
{
    /// <summary>The tensor in the model's shape; null where nothing fits it.</summary>
    public static Tensor? Find(string name, Tensor from, long[] to, IReadOnlyDictionary<string, Fit> fits) =>
        fits.GetValueOrDefault(name) switch
        {
            Fit.Grid grid => Positions(grid, from, to),
            Fit.Bias window => Biases(window, from, to),
            Fit.Window => Distances(from, to),
            Fit.Distances => Vectors(from, to),
            _ => $".{name}".EndsWith(".patch_embed.proj.weight", StringComparison.Ordinal)
                ? Patches(from, to, fits.Values.OfType<Fit.Grid>().FirstOrDefault()?.Filter ?? default)
                : null,
        };

    static Tensor? Positions(Fit.Grid grid, Tensor from, long[] to)
    {
        if (from.Shape is [1, _, _, var channels] && to is [1, var height, var width, var same] && channels == same)
            return Adapt.PositionMap(from, (int)height, (int)width);
        return from.Shape is [1, var tokens, var dim] && to is [1, _, var newDim] && dim == newDim
            && IsSquare(tokens - grid.Prefix) ? Adapt.PositionEmbedding(from, grid) : null;
    }

    /// <summary>A linear layer over pixels with their channels first was a convolution of patches once.</summary>
    static Tensor? Patches(Tensor from, long[] to, GridFilter filter) =>
        from.Shape is [var rows, var pixels] && to is [var all, ..] && rows == all && pixels * rows == Count(to)
            ? from.Reshape(to)
        : from.Shape is [var output, var input, _, _] && to is [var o, var i, var height, var width]
            && (output, input) == (o, i) ? Adapt.PatchEmbedding(from, (int)height, (int)width, filter) : null;

    static Tensor? Biases(Fit.Bias window, Tensor from, long[] to)
    {
        var extra = to is [var rows, _] ? rows - RelativePosition.Count((window.Height, window.Width)) : 0;
        var isAlike = (from.Shape, to) switch
        {
            ([var heads, _, _], [var same, _, _]) => heads == same,
            ([var old, var heads], [_, var same]) => heads == same && IsSquare(old - extra),
            _ => false,
        };
        return isAlike ? Adapt.RelativePositions(from, window.Height, window.Width, to) : null;
    }

    static Tensor? Distances(Tensor from, long[] to) =>
        from.Shape is [var heads, var old] && to is [var same, var now] && heads == same
            && IsSquare(old) && IsSquare(now) ? Adapt.RelativePositionsLevit(from, to) : null;

    static Tensor? Vectors(Tensor from, long[] to) =>
        from.Shape is [_, var d] && to is [_, var same] && d == same ? Adapt.DistanceVectors(from, to) : null;

    static long Count(long[] shape) => shape.Aggregate(1L, (product, size) => product * size);

    static bool IsSquare(long n)
    {
        var root = n < 0 ? -1 : (long)Math.Sqrt(n);
        return root * root == n;
    }
}
