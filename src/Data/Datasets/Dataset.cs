namespace OnnxTimm.Data;

/// <summary>Opens data sets by kind and path, as timm's <c>create_dataset</c> does.</summary>
public static class Dataset
{
    /// <summary>The kinds that need no further library; a program may add its own.</summary>
    public static IReadOnlyList<DatasetKind> Kinds { get; } =
    [
        new("",       [],   ImageFiles.Open) { Place = ImageFiles.PathOf },
        new("folder", [],   ImageFiles.Open) { Place = ImageFiles.PathOf },
        new("wds",    null, ShardDataset.Open),
        new("csv",    [],   CsvDataset.Open) { Place = CsvDataset.PathOf },
        new("tfds",   null, _ => throw new UserException("tfds/ needs TensorFlow's own reader: write the images as tar "
            + "shards, each image beside its .cls file, and read them as wds/.")),
    ];

    /// <summary>Opens a data set.</summary>
    /// <param name="request">Which, and how.</param>
    /// <param name="kinds">The kinds there are; null for <see cref="Kinds"/>.</param>
    /// <exception cref="UserException">No such kind, nothing there, no image, or labels that do not fit.</exception>
    public static IDataset Open(DatasetRequest request, IReadOnlyList<DatasetKind>? kinds = null)
    {
        var (kind, name) = Find(request.Kind, kinds ?? Kinds);
        var data = kind.Open(request with { Name = name });
        try
        {
            if (request.Samples is { } count)
                data = count >= 1 && count <= data.Count ? Subset.First(data, count)
                    : throw new UserException($"{count} images of {request.Root} are asked for; it has {data.Count}.");
            return request.IsGray ? new GrayDataset(data) : data;
        }
        catch
        {
            data.Dispose();
            throw;
        }
    }

    /// <summary>Opens a folder, a tar archive, or one image file.</summary>
    /// <param name="path">
    /// A folder of <c>class/file</c>, a folder of files without labels, a .tar, a folder of these, or an image.
    /// </param>
    /// <param name="split">
    /// Which part of a folder: the sub-folder (or .tar) of that name or of a usual synonym, the folder itself where
    /// there is none and no other split either. Empty: the folder itself.
    /// </param>
    /// <param name="classMap">File of class names and labels (see <see cref="ClassMap.Load"/>), or null.</param>
    /// <param name="inputKey">Endings of image files (see <see cref="ImageEndings.Parse"/>), or null.</param>
    /// <param name="classes">
    /// Where there is no class map, the classes that the folders' names are looked up in; null for these themselves.
    /// </param>
    /// <exception cref="UserException">Nothing there, no image, or no class that the map has.</exception>
    public static IDataset Open(string path, string split = "", string? classMap = null, string? inputKey = null,
        IReadOnlyList<string>? classes = null) => Open(new DatasetRequest(path)
        {
            Split = split,
            ClassMap = classMap,
            InputKey = inputKey,
            Classes = classes,
        });

    /// <summary>Where a split lies: two splits of one place are the same images.</summary>
    /// <param name="request">The data set.</param>
    /// <param name="kinds">The kinds there are; null for <see cref="Kinds"/>.</param>
    /// <exception cref="UserException">There is no such split, but others.</exception>
    public static string PlaceOf(DatasetRequest request, IReadOnlyList<DatasetKind>? kinds = null) =>
        Find(request.Kind, kinds ?? Kinds).Kind.Place(request);

    static (DatasetKind Kind, string Name) Find(string text, IReadOnlyList<DatasetKind> kinds)
    {
        var slash = text.IndexOf('/');
        var (prefix, name) = slash < 0 ? (text, "") : (text[..slash], text[(slash + 1)..]);
        var kind = kinds.FirstOrDefault(k => k.Prefix.Equals(prefix, StringComparison.OrdinalIgnoreCase))
            ?? throw Nearest.Unknown("kind of data set", text, kinds.Select(k => k.Prefix).Where(p => p.Length > 0));
        return kind.Names is not { } names || names.Contains(name) || (names.Count == 0 && name.Length == 0)
            ? (kind, name)
            : throw (names.Count == 0 ? new UserException($"\"{text}\": nothing stands behind the slash of {prefix}/.")
                : Nearest.Unknown($"data set of {prefix}/", name, names));
    }
}
