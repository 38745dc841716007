namespace OnnxTimm.Data;

/// <summary>A kind of data set. The table <see cref="Dataset.Kinds"/> has those that need no further library.</summary>
/// <param name="Prefix">Its name, which stands before the slash.</param>
/// <param name="Names">What may stand behind the slash; empty for nothing, null for anything.</param>
/// <param name="Open">Opens one.</param>
/// <example>
/// <code>
/// var kind = new DatasetKind("noise", null, request => new Noise(request.Name));
/// using var data = Dataset.Open(new DatasetRequest("") { Kind = "noise/white" }, [.. Dataset.Kinds, kind]);
/// </code>
/// </example>
public sealed record DatasetKind(string Prefix, IReadOnlyList<string>? Names, Func<DatasetRequest, IDataset> Open)
{
    /// <summary>
    /// Where a split lies: two splits of one place are the same images. By default a place for each name.
    /// </summary>
    public Func<DatasetRequest, string> Place { get; init; } = request => $"{request.Root}|{request.Split}";
}
