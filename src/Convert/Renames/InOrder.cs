using System.Text.RegularExpressions;

namespace OnnxTimm.Conversion;

/// <summary>
/// Layers meet in the order in which both sides count them: the k-th convolution of the file is the k-th of the model,
/// and so the norms and the linear layers. timm's converter goes by this order too (convert/convert_from_mxnet.py).
/// </summary>
/// <param name="From">Regular expression over the layers of the file that the row takes.</param>
/// <param name="To">
/// Regular expression over the layers of the model that they become; $1 stands for a group of the first.
/// </param>
public sealed record InOrder(string From = "", string To = "") : Row
{
    readonly Regex from = new(From, RegexOptions.CultureInvariant);

    /// <inheritdoc/>
    public override IEnumerable<Entry> Apply(
        IReadOnlyList<Entry> entries, IReadOnlyList<(string Name, long[] Shape)> model)
    {
        var (named, known) = (entries.Select(e => e.Name).ToHashSet(), model.Select(t => t.Name).ToHashSet());
        var layers = Layer.Of(entries.Where(e => !known.Contains(e.Name)).Select(e => (e.Name, e.Tensor.Shape)));
        var targets = Layer.Of(model.Where(t => !named.Contains(t.Name)));
        var names = layers.Where(layer => from.IsMatch(layer.Name))
            .GroupBy(layer => from.Match(layer.Name).Result(To))
            .SelectMany(group => Pairs(group, targets.Where(layer => Regex.IsMatch(layer.Name, group.Key))))
            .ToDictionary();
        return entries.Select(entry => entry with { Name = names.GetValueOrDefault(entry.Name, entry.Name) });
    }

    static IEnumerable<KeyValuePair<string, string>> Pairs(IEnumerable<Layer> layers, IEnumerable<Layer> targets) =>
        layers
        .OrderBy(layer => layer.Scope, NaturalOrder.Instance).ThenBy(layer => layer.Name, NaturalOrder.Instance)
        .GroupBy(layer => layer.Kind)
        .SelectMany(group => Pairs([.. group], [.. targets.Where(target => target.Kind == group.Key)]));

    /// <summary>
    /// Where one side has more layers than the other, only those before the first of another shape surely meet.
    /// </summary>
    static IEnumerable<KeyValuePair<string, string>> Pairs(Layer[] layers, Layer[] targets) => layers.Zip(targets)
        .TakeWhile(pair => layers.Length == targets.Length || pair.First.Weight.SequenceEqual(pair.Second.Weight))
        .SelectMany(pair => pair.First.Tensors.Join(
            pair.Second.Tensors, t => t.Role, t => t.Role, (t, target) => KeyValuePair.Create(t.Name, target.Name)));
}

/// <summary>A list without names holds the tensors in the model's order.</summary>
public sealed record ByPosition : Row
{
    /// <inheritdoc/>
    public override IEnumerable<Entry> Apply(
        IReadOnlyList<Entry> entries, IReadOnlyList<(string Name, long[] Shape)> model) =>
        entries.Select((entry, i) => i < model.Count ? entry with { Name = model[i].Name } : entry);
}

/// <summary>
/// A number in a name counts through all stages of the model: the n-th gets the n-th name of the model.
/// </summary>
/// <param name="From">Regular expression over the beginning of a name; its group 1 is the number.</param>
/// <param name="To">Regular expression over the beginning of the model's names.</param>
public sealed record Counted(string From, string To) : Row
{
    readonly Regex from = new(From, RegexOptions.CultureInvariant);

    /// <inheritdoc/>
    public override IEnumerable<Entry> Apply(
        IReadOnlyList<Entry> entries, IReadOnlyList<(string Name, long[] Shape)> model)
    {
        var names = model.Select(t => Regex.Match(t.Name, To)).Where(m => m.Success)
            .Select(m => m.Value).Distinct().ToArray();
        return entries.Select(entry => entry with
        {
            Name = from.Replace(entry.Name, match =>
                int.TryParse(match.Groups[1].Value, out var n) && n < names.Length ? names[n] : match.Value),
        });
    }
}
