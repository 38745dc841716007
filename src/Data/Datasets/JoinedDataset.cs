namespace OnnxTimm.Data;

/// <summary>Several data sets in a row, without labels; each name begins with the path of its part.</summary>
public sealed class JoinedDataset : IDataset
{
    readonly (IDataset Data, int Index, string Name)[] images;
    readonly IReadOnlyList<IDataset> parts;

    JoinedDataset(IReadOnlyList<IDataset> parts, (IDataset, int, string)[] images) =>
        (this.parts, this.images) = (parts, images);

    /// <inheritdoc/>
    public int Count => images.Length;

    /// <summary>Always empty: classes of different folders need not be the same.</summary>
    public IReadOnlyList<string> Classes => [];

    /// <inheritdoc/>
    public IReadOnlyList<string> Remarks => [.. parts.SelectMany(p => p.Remarks).Distinct()];

    /// <summary>Opens files and folders, each as <see cref="Dataset"/> does; one alone is what it is.</summary>
    /// <param name="paths">Images, folders and archives.</param>
    /// <param name="open">Opens one.</param>
    /// <exception cref="UserException">One of them cannot be opened.</exception>
    public static IDataset Open(IReadOnlyList<string> paths, Func<string, IDataset> open)
    {
        if (paths.Count == 1)
            return open(paths[0]);
        var parts = new List<IDataset>();
        try
        {
            foreach (var path in paths)
                parts.Add(open(path));
            return new JoinedDataset(parts, [.. paths.Zip(parts).SelectMany(p => Images(p.First, p.Second))]);
        }
        catch
        {
            parts.ForEach(p => p.Dispose());
            throw;
        }
    }

    /// <summary>Always -1.</summary>
    public int Label(int index) => -1;

    /// <inheritdoc/>
    public string Name(int index) => images[index].Name;

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Read(int index, FileBuffer buffer) =>
        images[index].Data.Read(images[index].Index, buffer);

    /// <inheritdoc/>
    public Image? Pixels(int index) => images[index].Data.Pixels(images[index].Index);

    /// <summary>Closes all data sets that were joined.</summary>
    public void Dispose()
    {
        foreach (var part in parts)
            part.Dispose();
    }

    static IEnumerable<(IDataset, int, string)> Images(string path, IDataset part) =>
        Enumerable.Range(0, part.Count).Select(i => (part, i,
            part.Count == 1 && part.Name(i) == Path.GetFileName(path) ? path : $"{path.TrimEnd('/')}/{part.Name(i)}"));
}
