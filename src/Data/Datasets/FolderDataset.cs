
namespace OnnxTimm.Data;

/// <summary>Image files below a folder: <c>class/file</c> at any depth, or a flat folder without labels.</summary>
sealed class FolderDataset : IDataset
{
    readonly string root;
    readonly Samples samples;

    FolderDataset(string root, Samples samples) => (this.root, this.samples) = (root, samples);

    public int Count => samples.Count;

    public IReadOnlyList<string> Classes => samples.Classes;

    public IReadOnlyList<string> Remarks => samples.Remarks;

    /// <summary>All image files below a folder; links to folders are followed.</summary>
    public static FolderDataset Scan(string root, ClassMap? map, IReadOnlyList<string>? extensions)
    {
        var (names, findings) = (new List<string>(), new Findings(extensions));
        Scan(new DirectoryInfo(root), "", findings, names);
        names.Sort(NaturalOrder.Instance);
        return new(root, Samples.Of([.. names], map, root, findings));
    }

    /// <summary>One file.</summary>
    public static FolderDataset Single(string path) => new(
        Path.GetDirectoryName(Path.GetFullPath(path))!, Samples.Of([Path.GetFileName(path)], null, path, new(null)));

    public int Label(int index) => samples.Label(index);

    public string Name(int index) => samples.Name(index);

    public ReadOnlySpan<byte> Read(int index, FileBuffer buffer) => buffer.Read(Path.Combine(root, Name(index)));

    public void Dispose()
    {
    }

    static void Scan(DirectoryInfo folder, string prefix, Findings findings, List<string> names)
    {
        foreach (var entry in folder.EnumerateFileSystemInfos())
            if (entry is not DirectoryInfo below)
            {
                if (findings.Takes(prefix + entry.Name))
                    names.Add(prefix + entry.Name);
            }
            else if (!FileBuffer.IsUtf8(below.Name) && !Directory.Exists(below.FullName))
                // What it holds cannot be listed: one unreadable image of its class stands for all.
                names.Add($"{prefix}{below.Name}/*");
            else if (!LeadsBack(below))
                Scan(below, $"{prefix}{below.Name}/", findings, names);
    }

    /// <summary>Whether a folder is a link to one that it lies in: following it would never end.</summary>
    static bool LeadsBack(DirectoryInfo folder) =>
        folder.ResolveLinkTarget(returnFinalTarget: true)?.FullName is { } target
        && (folder.FullName + Path.DirectorySeparatorChar).StartsWith(
            target.TrimEnd('/', '\\') + Path.DirectorySeparatorChar, StringComparison.Ordinal);
}
