namespace OnnxTimm.Data;

/// <summary>Sorts a data set's files while they are found: those that are taken, and pictures that are not.</summary>
/// <param name="extensions">Endings of what is taken; null for the usual ones.</param>
sealed class Findings(IReadOnlyList<string>? extensions)
{
    const int MostNamed = 5;

    readonly IReadOnlyList<string> extensions = extensions ?? ImageEndings.Usual;
    readonly SortedDictionary<string, int> leftOut = new(StringComparer.Ordinal);
    readonly HashSet<string> losers = [];
    readonly List<string> tars = [];

    /// <summary>Whether a file is taken; a picture that is not is counted, and a tar is remembered.</summary>
    public bool Takes(string name)
    {
        var ending = Path.GetExtension(name).ToLowerInvariant();
        if (extensions.Contains(ending))
            return true;
        if (ending == ".tar")
            tars.Add(name);
        if (ImageEndings.IsPicture(ending))
        {
            leftOut[ending] = leftOut.GetValueOrDefault(ending) + 1;
            losers.Add(Samples.Folder(name));
        }
        return false;
    }

    /// <summary>The message about a data set of which nothing is taken.</summary>
    public UserException Nothing(string source) => new(
        $"No images in {source} ({string.Join(", ", extensions)}).{(leftOut.Count > 0 ? $" {LeftOut()}" : "")}"
        + (tars.Count > 0 ? $" There are {Names(tars)}: name one of them, or a split." : ""));

    /// <summary>What was left out, and which classes have lost all their images by that.</summary>
    /// <param name="folders">The folders of what was taken.</param>
    public IEnumerable<string> Remarks(IEnumerable<string> folders)
    {
        if (leftOut.Count > 0)
            yield return LeftOut();
        string[] lost = [.. losers.Except(folders).Where(f => f.Length > 0).Order(NaturalOrder.Instance)];
        if (lost.Length > 0)
            yield return $"No image is left of class {Names(lost)}.";
    }

    /// <summary>The first few of many names.</summary>
    public static string Names(IReadOnlyCollection<string> names) => string.Join(", ", names.Take(MostNamed))
        + (names.Count > MostNamed ? $" and {names.Count - MostNamed} more" : "");

    string LeftOut() => $"Left out by their ending: {string.Join(", ", leftOut.Select(p => $"{p.Value} {p.Key}"))}; "
        + $"--input-key takes other endings than {string.Join(", ", extensions)}.";
}
