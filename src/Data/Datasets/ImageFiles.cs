namespace OnnxTimm.Data;

/// <summary>Opens what holds image files: folders, tars, folders of tars, or a single one.</summary>
static class ImageFiles
{
    static readonly Splits Splits = new("", ".tar");

    /// <summary>How the files of packed archives begin: zip, gzip, bzip2, xz, Zstandard, 7z, RAR.</summary>
    static readonly byte[][] Packed =
    [
        [0x50, 0x4B, 3, 4], [0x1F, 0x8B], [0x42, 0x5A, 0x68], [0xFD, 0x37, 0x7A, 0x58, 0x5A], [0x28, 0xB5, 0x2F, 0xFD],
        [0x37, 0x7A, 0xBC, 0xAF], [0x52, 0x61, 0x72, 0x21],
    ];

    public static IDataset Open(DatasetRequest request)
    {
        var path = PathOf(request);
        if (File.Exists(path) && IsPacked(path))
            throw new UserException($"{path} is a packed archive: unpack it, or make a .tar of it.");
        var map = request.Map(Directory.Exists(path) ? path : ".");
        var endings = ImageEndings.Parse(request.InputKey);
        return Directory.Exists(path)
                ? Tars(path, endings) is [_, ..] tars ? TarDataset.Open(path, tars, map, endings)
                    : FolderDataset.Scan(path, map, endings)
            : !File.Exists(path) ? throw new UserException($"There is no file or folder {path}.")
            : IsTar(path) ? TarDataset.Open(path, [path], map, endings)
            : FolderDataset.Single(path);
    }

    /// <summary>The folder or .tar that holds a split.</summary>
    public static string PathOf(DatasetRequest request) => Splits.PathOf(request.Root, request.Split);

    /// <summary>The archives of a folder that holds nothing else to read; none where they are splits.</summary>
    static string[] Tars(string folder, IReadOnlyList<string> endings)
    {
        string[] files = [.. Directory.EnumerateFiles(folder).Order(NaturalOrder.Instance)];
        string[] tars = [.. files.Where(IsTar)];
        return Directory.EnumerateDirectories(folder).Any()
            || files.Any(f => endings.Contains(Path.GetExtension(f).ToLowerInvariant()))
            || tars.Any(t => Splits.IsUsual(Path.GetFileNameWithoutExtension(t))) ? [] : tars;
    }

    static bool IsTar(string path) => Path.GetExtension(path).Equals(".tar", StringComparison.OrdinalIgnoreCase);

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
