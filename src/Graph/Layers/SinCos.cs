namespace OnnxTimm;

public static partial class Layers
{
    /// <summary>
    /// Positions of a grid as sines and cosines of geometric frequencies (build_sincos2d_pos_embed of
    /// timm/layers/pos_embed_sincos.py): a constant [h * w, dim], sines of rows and columns, then cosines.
    /// </summary>
    /// <param name="graph">The graph.</param>
    /// <param name="grid">Rows and columns.</param>
    /// <param name="dim">Width, a multiple of 4.</param>
    /// <param name="temperature">Ratio of the largest to the smallest frequency.</param>
    /// <param name="byAxis">All of an axis together: its sines, then its cosines.</param>
    public static Value SinCosPositions(this Graph graph, (int H, int W) grid, int dim, double temperature = 10000,
        bool byAxis = false)
    {
        var bands = Rope.Bands(dim / 4, temperature);
        Func<double, double>[] functions = [Math.Sin, Math.Cos];
        return graph.Const($"sin_cos_{grid.H}x{grid.W}x{dim}_{temperature}_{byAxis}",
            () => Tensor.Lazy(() => Enumerable.Range(0, grid.H * grid.W).SelectMany(Row).ToArray(),
                grid.H * grid.W, dim));

        IEnumerable<float> Row(int i)
        {
            int[] axes = [i / grid.W, i % grid.W];
            return byAxis
                ? axes.SelectMany(at => functions.SelectMany(f => bands.Select(b => (float)f(at * b))))
                : functions.SelectMany(f => axes.SelectMany(at => bands.Select(b => (float)f(at * b))));
        }
    }

    /// <summary>
    /// Positions of a grid in circles: rows and columns as shares of a turn, each by sines and cosines of 16 geometric
    /// frequencies in turns (arXiv:2106.09681): a constant [h * w, 64].
    /// </summary>
    public static Value FourierPositions(this Graph graph, (int H, int W) grid, double temperature = 10000)
    {
        const int width = 32;
        var bands = Rope.Bands(width / 2, temperature);
        return graph.Const($"fourier_{grid.H}x{grid.W}_{temperature}", () => Tensor.Lazy(() => (
            from y in Enumerable.Range(0, grid.H)
            from x in Enumerable.Range(0, grid.W)
            from axis in new[] { 0, 1 }
            from channel in Enumerable.Range(0, width)
            let turn = axis == 0 ? Turn(y, grid.H) : Turn(x, grid.W)
            let angle = turn * bands[channel / 2]
            select channel % 2 == 0 ? MathF.Sin(angle) : MathF.Cos(angle)).ToArray(), grid.H * grid.W, 2 * width));

        static float Turn(int at, int size) => (at + 1) / (size + 1e-6f) * 2 * MathF.PI;
    }
}
