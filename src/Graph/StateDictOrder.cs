namespace OnnxTimm;

/// <summary>
/// The order of a PyTorch state-dict: a module's own parameters, then its own statistics, then its children in the
/// order in which they were registered, which is the order of first use unless a scope is <see cref="Scope.Late"/> or
/// <see cref="Scope.Early"/>.
/// </summary>
static class StateDictOrder
{
    public static IEnumerable<Value> Of(IEnumerable<Value> weights, Dictionary<string, int> places) =>
        Module([.. weights], "", places);

    static IEnumerable<Value> Module(IReadOnlyList<Value> weights, string prefix, Dictionary<string, int> places)
    {
        var own = weights.Where(v => !v.Name.AsSpan(prefix.Length).Contains('.')).OrderBy(v => v.Role);
        var children = weights
            .Where(v => v.Name.AsSpan(prefix.Length).Contains('.'))
            .GroupBy(v => v.Name[..(v.Name.IndexOf('.', prefix.Length) + 1)])
            .OrderBy(child => places.GetValueOrDefault(child.Key));
        return own.Concat(children.SelectMany(child => Module([.. child], child.Key, places)));
    }
}
