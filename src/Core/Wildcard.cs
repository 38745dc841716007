using System.Text.RegularExpressions;

namespace OnnxTimm;

/// <summary>A pattern that selects whole names, as a shell has it: * is any text, ? is any character.</summary>
/// <param name="Pattern">The pattern as it was given, such as "layer1.*".</param>
public sealed record Wildcard(string Pattern)
{
    readonly Regex regex = new($"^{Regex.Escape(Pattern).Replace("\\*", ".*").Replace("\\?", ".")}$",
        RegexOptions.CultureInvariant);

    /// <summary>True where the pattern is the whole name, with regard to case.</summary>
    public bool Fits(string name) => regex.IsMatch(name);

    /// <summary>A test of names, true where one of several patterns fits; made once, for many names.</summary>
    public static Func<string, bool> AnyOf(IEnumerable<string> patterns)
    {
        Wildcard[] wildcards = [.. patterns.Select(pattern => new Wildcard(pattern))];
        return name => wildcards.Any(wildcard => wildcard.Fits(name));
    }
}
