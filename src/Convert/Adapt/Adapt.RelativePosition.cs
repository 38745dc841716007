namespace OnnxTimm.Conversion;

public static partial class Adapt
{
    /// <summary>
    /// A table of relative position biases for another window, interpolated linearly between places in geometric
    /// progression, so that near offsets keep their resolution (resize_rel_pos_bias_table of
    /// timm/layers/pos_embed_rel.py; BEiT).
    /// </summary>
    /// <param name="table">[(2h - 1)(2w - 1) + class rows, heads], or [heads, 2h - 1, 2w - 1].</param>
    /// <param name="height">New height of the window.</param>
    /// <param name="width">New width of the window.</param>
    /// <param name="shape">The shape that the model expects, which tells the number of class rows.</param>
    public static Tensor RelativePositions(Tensor table, int height, int width, long[] shape) =>
        Table(table, height, width, shape, Geometric);

    /// <summary>The same by bicubic interpolation (resize_rel_pos_bias_table_simple; Swin, MaxViT).</summary>
    public static Tensor RelativePositionsSimple(Tensor table, int height, int width, long[] shape) =>
        Table(table, height, width, shape, Resampling.Bicubic.Matrix);

    /// <summary>
    /// A square table per head without class rows, by antialiased bicubic interpolation
    /// (resize_rel_pos_bias_table_levit; TinyViT).
    /// </summary>
    /// <param name="table">[heads, side * side].</param>
    /// <param name="shape">[heads, new side * new side].</param>
    public static Tensor RelativePositionsLevit(Tensor table, long[] shape)
    {
        if (table.Shape[1] == shape[1])
            return table;
        var matrix = Resampling.BicubicAntialiased.Matrix((int)Math.Sqrt(table.Shape[1]), (int)Math.Sqrt(shape[1]));
        return Computed.Like(table, shape, values => Resampling.Apply(values, (int)shape[0], 1, matrix, matrix));
    }

    /// <summary>
    /// Vectors of the distances along a side, by linear interpolation (checkpoint_filter_fn of timm/models/mvitv2.py).
    /// </summary>
    /// <param name="vectors">[2n - 1, d].</param>
    /// <param name="shape">The same of another side.</param>
    public static Tensor DistanceVectors(Tensor vectors, long[] shape)
    {
        var matrix = Resampling.Bilinear.Matrix((int)vectors.Shape[0], (int)shape[0]);
        return Computed.Like(vectors, shape, values =>
            Resampling.Apply(values, 1, (int)shape[1], matrix, new double[,] { { 1 } }));
    }

    static Tensor Table(Tensor table, int height, int width, long[] shape, Func<int, int, double[,]> resize)
    {
        var to = (Height: 2 * height - 1, Width: 2 * width - 1);
        return table.Shape switch
        {
            [var heads, var h, var w] => (h, w) == to ? table : Computed.Like(table, [heads, to.Height, to.Width],
                values => Resampling.Apply(
                    values, (int)heads, 1, resize((int)h, to.Height), resize((int)w, to.Width))),
            [var rows, var heads] => Flat(table, (int)rows, (int)heads, to, (int)shape[0], resize),
            _ => throw new UserException($"A table of relative positions has 2 or 3 dimensions, this one is {table}."),
        };
    }

    static Tensor Flat(Tensor table, int rows, int heads, (int Height, int Width) to, int newRows,
        Func<int, int, double[,]> resize)
    {
        var extra = newRows - to.Height * to.Width;
        var side = (int)Math.Sqrt(rows - extra);
        if (extra < 0 || side * side != rows - extra)
            throw new UserException($"A table of {rows} relative positions is no square with {extra} class rows.");
        if ((side, side) == to)
            return table;
        return Computed.Like(table, [newRows, heads], values =>
        [
            .. Resampling.Apply(values, 1, heads, resize(side, to.Height), resize(side, to.Width)),
            .. values.AsSpan(side * side * heads),
        ]);
    }

    /// <summary>Linear interpolation from places 0, ±1, ±(1 + q), ±(1 + q + q²) ... to the integers.</summary>
    static double[,] Geometric(int from, int to)
    {
        var places = Places(from, to);
        var matrix = new double[to, from];
        for (var i = 0; i < to; i++)
        {
            var x = i - to / 2;
            var right = Array.FindIndex(places, place => place >= x);
            if (right <= 0)
                matrix[i, right < 0 ? from - 1 : 0] = 1;
            else
            {
                var share = (x - places[right - 1]) / (places[right] - places[right - 1]);
                matrix[i, right - 1] = 1 - share;
                matrix[i, right] = share;
            }
        }
        return matrix;
    }

    /// <summary>Places of the old samples, with the ratio q that spreads them over the new range.</summary>
    static double[] Places(int from, int to)
    {
        var (low, high, q) = (1.01, 1.5, 0.0);
        while (high - low > 1e-6)
        {
            q = (low + high) / 2;
            if ((1 - Math.Pow(q, from / 2)) / (1 - q) > to / 2)
                high = q;
            else
                low = q;
        }
        var half = new double[from / 2];
        for (var (i, place) = (0, 1.0); i < half.Length; place += Math.Pow(q, ++i))
            half[i] = place;
        return [.. half.Reverse().Select(place => -place), 0, .. half];
    }
}
