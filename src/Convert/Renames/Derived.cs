namespace OnnxTimm.Conversion;

/// <summary>A bias of zeros where there is none: a projection that is a layer with a bias in timm.</summary>
/// <param name="Pattern">Regular expression over the name of the weight.</param>
/// <param name="Bias">The name of the bias; see <see cref="NamePattern"/>.</param>
public sealed record Zeros(string Pattern, string Bias) : Row
{
    readonly NamePattern pattern = new(Pattern, Bias);

    /// <inheritdoc/>
    public override IEnumerable<Entry> Apply(
        IReadOnlyList<Entry> entries, IReadOnlyList<(string Name, long[] Shape)> model)
    {
        var names = entries.Select(entry => entry.Name).ToHashSet();
        return entries.SelectMany(entry => pattern.Matches(entry.Name) && entry.Tensor.Shape.Length > 0
            && !names.Contains(pattern.Apply(entry.Name)) ? [entry, Made(entry)] : (Entry[])[entry]);
    }

    Entry Made(Entry weight) => (weight with { Name = pattern.Apply(weight.Name) }).Changed(
        "zeros", Computed.Like(weight.Tensor.Slice(0, 0, 1), [weight.Tensor.Shape[0]], _ =>
            new float[weight.Tensor.Shape[0]]));
}

/// <summary>
/// Positions that are only added to the tokens before the grid become part of these tokens, so that the grid's stand
/// alone. Nothing is changed where the positions are of the grid alone.
/// </summary>
/// <param name="Positions">The positions [1, tokens before + grid, width].</param>
/// <param name="Tokens">Names of the tokens before the grid [1, n, width], in order.</param>
public sealed record IntoTokens(string Positions, params string[] Tokens) : Row
{
    /// <inheritdoc/>
    public override IEnumerable<Entry> Apply(
        IReadOnlyList<Entry> entries, IReadOnlyList<(string Name, long[] Shape)> model)
    {
        Entry[] tokens = [.. Tokens.SelectMany(name => entries.Where(entry => entry.Name == name))];
        var positions = entries.FirstOrDefault(entry => entry.Name == Positions);
        return positions?.Tensor.Shape is [1, var all, var width]
            && tokens.All(token => token.Tensor.Shape is [1, _, var same] && same == width)
            && IsSquare(all - tokens.Sum(token => token.Tensor.Shape[1])) && !IsSquare(all)
            ? entries.Except(tokens).Except([positions]).Concat(Summed(tokens, positions)) : entries;
    }

    static IEnumerable<Entry> Summed(Entry[] tokens, Entry positions)
    {
        var first = 0L;
        foreach (var token in tokens)
        {
            var rows = positions.Tensor.Slice(1, first, token.Tensor.Shape[1]);
            first += token.Tensor.Shape[1];
            yield return token.With(positions, "positions added", Computed.Of(token.Tensor, rows, (a, b) => a + b));
        }
        yield return positions.Changed(
            $"first {first} rows left out", positions.Tensor.Slice(1, first, positions.Tensor.Shape[1] - first));
    }

    static bool IsSquare(long n) => n > 0 && (long)Math.Sqrt(n) is var side && side * side == n;
}

/// <summary>
/// A bias before a batch norm, where the model has none: it is taken from the running mean.
/// </summary>
/// <param name="Pattern">Regular expression over the name of the bias.</param>
/// <param name="Mean">The name of the running mean; see <see cref="NamePattern"/>.</param>
public sealed record BiasIntoMean(string Pattern, string Mean) : Row
{
    readonly NamePattern pattern = new(Pattern, Mean);

    /// <inheritdoc/>
    public override IEnumerable<Entry> Apply(
        IReadOnlyList<Entry> entries, IReadOnlyList<(string Name, long[] Shape)> model)
    {
        var known = model.Select(tensor => tensor.Name).ToHashSet();
        var shapes = entries.ToDictionary(entry => entry.Name, entry => entry.Tensor.Shape);
        var biases = entries
            .Where(entry => pattern.Matches(entry.Name) && !known.Contains(entry.Name)
                && shapes.TryGetValue(pattern.Apply(entry.Name), out var mean)
                && mean.AsSpan().SequenceEqual(entry.Tensor.Shape))
            .ToDictionary(entry => pattern.Apply(entry.Name));
        return entries.Except(biases.Values).Select(entry => biases.TryGetValue(entry.Name, out var bias)
            ? entry.With(bias, "bias subtracted", Computed.Of(entry.Tensor, bias.Tensor, (a, b) => a - b)) : entry);
    }
}
