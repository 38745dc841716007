namespace OnnxTimm.Data;

/// <summary>Names and labels of a data set's images, in natural order.</summary>
sealed class Samples
{
    readonly string[] names;
    readonly int[] labels;

    Samples(string[] names, int[] labels, IReadOnlyList<string> classes) =>
        (this.names, this.labels, Classes) = (names, labels, classes);

    public int Count => names.Length;

    public IReadOnlyList<string> Classes { get; }

    /// <summary>Extensions of image files, unless told otherwise; as in timm.</summary>
    public static IReadOnlyList<string> Extensions { get; } = [".png", ".jpg", ".jpeg"];

    public string Name(int index) => names[index];

    public int Label(int index) => labels[index];

    public static bool IsImage(string name, IReadOnlyList<string>? extensions) =>
        (extensions ?? Extensions).Contains(Path.GetExtension(name).ToLowerInvariant());

    /// <summary>
    /// Labels files by the folder they lie in, the last one of their path; files in no folder have none.
    /// Without a class map, labels count the class names in natural order.
    /// </summary>
    /// <param name="sorted">File names in natural order.</param>
    /// <param name="map">Class map, or null.</param>
    /// <param name="source">What messages call the data set.</param>
    /// <param name="extensions">Extensions that were searched for, or null for the usual ones.</param>
    public static Samples Of(string[] sorted, ClassMap? map, string source, IReadOnlyList<string>? extensions)
    {
        if (sorted.Length == 0)
            throw new UserException($"No images in {source} ({string.Join(", ", extensions ?? Extensions)}).");
        var folders = sorted.Select(Folder).ToArray();
        var classes = map?.Names ?? [.. folders.Where(f => f.Length > 0).Distinct().Order(NaturalOrder.Instance)];
        var lookup = classes.Index().Where(c => c.Item.Length > 0).ToDictionary(c => c.Item, c => c.Index);
        return new(sorted, [.. folders.Select(f => f.Length == 0 ? -1 : map?[f] ?? lookup[f])], classes);
    }

    static string Folder(string name)
    {
        var end = name.LastIndexOf('/');
        return end < 0 ? "" : name[(name.LastIndexOf('/', end - 1) + 1)..end];
    }
}
