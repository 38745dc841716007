using System.Globalization;

namespace OnnxTimm.Data;

/// <summary>An operation with its probability and its level; timm's AugmentOp.</summary>
/// <param name="Operation">What is done.</param>
/// <param name="Probability">How often; always from 1 on.</param>
/// <param name="Magnitude">The level.</param>
/// <param name="Settings">Fill, filters, distances.</param>
public sealed record PolicyStep(
    PolicyOperation Operation, double Probability, double Magnitude, PolicySettings Settings) : ITellingAugmentation
{
    const double DefaultMax = 10;

    /// <summary>
    /// Deviation of a normal distribution about the magnitude; infinite for an even one from 0 to it.
    /// </summary>
    public double MagnitudeStd { get; init; }

    /// <summary>The highest level; null or 0 for 10.</summary>
    public int? MagnitudeMax { get; init; }

    /// <inheritdoc/>
    public Image Apply(Image image, CounterRandom random, Action<string>? tell)
    {
        if (Probability < 1 && !random.Chance(Probability))
            return image;
        var level = Level(random);
        if (Operation.Argument is not { } argument)
        {
            tell?.Invoke(Operation.Name);
            return Operation.Apply(image, 0, Settings, random);
        }
        var value = argument(level, Operation.HasSign && random.Chance(0.5) ? -1 : 1, Settings);
        tell?.Invoke(string.Create(CultureInfo.InvariantCulture, $"{Operation.Name} {value:0.##}"));
        return Operation.Apply(image, value, Settings, random);
    }

    /// <summary>The level that is applied this time.</summary>
    internal double Level(CounterRandom random)
    {
        var level = MagnitudeStd switch
        {
            double.PositiveInfinity => random.Uniform(0, Magnitude),
            > 0 => Magnitude + MagnitudeStd * random.Normal(),
            _ => Magnitude,
        };
        return Math.Clamp(level, 0, MagnitudeMax is > 0 and var max ? max : DefaultMax);
    }
}
