namespace OnnxTimm.Data;

/// <summary>
/// Overwrites random rectangles of whole patches (timm's PatchRandomErasing, naflex_random_erasing.py, by region).
/// </summary>
/// <param name="Side">Pixels of a patch's side.</param>
/// <param name="Erasing">How often, how many and what; the area is that of each rectangle, not shared out.</param>
public sealed record PatchErasing(int Side, RandomErasing Erasing) : IErasing
{
    const int Tries = 10;

    /// <inheritdoc/>
    public int Apply(Span<float> chw, int height, int width, CounterRandom random)
    {
        if (!random.Chance(Erasing.Probability))
            return 0;
        var count = random.Integer(Erasing.MinCount, Erasing.MaxCount);
        return Erasing.Mode.Erase(chw, height, width, count, random,
            () => Draw(height / Side, width / Side, random));
    }

    /// <summary>A rectangle of patches, in pixels; null where ten tries give none.</summary>
    Window? Draw(int rows, int columns, CounterRandom random)
    {
        for (var i = 0; i < Tries; i++)
        {
            var area = Erasing.Area.Draw(random) * (rows * columns);
            var aspect = Erasing.Aspect.DrawLog(random);
            var (h, w) = ((int)Math.Round(Math.Sqrt(area * aspect)), (int)Math.Round(Math.Sqrt(area / aspect)));
            if (h > rows || w > columns)
                continue;
            var (top, left) = (random.Integer(0, rows - h), random.Integer(0, columns - w));
            if (h > 0 && w > 0)
                return new Window(left * Side, top * Side, w * Side, h * Side);
        }
        return null;
    }
}
