namespace OnnxTimm.Data;

/// <summary>The rectangle of an image that another one's takes in cutmix (arXiv:1905.04899).</summary>
/// <param name="Top">First row.</param>
/// <param name="Bottom">The row after the last.</param>
/// <param name="Left">First column.</param>
/// <param name="Right">The column after the last.</param>
public readonly record struct MixBox(int Top, int Bottom, int Left, int Right)
{
    /// <summary>A rectangle of given edges and random place, cut off at the image.</summary>
    /// <param name="height">Rows of the image.</param>
    /// <param name="width">Columns.</param>
    /// <param name="edge">An edge of the rectangle as part of the image's; the root of 1 - lambda.</param>
    /// <param name="random">Chance of the place.</param>
    /// <param name="margin">Part of the rectangle that its middle stays away from the edges.</param>
    public static MixBox Draw(int height, int width, MixEdge edge, CounterRandom random, double margin = 0)
    {
        var (h, w) = (edge.Of(height), edge.Of(width));
        var (y, x) = (Middle(height, (int)(margin * h), random), Middle(width, (int)(margin * w), random));
        return new(Math.Max(y - h / 2, 0), Math.Min(y + (h + 1) / 2, height),
            Math.Max(x - w / 2, 0), Math.Min(x + (w + 1) / 2, width));
    }

    /// <summary>A rectangle of random edges within bounds, wholly inside the image.</summary>
    /// <param name="height">Rows of the image.</param>
    /// <param name="width">Columns.</param>
    /// <param name="edges">Least part of the image's edge, and the part that is not reached.</param>
    /// <param name="random">Chance of size and place.</param>
    public static MixBox Draw(int height, int width, Interval edges, CounterRandom random)
    {
        var h = random.Integer((int)(height * edges.From), (int)(height * edges.To) - 1);
        var w = random.Integer((int)(width * edges.From), (int)(width * edges.To) - 1);
        var (top, left) = (random.Integer(0, height - h), random.Integer(0, width - w));
        return new(top, top + h, left, left + w);
    }

    /// <summary>The part of an image that is left of it.</summary>
    public double Rest(int height, int width) =>
        1 - (Bottom - Top) * (Right - Left) / ((double)height * width);

    static int Middle(int size, int margin, CounterRandom random) => random.Integer(margin, size - margin - 1);
}

/// <summary>
/// The edge of a rectangle as part of the image's. timm computes it in float32 where each image has its own, and in
/// float64 where the batch has one; now and then that is another pixel.
/// </summary>
/// <param name="Lambda">The part of the image that is kept.</param>
/// <param name="IsSingle">Whether float32 is meant.</param>
public readonly record struct MixEdge(double Lambda, bool IsSingle)
{
    /// <summary>The edge in pixels.</summary>
    public int Of(int size) => IsSingle
        ? (int)(size * MathF.Sqrt(1 - (float)Lambda))
        : (int)(size * Math.Sqrt(1 - Lambda));
}
