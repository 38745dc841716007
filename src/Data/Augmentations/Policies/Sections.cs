using System.Globalization;

namespace OnnxTimm.Data;

/// <summary>
/// The sections of a policy's text: letters up to the first digit are the key, the rest is the number. One without a
/// digit says nothing, and one that begins with t names a set in RandAugment.
/// </summary>
sealed class Sections
{
    readonly string text;
    readonly List<(string Key, string Value)> rows = [];

    public Sections(string text, ReadOnlySpan<string> sections)
    {
        this.text = text;
        foreach (var section in sections)
            if (section.AsSpan().IndexOfAnyInRange('0', '9') is >= 0 and var digit)
                rows.Add((section[..digit], section[digit..]));
    }

    /// <summary>What is said of a text that is no policy.</summary>
    public UserException Fault(string what) => new(string.Concat($"Augmentation policy \"{Shown(text)}\": {Shown(what)}"
        .Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c)));

    /// <summary>Throws for a key that is not among those of the policy, and for numbers that are none.</summary>
    /// <exception cref="UserException">There is one.</exception>
    public void Check(params string[] keys)
    {
        foreach (var (key, value) in rows.Where(r => !IsSet(r.Key, keys)))
        {
            if (!keys.Contains(key))
                throw Fault($"no section \"{key}{value}\".{Nearest.Hint(key, keys)} "
                    + $"There are {string.Join(", ", keys)}.");
            _ = IsWhole(key) ? Whole(key, value) : Number(key, value);
        }
    }

    /// <summary>The number of the first section of that key; null for none.</summary>
    public double? First(string key) => Find(rows.Where(r => r.Key == key).Take(1), Number);

    /// <summary>That of the last.</summary>
    public double? Last(string key) => Find(rows.Where(r => r.Key == key).TakeLast(1), Number);

    /// <summary>The whole number of the first section of that key; null for none.</summary>
    public int? FirstWhole(string key) => Find(rows.Where(r => r.Key == key).Take(1), Whole);

    /// <summary>That of the last.</summary>
    public int? LastWhole(string key) => Find(rows.Where(r => r.Key == key).TakeLast(1), Whole);

    /// <summary>A long text is cut: it goes into a line.</summary>
    static string Shown(string text) => text.Length <= 200 ? text : text[..200] + "...";

    static bool IsSet(string key, string[] keys) => keys.Contains("inc") && key.StartsWith('t');

    static bool IsWhole(string key) => key is "m" or "n" or "mmax" or "inc" or "w" or "d" or "b";

    static T? Find<T>(IEnumerable<(string Key, string Value)> rows, Func<string, string, T> parse) where T : struct =>
        rows.Select(row => (T?)parse(row.Key, row.Value)).FirstOrDefault();

    int Whole(string key, string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
            : throw Fault($"{key} takes a whole number, not \"{value}\".");

    double Number(string key, string value) =>
        double.TryParse(value, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent,
            CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number
            : throw Fault($"{key} takes a number, not \"{value}\".");
}
