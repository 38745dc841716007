namespace OnnxTimm.Data;

/// <summary>Names and labels of a data set's images, in natural order.</summary>
sealed class Samples
{
    readonly string[] names;
    readonly int[] places;
    readonly int[] labels;

    Samples(string[] names, int[] places, int[] labels, IReadOnlyList<string> classes, string[] remarks) =>
        (this.names, this.places, this.labels, Classes, Remarks) = (names, places, labels, classes, remarks);

    public int Count => places.Length;

    public IReadOnlyList<string> Classes { get; }

    /// <summary>What is left out, a sentence each.</summary>
    public IReadOnlyList<string> Remarks { get; }

    public string Name(int index) => names[places[index]];

    public int Label(int index) => labels[index];

    /// <summary>The place of an image among the files that were given.</summary>
    public int Place(int index) => places[index];

    /// <summary>
    /// Labels files by the folder they lie in, the last one of their path; files in no folder have none.
    /// Without a class map, labels count the class names in natural order; a map leaves out what it does not have.
    /// </summary>
    /// <param name="sorted">File names in natural order.</param>
    /// <param name="map">Class map, or null.</param>
    /// <param name="source">What messages call the data set.</param>
    /// <param name="findings">What was not taken.</param>
    public static Samples Of(string[] sorted, ClassMap? map, string source, Findings findings)
    {
        if (sorted.Length == 0)
            throw findings.Nothing(source);
        var folders = Array.ConvertAll(sorted, Folder);
        string[] own = [.. folders.Where(f => f.Length > 0).Distinct().Order(NaturalOrder.Instance)];
        var lookup = own.Index().ToDictionary(c => c.Item, c => map is null ? c.Index : map.Find(c.Item));
        lookup.Add("", -1);
        int[] places = [.. folders.Index().Where(f => lookup[f.Item] is not null).Select(f => f.Index)];
        string[] unknown = [.. own.Where(c => lookup[c] is null)];
        if (places.Length == 0)
            throw map!.Missing(unknown[0]);
        var remarks = findings.Remarks(own);
        if (unknown.Length > 0)
            remarks = remarks.Append($"Left out: {Amount.Of(sorted.Length - places.Length, "image")} of "
                + $"{Amount.Of(unknown.Length, "class")} that {map} does not have: {Findings.Names(unknown)}.");
        return new(sorted, places, Array.ConvertAll(places, p => lookup[folders[p]]!.Value), map?.Names ?? own,
            [.. remarks]);
    }

    /// <summary>The folder that a file lies in, without those above it; empty for none.</summary>
    public static string Folder(string name)
    {
        var end = name.LastIndexOf('/');
        return end < 0 ? "" : name[(name.LastIndexOf('/', Math.Max(0, end - 1)) + 1)..end];
    }
}
