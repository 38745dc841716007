namespace OnnxTimm;

/// <summary>
/// Resizing along one axis as a matrix: row i of a matrix [to, from] holds the weights with which the old samples make
/// new sample i. Images are resized by one matrix a side (PyTorch, F.interpolate).
/// </summary>
/// <param name="Name">The rule, for names of constants.</param>
/// <param name="Matrix">The matrix of a size before and a size after.</param>
public sealed record Resampling(string Name, Func<int, int, double[,]> Matrix)
{
    /// <summary>The old sample under each new one (<c>mode="nearest"</c>).</summary>
    public static Resampling Nearest { get; } = new("nearest", (from, to) => Rows(from, to, i => [
        ((int)Math.Min((float)from / to * i, from - 1), 1)]));

    /// <summary>Two taps, edges repeated (<c>mode="bilinear"</c>).</summary>
    public static Resampling Bilinear { get; } = new("bilinear", (from, to) =>
        Taps(from, to, i => Math.Max(0, Middle(i, from, to)), 1, Tent));

    /// <summary>Two taps; the first and last samples keep their places (<c>align_corners=True</c>).</summary>
    public static Resampling BilinearCorners { get; } = new("bilinear_corners", (from, to) =>
        Taps(from, to, i => Corner(i, from, to), 1, Tent));

    /// <summary>Bilinear, whose kernel widens when an image shrinks (<c>antialias=True</c>).</summary>
    public static Resampling BilinearAntialiased { get; } = new("bilinear_antialiased", (from, to) =>
        Widened(from, to, 1, Tent));

    /// <summary>Bicubic, a = -0.75: four taps, edges repeated (<c>mode="bicubic"</c>).</summary>
    public static Resampling Bicubic { get; } = new("bicubic", (from, to) =>
        Taps(from, to, i => Middle(i, from, to), 2, x => Cubic(x, -0.75)));

    /// <summary>Bicubic, a = -0.75, the first and last samples kept in place (<c>align_corners=True</c>).</summary>
    public static Resampling BicubicCorners { get; } = new("bicubic_corners", (from, to) =>
        Taps(from, to, i => Corner(i, from, to), 2, x => Cubic(x, -0.75)));

    /// <summary>
    /// Bicubic, a = -0.5, whose kernel widens when an image shrinks (<c>mode="bicubic", antialias=True</c>).
    /// </summary>
    public static Resampling BicubicAntialiased { get; } = new("bicubic_antialiased", (from, to) =>
        Widened(from, to, 2, x => Cubic(x, -0.5)));

    /// <summary>Means of bins that may overlap and differ by one sample (<c>adaptive_avg_pool2d</c>).</summary>
    public static Resampling AdaptiveMean { get; } = new("adaptive_mean", (from, to) => Rows(from, to, i =>
    {
        var (first, end) = (i * from / to, ((i + 1) * from + to - 1) / to);
        return Enumerable.Range(first, end - first).Select(tap => (tap, 1.0 / (end - first)));
    }));

    /// <summary>
    /// The pseudo-inverse of the same, for kernels: what a kernel says of an image, the new one says of the resized
    /// image (FlexiViT, arXiv:2212.08013). That of a Kronecker product is the product of one a side.
    /// </summary>
    public Resampling Inverse =>
        new($"{Name}_inverse", (from, to) => PseudoInverse.Transposed(Matrix(from, to)));

    /// <summary>Applies one matrix a side to every map of an array [outer, height, width, inner].</summary>
    public static float[] Apply(
        ReadOnlySpan<float> from, int outer, int inner, double[,] rows, double[,] columns)
    {
        var (height, width) = (rows.GetLength(1), columns.GetLength(1));
        var (newHeight, newWidth) = (rows.GetLength(0), columns.GetLength(0));
        var to = new float[outer * newHeight * newWidth * inner];
        var wide = new double[height, newWidth];
        for (var o = 0; o < outer; o++)
            for (var channel = 0; channel < inner; channel++)
            {
                for (var y = 0; y < height; y++)
                    for (var x = 0; x < newWidth; x++)
                    {
                        var sum = 0.0;
                        for (var k = 0; k < width; k++)
                            sum += columns[x, k] * from[((o * height + y) * width + k) * inner + channel];
                        wide[y, x] = sum;
                    }
                for (var y = 0; y < newHeight; y++)
                    for (var x = 0; x < newWidth; x++)
                    {
                        var sum = 0.0;
                        for (var k = 0; k < height; k++)
                            sum += rows[y, k] * wide[k, x];
                        to[((o * newHeight + y) * newWidth + x) * inner + channel] = (float)sum;
                    }
            }
        return to;
    }

    /// <summary>Where new sample i lies among the old ones, whose middles are at whole numbers.</summary>
    static double Middle(int i, int from, int to) => (i + 0.5) * from / to - 0.5;

    static double Corner(int i, int from, int to) => to == 1 ? 0 : (double)i * (from - 1) / (to - 1);

    static double[,] Taps(int from, int to, Func<int, double> center, int radius, Func<double, double> kernel) =>
        Rows(from, to, i => Enumerable.Range((int)Math.Floor(center(i)) - radius + 1, 2 * radius)
            .Select(tap => (Math.Clamp(tap, 0, from - 1), kernel(tap - center(i)))));

    static double[,] Widened(int from, int to, int radius, Func<double, double> kernel)
    {
        var scale = (double)from / to;
        var stretch = Math.Max(scale, 1);
        return Rows(from, to, i =>
        {
            var center = scale * (i + 0.5);
            var first = Math.Max((int)(center - radius * stretch + 0.5), 0);
            var end = Math.Min((int)(center + radius * stretch + 0.5), from);
            var weights = Enumerable.Range(first, end - first)
                .Select(tap => kernel((tap - center + 0.5) / stretch)).ToArray();
            return weights.Select((weight, tap) => (first + tap, weight / weights.Sum()));
        });
    }

    static double[,] Rows(int from, int to, Func<int, IEnumerable<(int Tap, double Weight)>> taps)
    {
        var matrix = new double[to, from];
        for (var i = 0; i < to; i++)
            foreach (var (tap, weight) in taps(i))
                matrix[i, tap] += weight;
        return matrix;
    }

    static double Tent(double x) => Math.Max(0, 1 - Math.Abs(x));

    /// <summary>The cubic convolution kernel (Keys 1981) with parameter a.</summary>
    static double Cubic(double x, double a)
    {
        x = Math.Abs(x);
        return x < 1 ? ((a + 2) * x - (a + 3)) * x * x + 1
            : x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a
            : 0;
    }
}
