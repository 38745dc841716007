using System.Text;

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

    public ReadOnlySpan<byte> Read(int index, FileBuffer buffer)
    {
        var path = Path.Combine(root, Name(index));
        try
        {
            using var file = RegularFile.Open(path, FileOptions.SequentialScan);
            var bytes = buffer.Take(RandomAccess.GetLength(file), path);
            var length = 0;
            for (int read; length < bytes.Length; length += read)
                if ((read = RandomAccess.Read(file, bytes[length..], length)) == 0)
                    break;
            return bytes[..length];
        }
        catch (Exception e) when (!IsUtf8(path))
        {
            throw new UserException($"Cannot read {path}: its name is not UTF-8, and cannot be used. Rename it.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"Cannot read {path}: {e.Message}", e);
        }
    }

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
            else if (!IsUtf8(below.Name) && !Directory.Exists(below.FullName))
                // What it holds cannot be listed: one unreadable image of its class stands for all.
                names.Add($"{prefix}{below.Name}/*");
            else if (!LeadsBack(below))
                Scan(below, $"{prefix}{below.Name}/", findings, names);
    }

    /// <summary>False where bytes that are not UTF-8 were replaced: .NET cannot give such a name back.</summary>
    static bool IsUtf8(string path) => OperatingSystem.IsWindows() || !path.Contains(Rune.ReplacementChar.ToString());

    /// <summary>Whether a folder is a link to one that it lies in: following it would never end.</summary>
    static bool LeadsBack(DirectoryInfo folder) =>
        folder.ResolveLinkTarget(returnFinalTarget: true)?.FullName is { } target
        && (folder.FullName + Path.DirectorySeparatorChar).StartsWith(
            target.TrimEnd('/', '\\') + Path.DirectorySeparatorChar, StringComparison.Ordinal);
}
