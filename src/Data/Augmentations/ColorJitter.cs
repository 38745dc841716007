using System.Globalization;

namespace OnnxTimm.Data;

/// <summary>Random brightness, contrast, saturation and hue in random order; torchvision's ColorJitter.</summary>
/// <param name="Brightness">Factors, or null to leave the brightness.</param>
/// <param name="Contrast">Factors, or null.</param>
/// <param name="Saturation">Factors, or null.</param>
/// <param name="Hue">Parts of the colour circle, -0.5 .. 0.5, or null.</param>
public sealed record ColorJitter(Interval? Brightness, Interval? Contrast, Interval? Saturation, Interval? Hue)
    : ITellingAugmentation
{
    /// <summary>
    /// From strengths as on timm's command line: one for brightness, contrast and saturation; three; or four with hue.
    /// </summary>
    public static ColorJitter Of(IReadOnlyList<double> strengths) => strengths switch
    {
        _ when strengths.Any(s => s < 0) => throw new UserException("Strengths of colour jitter cannot be negative."),
        [var all] => new(Around1(all), Around1(all), Around1(all), null),
        [var b, var c, var s] => new(Around1(b), Around1(c), Around1(s), null),
        [var b, var c, var s, <= 0.5 and var h] => new(Around1(b), Around1(c), Around1(s), h > 0 ? new(-h, h) : null),
        [_, _, _, var h] => throw new UserException($"The hue turns by at most 0.5, not {h}."),
        _ => throw new UserException($"Colour jitter takes 1, 3 or 4 strengths, not {strengths.Count}."),
    };

    /// <inheritdoc/>
    public Image Apply(Image image, CounterRandom random, Action<string>? tell)
    {
        Span<int> order = [0, 1, 2, 3];
        random.Shuffle(order);
        foreach (var part in order)
            if (Part(part) is (var name, { } interval, var change))
            {
                var value = interval.Draw(random);
                tell?.Invoke(string.Create(CultureInfo.InvariantCulture, $"{name} {value:0.##}"));
                change(image, value);
            }
        return image;
    }

    static Interval? Around1(double strength) => strength > 0 ? new(Math.Max(0, 1 - strength), 1 + strength) : null;

    (string, Interval?, Action<Image, double>) Part(int part) => part switch
    {
        0 => ("brightness", Brightness, Colours.Brightness),
        1 => ("contrast", Contrast, Colours.Contrast),
        2 => ("saturation", Saturation, Colours.Saturation),
        _ => ("hue", Hue, OnnxTimm.Data.Hue.Shift),
    };
}
