namespace OnnxTimm;

// Weights as PyTorch lists them.
public sealed partial class Graph
{
    readonly List<(int At, string Alias, string Source)> ties = [];

    /// <summary>Parameters and statistics in the order of a PyTorch state-dict.</summary>
    public IEnumerable<Value> Weights => StateDict.Select(entry => entry.Weight).Distinct();

    /// <summary>
    /// The same under all their names: a weight that <see cref="Scope.Tied"/> lists twice is there twice.
    /// </summary>
    public IEnumerable<(string Name, Value Weight)> StateDict => new StateDictOrder(Places, Orders).Of(Listed());

    /// <summary>
    /// Prefixes whose modules PyTorch registers after their siblings (1) or before them (-1): <see cref="Scope.Late"/>,
    /// <see cref="Scope.Early"/>.
    /// </summary>
    internal Dictionary<string, int> Places { get; } = [];

    /// <summary>Children of a prefix in their order: <see cref="Scope.Ordered"/>.</summary>
    internal Dictionary<string, string[]> Orders { get; } = [];

    /// <summary>Lists what is stored under a prefix under another too, from here on.</summary>
    internal void Tie(string alias, string source) => ties.Add((stored.Count, $"{alias}.", $"{source}."));

    /// <summary>Lists weights of a copy twice as here.</summary>
    internal void TieAsHere(Graph copy) => ties.ForEach(tie => copy.ties.Add(tie with { At = copy.stored.Count }));

    IEnumerable<(string Name, Value Weight)> Listed()
    {
        var own = stored.Index().Where(v => v.Item.IsWeight).Select(v => (At: (double)v.Index, v.Item.Name, v.Item));
        var tied = ties.SelectMany(tie => stored.Where(v => v.IsWeight && v.Name.StartsWith(tie.Source,
            StringComparison.Ordinal)).Select(v => (At: tie.At - 0.5, tie.Alias + v.Name[tie.Source.Length..], v)));
        return own.Concat(tied).OrderBy(entry => entry.At).Select(entry => (entry.Item2, entry.Item3));
    }
}
