namespace OnnxTimm;

/// <summary>
/// What pairs of pixels in a window have in common by where they lie to each other: a table has a row for each offset,
/// and an index of pairs looks it up. Indices and coordinates are constants that follow from the window alone.
/// </summary>
public static class RelativePosition
{
    /// <summary>How many offsets there are within a window: (2h - 1)(2w - 1).</summary>
    public static int Count((int H, int W) window) => (2 * window.H - 1) * (2 * window.W - 1);

    /// <summary>
    /// The number of the offset from each query (rows) to each key (columns), int32 [L, L], row by row over offsets
    /// (gen_relative_position_index of timm/layers/pos_embed_rel.py). With a class token before the pixels three more
    /// numbers are in use: from it, to it, and from it to itself (arXiv:2106.08254).
    /// </summary>
    public static Value Index(Graph graph, (int H, int W) window, bool classToken = false)
    {
        var length = window.H * window.W + (classToken ? 1 : 0);
        return graph.Const($"relative_position_index_{window.H}x{window.W}{(classToken ? "_class" : "")}",
            () => Tensor.Lazy(() => Pairs(window, classToken ? 1 : 0), length, length));
    }

    static int[] Pairs((int H, int W) window, int before)
    {
        var (length, count) = (window.H * window.W + before, Count(window));
        return
        [
            .. from q in Enumerable.Range(0, length)
               from k in Enumerable.Range(0, length)
               select (q < before, k < before) switch
               {
                   (true, true) => count + 2,
                   (true, false) => count,
                   (false, true) => count + 1,
                   _ => Offset(q - before, k - before, window),
               },
        ];
    }

    static int Offset(int q, int k, (int H, int W) window) =>
        (q / window.W - k / window.W + window.H - 1) * (2 * window.W - 1) + q % window.W - k % window.W + window.W - 1;

    /// <summary>
    /// The bias of each pair [heads, L, L] from a table [(2h - 1)(2w - 1), heads], which has three more rows for a
    /// class token.
    /// </summary>
    public static Value Bias(Value table, (int H, int W) window, bool classToken = false) =>
        table.Gather(Index(table.Graph, window, classToken)).Transpose(2, 0, 1);

    /// <summary>
    /// The number of the distance, regardless of direction, from each query to each key, int32 [Lq, Lk], over a table
    /// of h * w distances (arXiv:2104.01136). Queries may be every so many pixels of the map of keys.
    /// </summary>
    public static Value DistanceIndex(Graph graph, (int H, int W) keys, int stride = 1)
    {
        var (height, width) = ((keys.H + stride - 1) / stride, (keys.W + stride - 1) / stride);
        return graph.Const($"distance_index_{keys.H}x{keys.W}_{stride}", () => Tensor.Lazy(() =>
            (from q in Enumerable.Range(0, height * width)
             from k in Enumerable.Range(0, keys.H * keys.W)
             select Math.Abs(q / width * stride - k / keys.W) * keys.W
                 + Math.Abs(q % width * stride - k % keys.W)).ToArray(),
            height * width, keys.H * keys.W));
    }

    /// <summary>The bias of each pair [heads, Lq, Lk] from a table by distance [heads, h * w].</summary>
    public static Value DistanceBias(Value table, (int H, int W) keys, int stride = 1) =>
        table.Gather(DistanceIndex(table.Graph, keys, stride), axis: 1);

    /// <summary>
    /// Offsets as an MLP reads them [(2h - 1)(2w - 1), 2]: shares of the window (of the one in pretraining, where that
    /// was another), times 8, in a logarithmic scale (arXiv:2111.09883). The one offset of a side of 1 is 0.
    /// </summary>
    /// <param name="graph">The graph.</param>
    /// <param name="window">Sides of the window.</param>
    /// <param name="trained">Sides of the window in pretraining.</param>
    public static Value LogCoordinates(Graph graph, (int H, int W) window, (int H, int W)? trained = null)
    {
        var (h, w) = trained ?? window;
        return Coordinates(graph, $"log_coordinates_{window.H}x{window.W}_{h}x{w}", window,
            dy => Log2Of8(8f * dy / Math.Max(h - 1, 1)), dx => Log2Of8(8f * dx / Math.Max(w - 1, 1)));
    }

    /// <summary>The same without shares: the logarithm of 1 + pixels, signed (timm's mode "cr").</summary>
    public static Value PixelLogCoordinates(Graph graph, (int H, int W) window) => Coordinates(
        graph, $"pixel_log_coordinates_{window.H}x{window.W}", window, SignedLog, SignedLog);

    static Value Coordinates(Graph graph, string key, (int H, int W) window, Func<int, float> y, Func<int, float> x) =>
        graph.Const(key, () => Tensor.Lazy(() =>
            (from dy in Enumerable.Range(1 - window.H, 2 * window.H - 1)
             from dx in Enumerable.Range(1 - window.W, 2 * window.W - 1)
             from coordinate in new[] { y(dy), x(dx) }
             select coordinate).ToArray(),
            Count(window), 2));

    static float Log2Of8(float share) => MathF.Sign(share) * MathF.Log2(MathF.Abs(share) + 1) / 3;

    static float SignedLog(int offset) => MathF.Sign(offset) * MathF.Log(1 + MathF.Abs(offset));

    /// <summary>
    /// A table [(2h - 1)(2w - 1), heads] by an MLP over coordinates [(2h - 1)(2w - 1), 2], whose last layer has no
    /// bias.
    /// </summary>
    public static Value MlpTable(Value coordinates, Scope fc1, Scope fc2, int hidden, int heads) =>
        coordinates.Linear(fc1, hidden).Relu().Linear(fc2, heads, bias: false);

    /// <summary>
    /// A table [(2h - 1)(2w - 1), heads] by an MLP over <see cref="PixelLogCoordinates"/>; parameters <c>fc1</c>,
    /// <c>fc2</c> (timm's RelPosMlp, mode "cr").
    /// </summary>
    public static Value PixelMlpTable(Scope mlp, (int H, int W) window, int hidden, int heads) =>
        PixelLogCoordinates(mlp.Graph, window).Linear(mlp["fc1"], hidden).Relu().Dropout(0.125)
            .Linear(mlp["fc2"], heads);

    /// <summary>
    /// What queries [N, heads, L, d] make of the places of keys, [N, heads, L, keys]: their products with a vector for
    /// each distance down and one for each across (arXiv:2101.11605). Parameters <c>height_rel</c>, <c>width_rel</c>.
    /// </summary>
    /// <param name="q">Queries, row by row over a map.</param>
    /// <param name="s">Scope of the vectors.</param>
    /// <param name="queries">Sides of the map of queries.</param>
    /// <param name="keys">Sides of the map of keys.</param>
    public static Value Logits(Value q, Scope s, (int H, int W) queries, (int H, int W) keys)
    {
        var init = Init.TruncNormal(1 / Math.Sqrt(q.Features));
        var down = s.Param("height_rel", init, 2 * keys.H - 1, q.Features);
        var across = s.Param("width_rel", init, 2 * keys.W - 1, q.Features);
        return Logits(q, Distances(down, queries.H, keys.H), Distances(across, queries.W, keys.W), queries, keys);
    }

    /// <summary>
    /// The same by given vectors, counted from key to query (arXiv:2112.01526, 2203.16527): of a smaller map they are
    /// every so many pixels of the larger one.
    /// </summary>
    /// <param name="q">Queries [N, heads, L, d], row by row over a map.</param>
    /// <param name="vectors">Vectors [2 * max - 1, d] of distances down and across.</param>
    /// <param name="queries">Sides of the map of queries.</param>
    /// <param name="keys">Sides of the map of keys.</param>
    public static Value Decomposed(Value q, (Value Down, Value Across) vectors, (int H, int W) queries,
        (int H, int W) keys) =>
        Logits(q, Spaced(vectors.Down, queries.H, keys.H), Spaced(vectors.Across, queries.W, keys.W), queries, keys);

    static Value Logits(Value q, Value down, Value across, (int H, int W) queries, (int H, int W) keys)
    {
        var (n, heads) = (q.Shape[0], (int)q.Shape[1].Size);
        var map = q.Reshape(n * heads, queries.H, queries.W, q.Features);
        var rows = map.MatMul(down);
        var columns = map.Transpose(0, 2, 1, 3).MatMul(across).Transpose(0, 2, 1, 3);
        return (rows.Reshape(n * heads, queries.H * queries.W, keys.H, 1)
            + columns.Reshape(n * heads, queries.H * queries.W, 1, keys.W))
            .Reshape(n, heads, queries.H * queries.W, keys.H * keys.W);
    }

    /// <summary>The vector of the distance from each query to each key along a side: [queries, d, keys].</summary>
    static Value Distances(Value vectors, int queries, int keys) =>
        Pairs(vectors, $"distances_{queries}_{keys}", queries, keys, (i, j) => j - i + keys - 1);

    static Value Spaced(Value vectors, int queries, int keys)
    {
        var (ofQuery, ofKey) = (Math.Max((double)keys / queries, 1), Math.Max((double)queries / keys, 1));
        return Pairs(vectors, $"spaced_distances_{queries}_{keys}", queries, keys,
            (i, j) => (int)(i * ofQuery - j * ofKey + (keys - 1) * ofKey));
    }

    static Value Pairs(Value vectors, string key, int queries, int keys, Func<int, int, int> at) => vectors
        .Gather(vectors.Graph.Const(key, () => Tensor.Lazy(() =>
            (from i in Enumerable.Range(0, queries)
             from j in Enumerable.Range(0, keys)
             select at(i, j)).ToArray(), queries, keys)))
        .Transpose(0, 2, 1);
}
