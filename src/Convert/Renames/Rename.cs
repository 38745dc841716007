namespace OnnxTimm.Conversion;

/// <summary>Another name, and another layout where there is one.</summary>
/// <param name="Pattern">Regular expression over the name.</param>
/// <param name="Replacement">What takes the place of the match; see <see cref="NamePattern"/>.</param>
/// <param name="Layout">Applied to the tensors whose names match; null where the layout is timm's.</param>
public sealed record Rename(string Pattern, string Replacement, Layout? Layout = null) : EntryRow(Pattern, Replacement)
{
    /// <inheritdoc/>
    protected override IEnumerable<Entry> Change(Entry entry, string name)
    {
        var renamed = entry with { Name = name };
        return [Layout?.Apply(renamed) ?? renamed];
    }
}

/// <summary>Tensors that timm's models do not have, and why: they are reported, but are no error.</summary>
/// <param name="Pattern">Regular expression over the name.</param>
/// <param name="Reason">What they are.</param>
public sealed record Skip(string Pattern, string Reason) : EntryRow(Pattern, "")
{
    /// <inheritdoc/>
    public override string TakenAway => Reason;

    /// <inheritdoc/>
    protected override IEnumerable<Entry> Change(Entry entry, string name) => [];
}

/// <summary>A part of a larger network: what stands behind a word, without it; the rest is reported.</summary>
/// <param name="Prefix">The word with its dot.</param>
/// <param name="Reason">What the rest is.</param>
public sealed record Keep(string Prefix, string Reason) : Row
{
    /// <inheritdoc/>
    public override string TakenAway => Reason;

    /// <inheritdoc/>
    public override IEnumerable<Entry> Apply(
        IReadOnlyList<Entry> entries, IReadOnlyList<(string Name, long[] Shape)> model) => entries
        .Where(entry => entry.Name.StartsWith(Prefix, StringComparison.Ordinal))
        .Select(entry => entry with { Name = entry.Name[Prefix.Length..] });
}

/// <summary>
/// A row for names that the model does not have: what depends on the network that is asked for, such as a norm that
/// only some variants have.
/// </summary>
/// <param name="Row">What is done with them.</param>
public sealed record IfUnknown(EntryRow Row) : Row
{
    /// <inheritdoc/>
    public override string TakenAway => Row.TakenAway;

    /// <inheritdoc/>
    public override IEnumerable<Entry> Apply(
        IReadOnlyList<Entry> entries, IReadOnlyList<(string Name, long[] Shape)> model)
    {
        var known = model.Select(tensor => tensor.Name).ToHashSet();
        return entries.SelectMany(entry => known.Contains(entry.Name) ? [entry] : Row.Apply([entry], model));
    }
}
