namespace OnnxTimm.Data;

/// <summary>Opens data sets by path, as timm's <c>create_dataset</c> does for folders and tars.</summary>
public static class Dataset
{
    static readonly string[] TrainNames = ["train", "training"];
    static readonly string[] EvalNames = ["val", "valid", "validation", "eval", "evaluation"];

    /// <summary>Opens a folder, a tar archive, or one image file.</summary>
    /// <param name="path">A folder of <c>class/file</c>, a folder of files without labels, a .tar, or an image.</param>
    /// <param name="split">
    /// Which part of a folder: the sub-folder (or .tar) of that name or of a usual synonym, the folder itself where
    /// there is none. Empty: the folder itself.
    /// </param>
    /// <param name="classMap">File of class names and labels (see <see cref="ClassMap.Load"/>), or null.</param>
    /// <param name="extensions">Extensions of image files with their dots; null for .png, .jpg, .jpeg.</param>
    /// <exception cref="UserException">Nothing there, no image, or a class that the map does not have.</exception>
    public static IDataset Open(
        string path, string split = "", string? classMap = null, IReadOnlyList<string>? extensions = null)
    {
        if (Directory.Exists(path))
            path = FindSplit(path, split);
        var map = string.IsNullOrEmpty(classMap) ? null : ClassMap.Load(classMap, Directory.Exists(path) ? path : ".");
        return Directory.Exists(path) ? FolderDataset.Scan(path, map, extensions)
            : !File.Exists(path) ? throw new UserException($"There is no file or folder {path}.")
            : Path.GetExtension(path).Equals(".tar", StringComparison.OrdinalIgnoreCase)
                ? TarDataset.Open(path, map, extensions)
            : FolderDataset.Single(path);
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
