namespace OnnxTimm;

/// <summary>Which two channels a rotary embedding turns against each other.</summary>
public enum RopePairs
{
    /// <summary>Channels 2i and 2i + 1.</summary>
    Neighbours,

    /// <summary>Channels i and i + d / 2.</summary>
    Halves,

    /// <summary>Channels i and i + d / 4 of each half: each axis has a half of the channels for itself.</summary>
    Quarters,
}

/// <summary>
/// Rotary position embedding (arXiv:2104.09864): pairs of channels are turned by angles that grow with a token's
/// position. Tables are constants that follow from the grid, or are computed from learned frequencies.
/// </summary>
/// <param name="Sin">Sines of the angles [L, d] or [heads, L, d].</param>
/// <param name="Cos">Cosines of the angles.</param>
/// <param name="Turn">The quarter turn [d, d] of each pair.</param>
public readonly record struct Rope(Value Sin, Value Cos, Value Turn)
{
    /// <summary>The angles [L, d], where tables follow from a grid.</summary>
    public Func<Value>? AngleTable { get; init; }

    /// <summary>
    /// The same with positions that each step of a training multiplies by a factor, drawn for all blocks alike (the
    /// rescaling of coordinates of arXiv:2508.10104).
    /// </summary>
    /// <param name="most">The largest factor; the smallest is its reciprocal.</param>
    public Rope RescaledInTraining(double most)
    {
        var angles = AngleTable!();
        return this with
        {
            Sin = Sin.Rescaled(angles, "Sin", most, "rope"),
            Cos = Cos.Rescaled(angles, "Cos", most, "rope"),
        };
    }

    /// <summary>Queries or keys [N, heads, L, d], turned.</summary>
    public Value Rotate(Value x) => x * Cos + x.MatMul(Turn) * Sin;

    /// <summary>
    /// Over a grid of tokens: the first half of the pairs turns with the row, the second with the column.
    /// </summary>
    /// <param name="graph">The graph.</param>
    /// <param name="positions">Positions of rows and of columns.</param>
    /// <param name="bands">Angles at position 1, of d / 4 pairs an axis.</param>
    /// <param name="pairs">Which channels are a pair.</param>
    /// <param name="prefix">Tokens before the grid, which are not turned.</param>
    /// <param name="columnsFirst">The first half turns with the column instead (timm's grid_indexing "xy").</param>
    public static Rope Of(Graph graph, (float[] Rows, float[] Columns) positions, float[] bands,
        RopePairs pairs = RopePairs.Neighbours, int prefix = 0, bool columnsFirst = false)
    {
        var (length, d) = (prefix + positions.Rows.Length * positions.Columns.Length, 4 * bands.Length);
        return new(Table(Math.Sin), Table(Math.Cos), QuarterTurn(graph, d, pairs))
        {
            AngleTable = () => Table(angle => angle),
        };

        Value Table(Func<double, double> f) => graph.Const(Tensor.Lazy(() => (
            from angles in Enumerable.Repeat(new float[d / 2], prefix)
                .Concat(Angles(positions, bands, columnsFirst))
            from j in Enumerable.Range(0, d)
            select (float)f(angles[AngleOf(j, d, pairs)])).ToArray(), length, d));
    }

    /// <summary>The angle, of d / 2, that turns a channel.</summary>
    static int AngleOf(int channel, int d, RopePairs pairs) => pairs switch
    {
        RopePairs.Halves => channel % (d / 2),
        RopePairs.Quarters => channel / (d / 2) * (d / 4) + channel % (d / 4),
        _ => channel / 2,
    };

    static IEnumerable<float[]> Angles((float[] Rows, float[] Columns) positions, float[] bands, bool columnsFirst) =>
        from y in positions.Rows
        from x in positions.Columns
        select (float[])[.. bands.Select(b => b * (columnsFirst ? x : y)), .. bands.Select(b => b * (columnsFirst
            ? y : x))];

    /// <summary>
    /// By learned frequencies of both axes (arXiv:2403.13298), neighbours turned; for each head its own.
    /// </summary>
    /// <param name="first">Frequencies [heads, 1, d / 2] along the first axis.</param>
    /// <param name="second">The same along the second.</param>
    /// <param name="grid">Rows and columns of tokens.</param>
    /// <param name="prefix">Tokens before the grid, which are not turned.</param>
    /// <param name="columnsFirst">The first axis is that of columns (timm's grid_indexing "xy").</param>
    public static Rope Mixed(Value first, Value second, (int H, int W) grid, int prefix, bool columnsFirst)
    {
        var (graph, half, length) = (first.Graph, first.Features, prefix + grid.H * grid.W);
        var (rows, columns) = (Axis("rows", i => i / grid.W), Axis("columns", i => i % grid.W));
        var angles = columnsFirst ? columns * first + rows * second : rows * first + columns * second;
        var twice = graph.Const($"rope_twice_{half}", () => Tensor.Lazy(() => Matrix(half, 2 * half,
            (i, j) => j / 2 == i ? 1 : 0), half, 2 * half));
        return new(angles.Sin().MatMul(twice), angles.Cos().MatMul(twice),
            QuarterTurn(graph, 2 * half, RopePairs.Neighbours));

        Value Axis(string name, Func<int, int> of) => graph.Const(
            $"rope_{name}_{grid.H}x{grid.W}_{prefix}", () => Tensor.Lazy(() => (float[])
                [.. new float[prefix], .. Enumerable.Range(0, grid.H * grid.W).Select(i => (float)of(i))], length, 1));
    }

    /// <summary>
    /// Positions along both axes of a grid, from an offset on; as if the grid were one of another size, where that is
    /// given: that of pretraining.
    /// </summary>
    public static (float[] Rows, float[] Columns) Positions((int H, int W) grid, (int H, int W)? reference = null,
        float offset = 0)
    {
        return (Along(grid.H, reference?.H), Along(grid.W, reference?.W));

        float[] Along(int size, int? as_) =>
            [.. Enumerable.Range(0, size).Select(i => as_ is { } r ? (i + offset) / size * r : i + offset)];
    }

    /// <summary>Positions along both axes that go from -1 to 1 (timm's in_pixels).</summary>
    public static (float[] Rows, float[] Columns) EdgePositions((int H, int W) grid)
    {
        return (Along(grid.H), Along(grid.W));

        static float[] Along(int size) =>
            [.. Enumerable.Range(0, size).Select(i => size == 1 ? -1 : 2f * i / (size - 1) - 1)];
    }

    /// <summary>Middles of pixels along both axes in [-1, 1], whatever the size (arXiv:2508.10104).</summary>
    public static (float[] Rows, float[] Columns) UnitPositions((int H, int W) grid, float offset = 0)
    {
        return (Along(grid.H), Along(grid.W));

        float[] Along(int size) => [.. Enumerable.Range(0, size).Select(i => 2 * ((i + 0.5f + offset) / size) - 1)];
    }

    /// <summary>Angles that fall geometrically from 1 to one over the temperature (timm's freq_bands).</summary>
    public static float[] Bands(int count, double temperature) =>
        [.. Enumerable.Range(0, count).Select(i => 1 / MathF.Pow((float)temperature, (float)i / count))];

    /// <summary>Angles of pixel frequencies up to a resolution (timm's pixel_freq_bands), for positions in [-1, 1].
    /// </summary>
    public static float[] PixelBands(int count, double resolution, bool linear)
    {
        return [.. Enumerable.Range(0, count).Select(i => MathF.PI * (float)(linear
            ? 1 + Share(i) * (resolution / 2 - 1)
            : Math.Pow(2, Share(i) * (Math.Log2(resolution) - 1))))];

        double Share(int i) => count == 1 ? 0 : (double)i / (count - 1);
    }

    static Value QuarterTurn(Graph graph, int d, RopePairs pairs)
    {
        return graph.Const($"quarter_turn_{d}_{pairs}", () => Tensor.Lazy(() => pairs switch
        {
            RopePairs.Halves => Apart(d / 2),
            RopePairs.Quarters => Apart(d / 4),
            _ => Matrix(d, d, (i, j) => i / 2 != j / 2 ? 0 : j - i),
        }, d, d));

        float[] Apart(int distance) => Matrix(d, d, (i, j) => i / (2 * distance) != j / (2 * distance) ? 0
            : i == j + distance ? -1 : i + distance == j ? 1 : 0);
    }

    static float[] Matrix(int rows, int columns, Func<int, int, float> at) =>
        [.. from i in Enumerable.Range(0, rows) from j in Enumerable.Range(0, columns) select at(i, j)];
}
