namespace OnnxTimm.Data;

/// <summary>Opens data sets by path, as timm's <c>create_dataset</c> does for folders and tars.</summary>
public static class Dataset
{
    static readonly string[] TrainNames = ["train", "training"];
    static readonly string[] EvalNames = ["val", "valid", "validation", "eval", "evaluation"];

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
    /// there is none. Empty: the folder itself.
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
            path = FindSplit(path, split);
        else if (File.Exists(path) && IsPacked(path))
            throw new UserException($"{path} is a packed archive: unpack it, or make a .tar of it.");
        var map = !string.IsNullOrEmpty(classMap) ? ClassMap.Load(classMap, Directory.Exists(path) ? path : ".")
            : classes is null ? null : ClassMap.Of(classes, "the list of classes");
        return Directory.Exists(path) ? FolderDataset.Scan(path, map, extensions)
            : !File.Exists(path) ? throw new UserException($"There is no file or folder {path}.")
            : Path.GetExtension(path).Equals(".tar", StringComparison.OrdinalIgnoreCase)
                ? TarDataset.Open(path, map, extensions)
            : FolderDataset.Single(path);
    }

    static bool IsPacked(string path)
    {
        try
        {
            using var file = File.OpenHandle(path);
            Span<byte> start = stackalloc byte[8];
            start = start[..RandomAccess.Read(file, start, 0)];
            foreach (var magic in Packed)
                if (start.StartsWith(magic))
                    return true;
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"Cannot read {path}: {e.Message}", e);
        }
    }

    static string FindSplit(string root, string split)
    {
        // "train[:10%]" asks for a part of a split, which folders do not have.
        var name = split.Split('[')[0];
        if (name.Length == 0)
            return root;
        var synonyms = new[] { TrainNames, EvalNames }.FirstOrDefault(s => s.Contains(name));
        foreach (var candidate in (string[])[name, .. synonyms ?? []])
            if (Candidates(root, candidate).FirstOrDefault(Path.Exists) is { } found)
                return found;
        var folders = Directory.EnumerateDirectories(root).Select(d => Path.GetFileName(d));
        return synonyms != null
            ? root
            : throw new UserException($"No split \"{name}\" in {root}.{Nearest.Hint(name, folders)}");
    }

    static string[] Candidates(string root, string name) =>
        [Path.Combine(root, name), Path.Combine(root, $"{name}.tar")];
}
