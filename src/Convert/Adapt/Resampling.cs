namespace OnnxTimm.Conversion;

/// <summary>
/// Resizing as matrices: row i of a matrix [to, from] holds the weights with which the old samples make new sample i.
/// Both axes are separable, so an image is resized by one matrix a side (PyTorch, F.interpolate with align_corners
/// off).
/// </summary>
static class Resampling
{
    /// <summary>Bicubic, a = -0.75: four taps, edges repeated (<c>mode="bicubic"</c>).</summary>
    public static double[,] Bicubic(int from, int to)
    {
        var matrix = new double[to, from];
        for (var i = 0; i < to; i++)
        {
            var center = (i + 0.5) * from / to - 0.5;
            var first = (int)Math.Floor(center) - 1;
            for (var tap = first; tap < first + 4; tap++)
                matrix[i, Math.Clamp(tap, 0, from - 1)] += Cubic(tap - center, -0.75);
        }
        return matrix;
    }

    /// <summary>
    /// Bicubic, a = -0.5, whose kernel widens when an image shrinks (<c>mode="bicubic", antialias=True</c>).
    /// </summary>
    public static double[,] BicubicAntialiased(int from, int to)
    {
        var matrix = new double[to, from];
        var scale = (double)from / to;
        var stretch = Math.Max(scale, 1);
        for (var i = 0; i < to; i++)
        {
            var center = scale * (i + 0.5);
            var first = Math.Max((int)(center - 2 * stretch + 0.5), 0);
            var end = Math.Min((int)(center + 2 * stretch + 0.5), from);
            var weights = Enumerable.Range(first, end - first)
                .Select(tap => Cubic((tap - center + 0.5) / stretch, -0.5)).ToArray();
            for (var tap = first; tap < end; tap++)
                matrix[i, tap] = weights[tap - first] / weights.Sum();
        }
        return matrix;
    }

    /// <summary>The matrix of a filter.</summary>
    public static double[,] By(GridFilter filter, int from, int to) =>
        filter == GridFilter.Bilinear ? Bilinear(from, to) : BicubicAntialiased(from, to);

    /// <summary>Two taps, edges repeated (<c>mode="bilinear"</c>).</summary>
    static double[,] Bilinear(int from, int to)
    {
        var matrix = new double[to, from];
        for (var i = 0; i < to; i++)
        {
            var center = Math.Max(0, (i + 0.5) * from / to - 0.5);
            var first = (int)center;
            matrix[i, first] += 1 - (center - first);
            matrix[i, Math.Min(first + 1, from - 1)] += center - first;
        }
        return matrix;
    }

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

    /// <summary>The cubic convolution kernel (Keys 1981) with parameter a.</summary>
    static double Cubic(double x, double a)
    {
        x = Math.Abs(x);
        return x < 1 ? ((a + 2) * x - (a + 3)) * x * x + 1
            : x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a
            : 0;
    }
}
