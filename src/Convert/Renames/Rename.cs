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
    protected override IEnumerable<Entry> Change(Entry entry, string name) => [];
}
