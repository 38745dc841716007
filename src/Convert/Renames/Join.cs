namespace OnnxTimm.Conversion;

/// <summary>
/// Several tensors that are one in timm, such as queries, keys and values: joined along the first axis.
/// </summary>
/// <param name="Pattern">Regular expression whose group "part" names the part.</param>
/// <param name="Replacement">The name of the whole; see <see cref="NamePattern"/>.</param>
/// <param name="Parts">The parts in timm's order.</param>
public sealed record Join(string Pattern, string Replacement, params string[] Parts) : Row
{
    readonly NamePattern pattern = new(Pattern, Replacement);

    /// <inheritdoc/>
    public override IEnumerable<Entry> Apply(
        IReadOnlyList<Entry> entries, IReadOnlyList<(string Name, long[] Shape)> model) => entries
        .GroupBy(entry => pattern.Matches(entry.Name) ? (Whole: pattern.Apply(entry.Name), "") : (null, entry.Name))
        .SelectMany(group => group.Key.Whole is { } whole ? Whole(whole, [.. group]) : [.. group]);

    /// <summary>Parts that are not complete stay as they are, and are reported by their own names.</summary>
    Entry[] Whole(string name, Entry[] found)
    {
        var parts = found.ToDictionary(entry => pattern.Group(entry.Name, "part"));
        if (!Parts.All(parts.ContainsKey))
            return found;
        Entry[] ordered = [.. Parts.Select(part => parts[part])];
        Tensor[] tensors = [.. ordered.Select(entry => entry.Tensor)];
        if (!AreJoinable(tensors))
            return found;
        var tensor = Tensor.Concat(tensors);
        var whole = new Entry(name, tensor)
        {
            Sources = [.. ordered.SelectMany(entry => entry.Sources)],
            Operations = [.. ordered.SelectMany(entry => entry.Operations).Distinct()],
        };
        return [whole.Changed($"{string.Join(", ", Parts)} joined", tensor)];
    }

    static bool AreJoinable(Tensor[] parts) => parts.All(part => part.Shape.Length > 0 && part.Type == parts[0].Type
        && part.Shape.AsSpan(1).SequenceEqual(parts[0].Shape.AsSpan(1)));
}

/// <summary>One tensor that is several in timm: cut into equal pieces along an axis.</summary>
/// <param name="Pattern">Regular expression over the name.</param>
/// <param name="Replacement">The name of a piece, with {part} for its own; see <see cref="NamePattern"/>.</param>
/// <param name="Parts">The pieces in order.</param>
public sealed record Split(string Pattern, string Replacement, params string[] Parts) : EntryRow(Pattern, Replacement)
{
    /// <summary>The axis: the last, or the first.</summary>
    public Index Axis { get; init; } = ^1;

    /// <inheritdoc/>
    protected override IEnumerable<Entry> Change(Entry entry, string name)
    {
        var (tensor, rank) = (entry.Tensor, entry.Tensor.Shape.Length);
        return rank > 0 && tensor.Shape[Axis] is var size && size % Parts.Length == 0
            ? Parts.Select((part, i) => (entry with { Name = name.Replace("{part}", part) }).Changed(
                $"piece {i + 1} of {Parts.Length}",
                tensor.Slice(Axis.GetOffset(rank), i * size / Parts.Length, size / Parts.Length)))
            : [entry];
    }
}

/// <summary>One tensor that holds those of all blocks, stacked along a first axis.</summary>
/// <param name="Pattern">Regular expression over the name.</param>
/// <param name="Replacement">The name of a block's, with {block} for its number; see <see cref="NamePattern"/>.</param>
public sealed record Unstack(string Pattern, string Replacement) : EntryRow(Pattern, Replacement)
{
    /// <summary>More blocks than any network has: a first axis that is no stack.</summary>
    const int MostBlocks = 1000;

    /// <inheritdoc/>
    protected override IEnumerable<Entry> Change(Entry entry, string name) =>
        entry.Tensor.Shape is [> 0 and <= MostBlocks and var blocks, ..]
            ? Enumerable.Range(0, (int)blocks).Select(i => (entry with { Name = name.Replace("{block}", $"{i}") })
                .Changed($"block {i} of the stack", entry.Tensor.Slice(0, i, 1).Reshape(entry.Tensor.Shape[1..])))
            : [entry];
}
