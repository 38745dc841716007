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
    /// <param name="fault">Takes what is wrong with one of several, which is left out; null for no such thing.</param>
    /// <exception cref="UserException">One of them cannot be opened, and nobody takes that.</exception>
    public static IDataset Open(
        IReadOnlyList<string> paths, Func<string, IDataset> open, Action<string, UserException>? fault = null)
    {
        if (paths.Count == 1)
            return open(paths[0]);
        var parts = new List<(string Path, IDataset Data)>();
        try
        {
            foreach (var path in paths)
                try
                {
                    parts.Add((path, open(path)));
                }
                catch (Exception e) when (fault is not null
                    && e is UserException or IOException or UnauthorizedAccessException)
                {
                    fault(path, e as UserException ?? new($"Cannot read {path}: {e.Message}", e));
                }
            return new JoinedDataset([.. parts.Select(p => p.Data)],
                [.. parts.SelectMany(p => Images(p.Path, p.Data))]);
        }
        catch
        {
            parts.ForEach(p => p.Data.Dispose());
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
