namespace OnnxTimm;

/// <summary>Finds what was probably meant, for the last sentence of an error message.</summary>
public static class Nearest
{
    /// <summary>
    /// Returns <c> Did you mean "x"?</c> with the closest candidate, or an empty text when none is close.
    /// </summary>
    public static string Hint(string name, IEnumerable<string> candidates)
    {
        var best = candidates
            .Select(c => (Name: c, Distance: Distance(name, c)))
            .DefaultIfEmpty((Name: "", Distance: int.MaxValue))
            .MinBy(c => c.Distance);
        return best.Distance <= Math.Max(2, name.Length / 3) ? $" Did you mean \"{best.Name}\"?" : "";
    }

    /// <summary>What is said of a name that nothing has: the nearest, and all that there are.</summary>
    /// <param name="kind">What it should name, such as "schedule".</param>
    /// <param name="name">The name.</param>
    /// <param name="known">The names that there are, few enough for a line.</param>
    public static UserException Unknown(string kind, string name, params IEnumerable<string> known) =>
        new($"No {kind} \"{name}\".{Hint(name, known)} There are: {string.Join(", ", known)}.");

    /// <summary>
    /// The candidates that begin with the same word of letters, such as "resnet" of "resnet51d": at most three.
    /// </summary>
    public static string[] SameBeginning(string name, IEnumerable<string> candidates)
    {
        var word = string.Concat(name.TakeWhile(char.IsAsciiLetter));
        return word.Length < 3 ? []
            : [.. candidates.Where(c => c.StartsWith(word, StringComparison.OrdinalIgnoreCase)).Take(3)];
    }

    /// <summary>Levenshtein distance, ignoring case.</summary>
    static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var change = diagonal + (char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(change, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.Length];
    }
}
