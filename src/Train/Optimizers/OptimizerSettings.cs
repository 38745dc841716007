using System.Globalization;

namespace OnnxTimm.Train;

/// <summary>
/// What an optimizer is made with, under timm's names: <c>--opt-eps</c>, <c>--opt-betas</c>, <c>--momentum</c> and
/// <c>--opt-kwargs</c> over the defaults of the optimizer's name. It knows what was asked for, so that a misspelt
/// option is an error.
/// </summary>
/// <param name="name">The optimizer's name.</param>
/// <param name="given">What the user gave, as text, such as "0.95", "[0.9, 0.99]" or "True".</param>
/// <param name="defaults">What the name stands for.</param>
public sealed class OptimizerSettings(
    string name, IReadOnlyDictionary<string, string> given, IReadOnlyDictionary<string, string> defaults)
{
    /// <summary>Options that timm drops where an optimizer has none.</summary>
    static readonly string[] Common = ["eps", "betas", "momentum"];

    readonly OrderedDictionary<string, string> known = [];

    /// <summary>The optimizer's name, for messages.</summary>
    public string Name => name;

    /// <summary>The options that were asked for, with the values in force, as Python prints them.</summary>
    public IReadOnlyDictionary<string, string> InForce => known;

    /// <summary>
    /// A number, and the default where it was not given; throws <see cref="UserException"/> for another text.
    /// </summary>
    public double Number(string option, double otherwise = 0) =>
        NumberOrNone(option, otherwise) ?? throw Wrong(option, "a number", "None");

    /// <summary>A number, or null for Python's None.</summary>
    public double? NumberOrNone(string option, double? otherwise)
    {
        var text = Text(option, otherwise is { } number ? PythonText.Repr(number) : "None");
        if (text is "None" or "null")
            return null;
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
            throw Wrong(option, "a number", text);
        NumberRanges.Check(option, value, $"The option \"{option}\" of the optimizer {name}");
        return value;
    }

    /// <summary>
    /// <c>True</c>, <c>False</c>, <c>1</c> or <c>0</c>; throws <see cref="UserException"/> for another text.
    /// </summary>
    public bool Flag(string option, bool otherwise = false) => Text(option, $"{otherwise}").ToLowerInvariant() switch
    {
        "true" or "1" => true,
        "false" or "0" => false,
        var text => throw Wrong(option, "True or False", text),
    };

    /// <summary>Two numbers, each from 0 to below 1; throws <see cref="UserException"/> for another text.</summary>
    public (double, double) Betas(double first, double second)
    {
        var text = Text("betas", $"({PythonText.Repr(first)}, {PythonText.Repr(second)})");
        var numbers = text.Trim('[', ']', '(', ')').Split([',', ' '], StringSplitOptions.RemoveEmptyEntries);
        return numbers.Length == 2
            && double.TryParse(numbers[0], NumberStyles.Float, CultureInfo.InvariantCulture, out first)
            && double.TryParse(numbers[1], NumberStyles.Float, CultureInfo.InvariantCulture, out second)
            && first is >= 0 and < 1 && second is >= 0 and < 1
            ? (first, second) : throw Wrong("betas", "two numbers, each from 0 to below 1", text);
    }

    /// <summary>Throws for an option that the optimizer did not ask for.</summary>
    public void CheckAllKnown()
    {
        foreach (var option in given.Keys.Where(o => !known.ContainsKey(o) && !Common.Contains(o)))
            throw new UserException(
                $"The optimizer {name} has no option \"{option}\".{Nearest.Hint(option, known.Keys)} "
                + $"It has: {string.Join(", ", known.Keys)}.");
    }

    string Text(string option, string otherwise) =>
        known[option] = given.GetValueOrDefault(option) ?? defaults.GetValueOrDefault(option) ?? otherwise;

    UserException Wrong(string option, string expected, string got) =>
        new($"The option \"{option}\" of the optimizer {name} must be {expected}, not \"{got}\".");
}
