using System.Numerics;
using System.Text.RegularExpressions;

namespace OnnxTimm.Conversion;

/// <summary>One step from the names of a code base to timm's.</summary>
public abstract record Row
{
    /// <summary>What the tensors are that the row takes away, for reports; empty where it takes none.</summary>
    public virtual string TakenAway => "";

    /// <summary>Changes names or tensors; an entry that the row does not concern passes unchanged.</summary>
    /// <param name="entries">The tensors as the rows above left them.</param>
    /// <param name="model">Names and shapes of the model, in its order; empty where there is none.</param>
    public abstract IEnumerable<Entry> Apply(
        IReadOnlyList<Entry> entries, IReadOnlyList<(string Name, long[] Shape)> model);
}

/// <summary>A step that looks at each tensor by itself.</summary>
/// <param name="Pattern">Regular expression over the names of the tensors that it concerns.</param>
/// <param name="Replacement">What takes the place of the match; see <see cref="NamePattern"/>.</param>
public abstract record EntryRow(string Pattern, string Replacement) : Row
{
    readonly NamePattern pattern = new(Pattern, Replacement);

    /// <inheritdoc/>
    public sealed override IEnumerable<Entry> Apply(
        IReadOnlyList<Entry> entries, IReadOnlyList<(string Name, long[] Shape)> model) => entries.SelectMany(entry =>
            pattern.Matches(entry.Name) ? Change(entry, pattern.Apply(entry.Name)) : [entry]);

    /// <summary>What a tensor becomes.</summary>
    /// <param name="entry">One that the row concerns.</param>
    /// <param name="name">Its name with the replacement.</param>
    protected abstract IEnumerable<Entry> Change(Entry entry, string name);
}

/// <summary>
/// A pattern in names and what is made of it: $1 stands for a group, {1-1} for a group that is a number, less one.
/// </summary>
sealed partial class NamePattern(string pattern, string replacement)
{
    readonly Regex regex = new(pattern, RegexOptions.CultureInvariant);

    public bool Matches(string name) => regex.IsMatch(name);

    /// <summary>The text of a named group in a name that matches.</summary>
    public string Group(string name, string group) => regex.Match(name).Groups[group].Value;

    public string Apply(string name) => regex.Replace(name, match => match.Result(
        Sums().Replace(replacement, sum => Sum(match.Groups[sum.Groups[1].Value].Value, sum.Groups[2].Value))));

    static string Sum(string number, string difference) =>
        (BigInteger.Parse(number) + BigInteger.Parse(difference)).ToString();

    [GeneratedRegex(@"\{(\d)([+-]\d+)\}")]
    private static partial Regex Sums();
}
