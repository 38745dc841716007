namespace OnnxTimm.Data;

/// <summary>Overwrites random rectangles of a normalised image (arXiv:1708.04896; timm's random_erasing.py).</summary>
/// <param name="Probability">How often an image is changed at all.</param>
/// <param name="Mode">What is written.</param>
/// <param name="MaxCount">Most rectangles; their number is drawn, and the area shared out among them.</param>
public sealed record RandomErasing(double Probability, ErasingMode Mode = ErasingMode.Const, int MaxCount = 1)
    : IErasing
{
    const int Tries = 10;

    /// <summary>Fewest rectangles of an image that is changed.</summary>
    public int MinCount { get; init; } = 1;

    /// <summary>Area of all rectangles as part of the image's.</summary>
    public Interval Area { get; init; } = new(0.02, 1.0 / 3);

    /// <summary>Height / width of a rectangle.</summary>
    public Interval Aspect { get; init; } = new(0.3, 1 / 0.3);

    /// <summary>The mode called <paramref name="name"/>.</summary>
    public static ErasingMode ParseMode(string name) => name switch
    {
        "" or "const" => ErasingMode.Const,
        "rand" => ErasingMode.Rand,
        "pixel" => ErasingMode.Pixel,
        _ => throw Nearest.Unknown("random erasing mode", name, "const", "rand", "pixel"),
    };

    /// <inheritdoc/>
    public int Apply(Span<float> chw, int height, int width, CounterRandom random)
    {
        if (!random.Chance(Probability))
            return 0;
        var count = MaxCount > MinCount ? random.Integer(MinCount, MaxCount) : MinCount;
        return Mode.Erase(chw, height, width, count, random, () => Draw(height, width, count, random));
    }

    /// <summary>A rectangle smaller than the image in both directions; null where ten tries give none.</summary>
    Window? Draw(int height, int width, int count, CounterRandom random)
    {
        for (var i = 0; i < Tries; i++)
        {
            var area = Area.Draw(random) * height * width / count;
            var aspect = Aspect.DrawLog(random);
            var (h, w) = ((int)Math.Round(Math.Sqrt(area * aspect)), (int)Math.Round(Math.Sqrt(area / aspect)));
            if (h < height && w < width)
            {
                var top = random.Integer(0, height - h);
                return new Window(random.Integer(0, width - w), top, w, h);
            }
        }
        return null;
    }
}
