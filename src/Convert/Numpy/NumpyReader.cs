namespace OnnxTimm.Conversion;

/// <summary>
/// Reads what numpy.save and numpy.savez write: one array (.npy), or a zip archive of such (.npz), as MXNet 2 also
/// saves its parameters.
/// </summary>
static class NumpyReader
{
    const string Extension = ".npy";

    /// <summary>True when the archive holds arrays.</summary>
    public static bool Fits(ZipDirectory zip) => zip.Entries.Any(IsArray);

    /// <summary>A file of one array, which takes the file's name.</summary>
    public static CheckpointContent Read(MappedFile file) => Content(file,
    [
        new NpyArray(file, Path.GetFileNameWithoutExtension(file.Path), 0, file.Length,
            () => file.Stream(0, file.Length), () => file.Slice(0, file.Length)),
    ]);

    /// <summary>An archive: the arrays have the names of its entries.</summary>
    public static CheckpointContent Read(MappedFile file, ZipDirectory zip) => Content(file, zip.Entries
        .Where(entry => !entry.Name.EndsWith('/'))
        .Select(entry => IsArray(entry)
            ? new NpyArray(file, entry.Name[..^Extension.Length], zip.Place(entry) ?? 0, entry.Size,
                () => zip.Open(entry), () => zip.Verified(entry))
            : throw file.Fault($"the zip entry \"{entry.Name}\" is no {Extension} array")));

    static bool IsArray(ZipEntry entry) => entry.Name.EndsWith(Extension, StringComparison.Ordinal);

    static CheckpointContent Content(MappedFile file, IEnumerable<NpyArray> arrays)
    {
        var root = new PyDict();
        foreach (var array in arrays)
            root[array.Name] = array.Tensor();
        return new CheckpointContent(file.Path, root, new Dictionary<string, string>(), file);
    }
}
