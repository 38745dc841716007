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
        return best.Distance <= Reach(name.Length) ? $" Did you mean \"{best.Name}\"?" : "";
    }

    /// <summary>
    /// What is said of a name that a table does not have: the nearest of its names, and all of them where they are few
    /// or none is near.
    /// </summary>
    /// <param name="what">What the table holds, such as "loss".</param>
    /// <param name="name">The name that is not there.</param>
    /// <param name="all">Those that are.</param>
    public static UserException Unknown(string what, string name, params IEnumerable<string> all)
    {
        const int few = 20;
        string[] names = [.. all];
        var hint = Hint(name, names);
        return new($"No {what} \"{name}\".{hint}"
            + (hint.Length == 0 || names.Length < few ? $" There are: {string.Join(", ", names)}." : ""));
    }

    /// <summary>
    /// The candidates that begin with the same word of letters, such as "resnet" of "resnet51d": at most three.
    /// </summary>
    public static string[] SameBeginning(string name, IEnumerable<string> candidates)
    {
        var word = string.Concat(name.TakeWhile(char.IsAsciiLetter));
        return word.Length < 3 ? []
            : [.. candidates.Where(c => c.StartsWith(word, StringComparison.OrdinalIgnoreCase)).Take(3)];
    }

    /// <summary>How many letters may differ: of a short word nearly all would make it any other.</summary>
    static int Reach(int length) => length < 2 ? 0 : length < 4 ? 1 : Math.Max(2, length / 3);

    /// <summary>
    /// Letters to change, add, take away or exchange with their neighbour, ignoring case (optimal string alignment).
    /// </summary>
    static int Distance(string a, string b)
    {
        int[] before = [], last = [.. Enumerable.Range(0, b.Length + 1)];
        for (var i = 1; i <= a.Length; i++)
        {
            var row = new int[b.Length + 1];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                row[j] = Math.Min(last[j - 1] + (Same(a[i - 1], b[j - 1]) ? 0 : 1), Math.Min(last[j], row[j - 1]) + 1);
                if (i > 1 && j > 1 && Same(a[i - 1], b[j - 2]) && Same(a[i - 2], b[j - 1]))
                    row[j] = Math.Min(row[j], before[j - 2] + 1);
            }
            (before, last) = (last, row);
        }
        return last[b.Length];
    }

    static bool Same(char a, char b) => char.ToLowerInvariant(a) == char.ToLowerInvariant(b);
}
