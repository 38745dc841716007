using System.Globalization;
using System.Text.RegularExpressions;

namespace OnnxTimm.Data;

/// <summary>
/// The names that a pattern such as <c>train-{0000..0123}.tar</c> stands for, by the rules of bash and of Python's
/// braceexpand: <c>{a,b}</c>, <c>{1..9}</c>, <c>{001..100..3}</c>, <c>{a..e}</c>, nested; a backslash takes a sign as
/// it is. Never more than <see cref="MostNames"/>, however short the pattern.
/// </summary>
static partial class BracePattern
{
    public const int MostNames = 100_000;

    const int Longest = 512, Deepest = 8;

    /// <exception cref="UserException">Braces that do not match, or too many names.</exception>
    public static IReadOnlyList<string> Expand(string pattern)
    {
        if (pattern.Length > Longest)
            throw new UserException($"A pattern of shards has at most {Longest} signs, not {pattern.Length}.");
        var at = 0;
        var names = Sequence(pattern, ref at, 0);
        return at == pattern.Length ? names : throw Unbalanced(pattern, at);
    }

    /// <summary>What stands one behind the other, up to the end or to what ends an alternative.</summary>
    static List<string> Sequence(string pattern, ref int at, int depth)
    {
        List<string> names = [""];
        while (at < pattern.Length && !(pattern[at] == '}' || (pattern[at] == ',' && depth > 0)))
        {
            var next = pattern[at] == '{' ? Brace(pattern, ref at, depth + 1) : [Literal(pattern, ref at)];
            Check((long)names.Count * next.Count, pattern);
            names = [.. names.SelectMany(name => next.Select(end => name + end))];
        }
        return names;
    }

    static string Literal(string pattern, ref int at)
    {
        var start = at;
        if (pattern[at] == '\\' && at + 1 < pattern.Length)
        {
            at += 2;
            return pattern[(start + 1)..at];
        }
        at++;
        while (at < pattern.Length && pattern[at] is not ('{' or '}' or ',' or '\\'))
            at++;
        return pattern[start..at];
    }

    static List<string> Brace(string pattern, ref int at, int depth)
    {
        if (depth > Deepest)
            throw new UserException($"\"{pattern}\" has braces in braces more than {Deepest} deep.");
        if (Range.Match(pattern, at) is { Success: true } range)
        {
            at += range.Length;
            return Counted(range, pattern);
        }
        var (start, options, parts) = (at, new List<string>(), 0);
        do
        {
            at++;
            options.AddRange(Sequence(pattern, ref at, depth));
            Check(options.Count, pattern);
            parts++;
        }
        while (at < pattern.Length && pattern[at] == ',');
        if (at == pattern.Length)
            throw Unbalanced(pattern, start);
        at++;
        return parts > 1 ? options : [.. options.Select(o => $"{{{o}}}")];
    }

    static List<string> Counted(Match range, string pattern)
    {
        var (from, to) = (range.Groups[1].Value, range.Groups[2].Value);
        var isLetters = char.IsAsciiLetter(from[0]);
        var (first, last, step) = (Number(from, pattern), Number(to, pattern),
            range.Groups[3].Success ? Number(range.Groups[3].Value, pattern) : 1);
        step = Math.Max(1, Math.Abs(step));
        var count = Math.Abs(last - first) / step + 1;
        Check(count, pattern);
        var width = IsPadded(from) || IsPadded(to) ? Math.Max(from.Length, to.Length) : 0;
        return [.. Enumerable.Range(0, (int)count).Select(i => first + (last < first ? -i * step : i * step))
            .Select(n => isLetters ? $"{(char)n}" : n < 0 ? $"-{Text(-n, width - 1)}" : Text(n, width))];
    }

    static string Text(long number, int width) =>
        number.ToString(CultureInfo.InvariantCulture).PadLeft(Math.Max(0, width), '0');

    static long Number(string text, string pattern) => char.IsAsciiLetter(text[0]) ? text[0]
        : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number
        : throw TooMany(pattern);

    static bool IsPadded(string number) => number.TrimStart('-') is ['0', _, ..];

    static void Check(long count, string pattern)
    {
        if (count > MostNames)
            throw TooMany(pattern);
    }

    static UserException TooMany(string pattern) =>
        new($"\"{pattern}\" stands for more than {MostNames} files.");

    static UserException Unbalanced(string pattern, int at) =>
        new($"\"{pattern}\": the brace at sign {at + 1} has no other.");

    [GeneratedRegex(@"\G\{(-?\d+(?=\.\.-?\d)|[A-Za-z](?=\.\.[A-Za-z]))\.\.(-?\d+|[A-Za-z])(?:\.\.(-?\d+))?\}")]
    private static partial Regex Range { get; }
}
