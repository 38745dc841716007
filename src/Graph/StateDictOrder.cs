namespace OnnxTimm;

/// <summary>
/// The order of a PyTorch state-dict: a module's own parameters, then its own statistics, then its children in the
/// order in which they were registered, which is the order of first use unless a scope is <see cref="Scope.Late"/> or
/// <see cref="Scope.Early"/> or its parent has them <see cref="Scope.Ordered"/>.
/// </summary>
sealed class StateDictOrder(Dictionary<string, int> places, Dictionary<string, string[]> orders)
{
    public IEnumerable<(string Name, Value Weight)> Of(IEnumerable<(string, Value)> weights) =>
        Module([.. weights], "");

    IEnumerable<(string Name, Value Weight)> Module(IReadOnlyList<(string Name, Value Weight)> weights, string prefix)
    {
        var own = weights.Where(w => !w.Name.AsSpan(prefix.Length).Contains('.')).OrderBy(w => w.Weight.Role);
        var order = orders.GetValueOrDefault(prefix, []);
        var children = weights
            .Where(w => w.Name.AsSpan(prefix.Length).Contains('.'))
            .GroupBy(w => w.Name[..(w.Name.IndexOf('.', prefix.Length) + 1)])
            .OrderBy(child => Rank(child.Key[prefix.Length..^1], order))
            .ThenBy(child => places.GetValueOrDefault(child.Key));
        return own.Concat(children.SelectMany(child => Module([.. child], child.Key)));
    }

    /// <summary>The place of a child in a list, in which "cpe" stands for cpe2 too.</summary>
    static int Rank(string child, string[] order)
    {
        var at = Array.IndexOf(order, child);
        at = at < 0 ? Array.IndexOf(order, child.TrimEnd("0123456789".ToCharArray())) : at;
        return at < 0 ? order.Length : at;
    }
}
