using Microsoft.Win32.SafeHandles;

namespace OnnxTimm.Data;

/// <summary>Image files in a tar archive, read in place; the folder in the archive is the class.</summary>
sealed class TarDataset : IDataset
{
    readonly SafeFileHandle file;
    readonly TarEntry[] entries;
    readonly Samples samples;
    readonly string path;

    TarDataset(string path, ClassMap? map, IReadOnlyList<string>? extensions)
    {
        this.path = path;
        file = RegularFile.Open(path, FileOptions.RandomAccess);
        try
        {
            var findings = new Findings(extensions);
            entries = [.. TarIndex.Read(file, path).Where(e => findings.Takes(e.Name))];
            Array.Sort(entries, (a, b) => NaturalOrder.Instance.Compare(a.Name, b.Name));
            samples = Samples.Of([.. entries.Select(e => e.Name)], map, path, findings);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public int Count => samples.Count;

    public IReadOnlyList<string> Classes => samples.Classes;

    public IReadOnlyList<string> Remarks => samples.Remarks;

    public static TarDataset Open(string path, ClassMap? map, IReadOnlyList<string>? extensions)
    {
        try
        {
            return new(path, map, extensions);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"Cannot read {path}: {e.Message}", e);
        }
    }

    public int Label(int index) => samples.Label(index);

    public string Name(int index) => samples.Name(index);

    public ReadOnlySpan<byte> Read(int index, FileBuffer buffer)
    {
        var entry = entries[samples.Place(index)];
        if (entry.IsSparse)
            throw new UserException($"{entry.Name} is a sparse file in {path}, which is not read: unpack the archive.");
        var bytes = buffer.Take(entry.Length, entry.Name);
        return TarIndex.TryRead(file, bytes, entry.Offset)
            ? bytes
            : throw new UserException($"{path} was cut short while it was in use: {entry.Name} is gone.");
    }

    public void Dispose() => file.Dispose();
}
