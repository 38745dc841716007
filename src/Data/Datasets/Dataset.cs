namespace OnnxTimm.Data;

/// <summary>Opens data sets by path, as timm's <c>create_dataset</c> does for folders and tars.</summary>
public static class Dataset
{
    static readonly string[] TrainNames = ["train", "training"];
    static readonly string[] EvalNames = ["val", "valid", "validation", "eval", "evaluation"];
    static readonly string[] TestNames = ["test", "testing"];

    /// <summary>How the files of packed archives begin: zip, gzip, bzip2, xz, Zstandard, 7z, RAR.</summary>
    static readonly byte[][] Packed =
    [
        [0x50, 0x4B, 3, 4], [0x1F, 0x8B], [0x42, 0x5A, 0x68], [0xFD, 0x37, 0x7A, 0x58, 0x5A], [0x28, 0xB5, 0x2F, 0xFD],
        [0x37, 0x7A, 0xBC, 0xAF], [0x52, 0x61, 0x72, 0x21],
    ];

    /// <summary>Opens a folder, a tar archive, or one image file.</summary>
    /// <param name="path">A folder of <c>class/file</c>, a folder of files without labels, a .tar, or an image.</param>
    /// <param name="split">
    /// Which part of a folder: the sub-folder (or .tar) of that name or of a usual synonym, the folder itself where
    /// there is none and no other split either. Empty: the folder itself.
    /// </param>
    /// <param name="classMap">File of class names and labels (see <see cref="ClassMap.Load"/>), or null.</param>
    /// <param name="extensions">Extensions of image files with their dots; null for .png, .jpg, .jpeg.</param>
    /// <param name="classes">
    /// Where there is no class map, the classes that the folders' names are looked up in; null for these themselves.
    /// </param>
    /// <exception cref="UserException">Nothing there, no image, or no class that the map has.</exception>
    public static IDataset Open(string path, string split = "", string? classMap = null,
        IReadOnlyList<string>? extensions = null, IReadOnlyList<string>? classes = null)
    {
        if (Directory.Exists(path))
            path = PathOf(path, split);
        else if (File.Exists(path) && IsPacked(path))
            throw new UserException($"{path} is a packed archive: unpack it, or make a .tar of it.");
        var map = !string.IsNullOrEmpty(classMap) ? ClassMap.Load(classMap, Directory.Exists(path) ? path : ".")
            : classes is [_, ..] ? ClassMap.Of(classes, "the list of classes") : null;
        return Directory.Exists(path) ? FolderDataset.Scan(path, map, extensions)
            : !File.Exists(path) ? throw new UserException($"There is no file or folder {path}.")
            : Path.GetExtension(path).Equals(".tar", StringComparison.OrdinalIgnoreCase)
                ? TarDataset.Open(path, map, extensions)
            : FolderDataset.Single(path);
    }

    /// <summary>The folder or .tar that holds a split of a data set, by the rule of <see cref="Open"/>.</summary>
    /// <param name="root">The data set; a file is all there is.</param>
    /// <param name="split">The split.</param>
    /// <exception cref="UserException">There is no such split, but others.</exception>
    public static string PathOf(string root, string split)
    {
        // "train[:10%]" asks for a part of a split, which folders do not have.
        var name = split.Split('[')[0];
        if (name.Length == 0 || !Directory.Exists(root))
            return root;
        var synonyms = new[] { TrainNames, EvalNames }.FirstOrDefault(s => s.Contains(name));
        foreach (var candidate in (string[])[name, .. synonyms ?? []])
            if (Candidates(root, candidate).FirstOrDefault(Path.Exists) is { } found)
                return found;
        // Where the root holds other splits, it is none itself: their images would be mixed.
        return synonyms != null && !HoldsSplits(root) ? root : throw NoSplit(root, name);
    }

    static bool HoldsSplits(string root) =>
        TrainNames.Concat(EvalNames).Concat(TestNames).SelectMany(n => Candidates(root, n)).Any(Path.Exists);

    static UserException NoSplit(string root, string name)
    {
        const int shown = 10;
        string[] there = [.. Directory.EnumerateDirectories(root).Concat(Directory.EnumerateFiles(root, "*.tar"))
            .Select(path => Path.GetFileName(path)).Order(NaturalOrder.Instance)];
        return new($"No split \"{name}\" in {root}.{Nearest.Hint(name, there)}"
            + (there.Length == 0 ? "" : $" There {(there.Length == 1 ? "is" : "are")} "
                + $"{string.Join(", ", there.Take(shown))}{(there.Length > shown ? ", ..." : "")}."));
    }

    static string[] Candidates(string root, string name) =>
        [Path.Combine(root, name), Path.Combine(root, $"{name}.tar")];

    static bool IsPacked(string path)
    {
        using var file = RegularFile.Open(path);
        Span<byte> start = stackalloc byte[8];
        start = start[..RandomAccess.Read(file, start, 0)];
        foreach (var magic in Packed)
            if (start.StartsWith(magic))
                return true;
        return false;
    }
}
