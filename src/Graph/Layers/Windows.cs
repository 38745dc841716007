namespace OnnxTimm;

// Maps here are [N, H, W, C], as the transformers that cut them into windows keep them; whole windows are cut out of
// [N, C, H, W] as well, and put together as what they were cut from.
public static partial class Layers
{
    /// <summary>
    /// A map cut into windows, row by row: tokens [N * windows, h * w, C]. Its sides are multiples of the window's.
    /// </summary>
    public static Value Windows(this Value map, (int H, int W) window)
    {
        var (rows, columns) = Counts(map, window);
        var (n, c) = (map.Shape[0], Depth(map));
        return (IsFirst(map)
                ? map.Reshape(n, c, rows, window.H, columns, window.W).Transpose(0, 2, 4, 3, 5, 1)
                : map.Reshape(n, rows, window.H, columns, window.W, c).Transpose(0, 1, 3, 2, 4, 5))
            .Reshape(n * (rows * columns), window.H * window.W, c);
    }

    /// <summary>Tokens of windows [N * windows, h * w, C] as a map like the one that was cut.</summary>
    public static Value Unwindowed(this Value tokens, Value map, (int H, int W) window)
    {
        var (rows, columns) = Counts(map, window);
        var cut = tokens.Reshape(map.Shape[0], rows, columns, window.H, window.W, tokens.Features);
        return (IsFirst(map) ? cut.Transpose(0, 5, 1, 3, 2, 4) : cut.Transpose(0, 1, 3, 2, 4, 5))
            .AsMapLike(map, tokens.Features);
    }

    /// <summary>
    /// A map cut into as many windows as one has pixels elsewhere: each takes every (H / h)-th row and (W / w)-th
    /// column, so that it spans the map (arXiv:2204.01697). Tokens [N * windows, h * w, C].
    /// </summary>
    public static Value GridWindows(this Value map, (int H, int W) grid)
    {
        var (rows, columns) = Counts(map, grid);
        var (n, c) = (map.Shape[0], Depth(map));
        return (IsFirst(map)
                ? map.Reshape(n, c, grid.H, rows, grid.W, columns).Transpose(0, 3, 5, 2, 4, 1)
                : map.Reshape(n, grid.H, rows, grid.W, columns, c).Transpose(0, 2, 4, 1, 3, 5))
            .Reshape(n * (rows * columns), grid.H * grid.W, c);
    }

    /// <summary>Tokens of grid windows as a map like the one that was cut.</summary>
    public static Value Ungridded(this Value tokens, Value map, (int H, int W) grid)
    {
        var (rows, columns) = Counts(map, grid);
        var cut = tokens.Reshape(map.Shape[0], rows, columns, grid.H, grid.W, tokens.Features);
        return (IsFirst(map) ? cut.Transpose(0, 5, 3, 1, 4, 2) : cut.Transpose(0, 3, 1, 4, 2, 5))
            .AsMapLike(map, tokens.Features);
    }

    static Value AsMapLike(this Value pixels, Value map, int channels)
    {
        var (height, width) = Sides(map);
        return IsFirst(map)
            ? pixels.Reshape(map.Shape[0], channels, height, width).As(Layout.ChannelsFirst)
            : pixels.Reshape(map.Shape[0], height, width, channels).As(Layout.ChannelsLast);
    }

    static bool IsFirst(Value map) => map.Layout == Layout.ChannelsFirst;

    static int Depth(Value map) => (int)map.Shape[IsFirst(map) ? 1 : 3].Size;

    static (int H, int W) Sides(Value map) =>
        IsFirst(map) ? (map.Height, map.Width) : ((int)map.Shape[1].Size, (int)map.Shape[2].Size);

    /// <summary>How many windows lie along height and width.</summary>
    static (int Rows, int Columns) Counts(Value map, (int H, int W) window) =>
        Sides(map) is var (h, w) && window is { H: > 0, W: > 0 } && h % window.H == 0 && w % window.W == 0
            ? (h / window.H, w / window.W)
            : throw new InvalidOperationException($"{map} has no whole number of windows of {window.H} x {window.W}.");

    /// <summary>A map [N, H, W, C] with zeros below and right, so that windows fit.</summary>
    public static Value PadToWindows(this Value map, (int H, int W) window)
    {
        var (height, width) = Sides(map.OnLast());
        return map.Pad([0, 0, 0, 0, 0, (window.H - height % window.H) % window.H,
            (window.W - width % window.W) % window.W, 0]);
    }

    /// <summary>The upper left part of a map [N, H, W, C].</summary>
    public static Value CropTo(this Value map, int height, int width) =>
        Sides(map.OnLast()) == (height, width) ? map : map.Slice([1, 2], [0, 0], [height, width]);

    static Value OnLast(this Value map) => !IsFirst(map) ? map
        : throw new InvalidOperationException($"{map} has its channels first: ChannelsLast() before it is padded, cut "
            + "or rolled.");

    /// <summary>
    /// A map [N, H, W, C] moved down and right around its edges, as torch.roll does; negative is up and left.
    /// </summary>
    public static Value Roll(this Value map, int dy, int dx) => map.OnLast().RollAlong(1, dy).RollAlong(2, dx);

    static Value RollAlong(this Value x, int axis, int by)
    {
        var size = x.Shape[axis].Size;
        var end = (by % size + size) % size;
        if (end == 0)
            return x;
        var parts = x.Split([size - end, end], axis);
        return new[] { parts[1], parts[0] }.Concat(axis);
    }

    /// <summary>Scores [N * windows, heads, L, L] with what a mask [windows, 1, L, L] adds; without one as they are.
    /// </summary>
    public static Value Masked(this Value scores, Value? mask)
    {
        if (mask is null)
            return scores;
        var (s, windows) = (scores.Shape, mask.Shape[0]);
        return (scores.Reshape(s[0] / windows, windows, s[1], s[2], s[3]) + mask).Reshape(s);
    }

    /// <summary>
    /// What keeps apart the parts of windows that a roll has brought together (arXiv:2103.14030): [windows, 1, L, L],
    /// 0 between pixels of one part, -100 elsewhere; null without a shift. One constant for all who ask.
    /// </summary>
    /// <param name="graph">The graph.</param>
    /// <param name="map">Height and width of the map, multiples of the window's.</param>
    /// <param name="window">Sides of a window.</param>
    /// <param name="shift">How far the map was rolled up and left.</param>
    public static Value? ShiftMask(this Graph graph, (int H, int W) map, (int H, int W) window, (int H, int W) shift)
    {
        if (shift == (0, 0))
            return null;
        var (count, pixels) = (map.H / window.H * (map.W / window.W), window.H * window.W);
        return graph.Const(
            $"shift_mask_{map.H}x{map.W}_{window.H}x{window.W}_{shift.H}x{shift.W}",
            () => Tensor.Lazy(() => Mask(map, window, shift), count, 1, pixels, pixels));
    }

    static float[] Mask((int H, int W) map, (int H, int W) window, (int H, int W) shift)
    {
        var columns = map.W / window.W;
        var pixels = window.H * window.W;
        var parts = Enumerable.Range(0, map.H * map.W).Select(i =>
        {
            var (at, pixel) = (i / pixels, i % pixels);
            return 3 * Part(at / columns * window.H + pixel / window.W, map.H, window.H, shift.H)
                + Part(at % columns * window.W + pixel % window.W, map.W, window.W, shift.W);
        }).Chunk(pixels);
        return [.. parts.SelectMany(p => p.SelectMany(a => p.Select(b => a == b ? 0f : -100f)))];
    }

    /// <summary>Which of three parts a row of a rolled map is in; without a shift there is one.</summary>
    static int Part(int at, int size, int window, int shift) =>
        shift == 0 || at < size - window ? 0 : at < size - shift ? 1 : 2;

    /// <summary>
    /// Windows of a map [N, C, H, W] that may overlap: [N, C, rows, h, columns, w], every stride pixels from the upper
    /// left (torch.Tensor.unfold along both axes). Pad first where windows hang over.
    /// </summary>
    public static Value Unfold(this Value map, (int H, int W) window, (int H, int W) stride) =>
        map.Unfold(2, window.H, stride.H).Unfold(4, window.W, stride.W);

    /// <summary>
    /// Windows that <c>Unfold</c> cut of a padded map, put back on the map [N, C, H, W]: what lies on one pixel is
    /// summed (torch.nn.functional.fold).
    /// </summary>
    /// <param name="windows">[N, C, rows, h, columns, w].</param>
    /// <param name="map">Height and width of the map.</param>
    /// <param name="stride">Steps of the windows.</param>
    /// <param name="pad">How far the first windows hang over.</param>
    public static Value Fold(this Value windows, (int H, int W) map, (int H, int W) stride, int pad)
    {
        var (s, graph) = (windows.Shape, windows.Graph);
        var flat = windows.Reshape(s[0], s[1], s[2] * s[3], s[4] * s[5]);
        var rows = FoldMatrix(graph, map.H, (int)s[2].Size, (int)s[3].Size, stride.H, pad);
        var columns = FoldMatrix(graph, map.W, (int)s[4].Size, (int)s[5].Size, stride.W, pad);
        return rows.MatMul(flat).MatMul(columns.Transpose(1, 0)).As(Layout.ChannelsFirst);
    }

    /// <summary>Which pixel each tap of each window lies on: [pixels, windows * taps].</summary>
    static Value FoldMatrix(Graph graph, int pixels, int windows, int taps, int stride, int pad) => graph.Const(
        $"fold_{pixels}_{windows}x{taps}_{stride}_{pad}", () => Tensor.Lazy(
            () => (from p in Enumerable.Range(0, pixels)
                   from tap in Enumerable.Range(0, windows * taps)
                   select tap / taps * stride + tap % taps - pad == p ? 1f : 0).ToArray(),
            pixels, windows * taps));

    static Value Unfold(this Value x, int axis, int window, int stride)
    {
        var count = ((int)x.Shape[axis].Size - window) / stride + 1;
        var indices = x.Graph.Const($"unfold_{count}x{window}_{stride}", () => Tensor.Lazy(
            () => Enumerable.Range(0, count * window).Select(i => i / window * stride + i % window).ToArray(),
            count, window));
        return x.Gather(indices, axis);
    }
}
