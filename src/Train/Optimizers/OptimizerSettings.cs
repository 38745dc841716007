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
        NumberOrNone(option, otherwise) ?? throw Wrong(option, "a number");

    /// <summary>A number, or null for Python's None.</summary>
    public double? NumberOrNone(string option, double? otherwise)
    {
        var text = Text(option, otherwise is { } number ? PythonText.Repr(number) : "None");
        if (text is "None" or "null")
            return null;
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
            throw Wrong(option, "a number");
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
        _ => throw Wrong(option, "True or False"),
    };

    /// <summary>Two numbers, each from 0 to below 1; throws <see cref="UserException"/> for another text.</summary>
    public (double, double) Betas(double first, double second, string option = "betas") =>
        Numbers(option, [first, second], x => x is >= 0 and < 1) is [var one, var other] ? (one, other)
            : throw Wrong(option, "two numbers, each from 0 to below 1");

    /// <summary>Several numbers, or none where one of them is not as it must be.</summary>
    public double[] Numbers(string option, double[] otherwise, Func<double, bool> isRight)
    {
        var words = Text(option, $"({string.Join(", ", otherwise.Select(PythonText.Repr))})")
            .Split([',', ' ', '[', ']', '(', ')'], StringSplitOptions.RemoveEmptyEntries);
        double[] numbers = [.. words.Select(word =>
            double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var x) ? x : double.NaN)];
        return numbers.All(isRight) ? numbers : [];
    }

    /// <summary>One of several words, the first by default.</summary>
    public string Choice(string option, params string[] among) =>
        ChoiceOrNone(option, among) ?? throw Wrong(option, $"one of {string.Join(", ", among)}");

    /// <summary>One of several words, the first by default, or null for Python's None.</summary>
    public string? ChoiceOrNone(string option, params string[] among)
    {
        var text = Text(option, among[0]);
        return text is "None" or "null" ? null
            : among.Contains(text) ? text
            : throw new UserException($"The option \"{option}\" of the optimizer {name} has no \"{text}\"."
                + $"{Nearest.Hint(text, among)} There are: {string.Join(", ", among)}.");
    }

    /// <summary>Whether an option has a value, by the user or by the name.</summary>
    public bool Has(string option) => given.ContainsKey(option) || defaults.ContainsKey(option);

    /// <summary>Throws for an option that the optimizer did not ask for.</summary>
    public void CheckAllKnown()
    {
        foreach (var option in given.Keys.Where(o => !known.ContainsKey(o) && !Common.Contains(o)))
            throw new UserException(
                $"The optimizer {name} has no option \"{option}\".{Nearest.Hint(option, known.Keys)} "
                + $"It has: {string.Join(", ", known.Keys)}.");
    }

    /// <summary>The value in force.</summary>
    public string Text(string option, string otherwise) =>
        known[option] = given.GetValueOrDefault(option) ?? defaults.GetValueOrDefault(option) ?? otherwise;

    /// <summary>The error for a value that is not as it must be.</summary>
    public UserException Wrong(string option, string expected) =>
        new($"The option \"{option}\" of the optimizer {name} must be {expected}, not \"{known[option]}\".");
}
