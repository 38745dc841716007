using System.IO.Enumeration;

namespace OnnxTimm;

/// <summary>A pattern that selects whole names, as a shell has it: * is any text, ? is any character.</summary>
/// <param name="Pattern">The pattern as it was given, such as "layer1.*".</param>
public sealed record Wildcard(string Pattern)
{
    // Where files are named, a backslash takes the next sign as it is.
    readonly string expression = Pattern.Replace("\\", "\\\\");

    /// <summary>True where the pattern is the whole name, with regard to case.</summary>
    public bool Fits(string name) =>
        FileSystemName.MatchesSimpleExpression(expression, name, ignoreCase: false);

    /// <summary>A test of names, true where one of several patterns fits; made once, for many names.</summary>
    public static Func<string, bool> AnyOf(IEnumerable<string> patterns)
    {
        Wildcard[] wildcards = [.. patterns.Select(pattern => new Wildcard(pattern))];
        return name => wildcards.Any(wildcard => wildcard.Fits(name));
    }
}
