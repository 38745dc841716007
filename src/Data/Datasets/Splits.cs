namespace OnnxTimm.Data;

/// <summary>Finds the part of a folder that a split means, by its usual names.</summary>
/// <param name="endings">What may follow the name: nothing for a folder, ".tar".</param>
sealed class Splits(params string[] endings)
{
    static readonly string[] Train = ["train", "training"];
    static readonly string[] Eval = ["val", "valid", "validation", "eval", "evaluation"];
    static readonly string[] Test = ["test", "testing"];

    /// <summary>All names that mean the same split, the given one first.</summary>
    public static string[] Synonyms(string name) =>
        [name, .. new[] { Train, Eval }.FirstOrDefault(s => s.Contains(name))?.Where(s => s != name) ?? []];

    /// <summary>Whether a name means the images to train on.</summary>
    public static bool IsTraining(string name) => Train.Contains(name);

    /// <summary>Whether a name is that of some split.</summary>
    public static bool IsUsual(string name) => Train.Contains(name) || Eval.Contains(name) || Test.Contains(name);

    /// <summary>The folder or file that holds a split; the root where it holds no split at all.</summary>
    /// <param name="root">The data set; a file is all there is.</param>
    /// <param name="split">The split.</param>
    /// <exception cref="UserException">There is no such split, but others.</exception>
    public string PathOf(string root, string split)
    {
        // "train[:10%]" asks for a part of a split, which folders do not have.
        var name = split.Split('[')[0];
        if (name.Length == 0 || !Directory.Exists(root))
            return root;
        foreach (var candidate in Synonyms(name))
            if (Candidates(root, candidate).FirstOrDefault(Path.Exists) is { } found)
                return found;
        // Where the root holds other splits, it is none itself: their images would be mixed.
        return IsUsual(name) && !Test.Contains(name) && !HoldsSplits(root) ? root : throw None(root, name);
    }

    bool HoldsSplits(string root) =>
        Train.Concat(Eval).Concat(Test).SelectMany(n => Candidates(root, n)).Any(Path.Exists);

    UserException None(string root, string name)
    {
        const int shown = 10;
        string[] there =
        [
            .. Directory.EnumerateFileSystemEntries(root)
                .Where(path => endings.Contains(Directory.Exists(path) ? "" : Path.GetExtension(path)))
                .Select(path => Path.GetFileName(path)).Order(NaturalOrder.Instance),
        ];
        return new($"No split \"{name}\" in {root}.{Nearest.Hint(name, there)}"
            + (there.Length == 0 ? "" : $" There {(there.Length == 1 ? "is" : "are")} "
                + $"{string.Join(", ", there.Take(shown))}{(there.Length > shown ? ", ..." : "")}."));
    }

    IEnumerable<string> Candidates(string root, string name) => endings.Select(e => Path.Combine(root, name + e));
}
