namespace OnnxTimm.Data;

/// <summary>
/// Image files in a tar archive, or in several, read in place; the folder in the archive is the class, or the archive
/// itself for those that lie in none.
/// </summary>
sealed class TarDataset : IDataset
{
    /// <summary>Archives that stay open all the time.</summary>
    public const int MostOpen = 64;

    readonly List<TarFile> archives = [];
    readonly (TarFile Archive, TarEntry Entry, string Name)[] entries;
    readonly Samples samples;

    TarDataset(string root, string[] paths, ClassMap? map, IReadOnlyList<string>? extensions)
    {
        var findings = new Findings(extensions);
        try
        {
            foreach (var path in paths)
            {
                archives.Add(TarFile.Open(path, staysOpen: paths.Length <= MostOpen));
                if (archives[^1].Flaw is { } flaw)
                    throw flaw;
            }
            entries = [.. archives.SelectMany(a => a.Entries.Select(e => (a, e, Name(root, a, e))))
                .Where(e => findings.Takes(e.Item3))];
            Array.Sort(entries, (a, b) => NaturalOrder.Instance.Compare(a.Name, b.Name));
            samples = Samples.Of([.. entries.Select(e => e.Name)], map, root, findings);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public int Count => samples.Count;

    public IReadOnlyList<string> Classes => samples.Classes;

    public IReadOnlyList<string> Remarks => samples.Remarks;

    /// <summary>Opens archives.</summary>
    /// <param name="root">What is asked for: one of them, or the folder of all.</param>
    /// <param name="paths">The archives.</param>
    /// <param name="map">Class map, or null.</param>
    /// <param name="extensions">Endings of images.</param>
    public static TarDataset Open(string root, string[] paths, ClassMap? map, IReadOnlyList<string>? extensions) =>
        new(root, paths, map, extensions);

    public int Label(int index) => samples.Label(index);

    public string Name(int index) => samples.Name(index);

    public ReadOnlySpan<byte> Read(int index, FileBuffer buffer)
    {
        var (archive, entry, _) = entries[samples.Place(index)];
        return archive.Read(entry, buffer);
    }

    public void Dispose() => archives.ForEach(a => a.Dispose());

    /// <summary>A member's path; in a folder of archives it begins with the archive's name.</summary>
    static string Name(string root, TarFile archive, TarEntry entry) => root == archive.Path ? entry.Name
        : $"{Path.GetFileNameWithoutExtension(archive.Path)}/{entry.Name}";
}
