namespace OnnxTimm;

/// <summary>
/// The order of a PyTorch state-dict: a module's own parameters, then its own statistics, then its children in the
/// order in which they were registered, which is the order of first use unless a scope is <see cref="Scope.Late"/>.
/// </summary>
static class StateDictOrder
{
    public static IEnumerable<Value> Of(IEnumerable<Value> weights, HashSet<string> late) =>
        Module([.. weights], "", late);

    static IEnumerable<Value> Module(IReadOnlyList<Value> weights, string prefix, HashSet<string> late)
    {
        var own = weights.Where(v => !v.Name.AsSpan(prefix.Length).Contains('.')).OrderBy(v => v.Role);
        var children = weights
            .Where(v => v.Name.AsSpan(prefix.Length).Contains('.'))
            .GroupBy(v => v.Name[..(v.Name.IndexOf('.', prefix.Length) + 1)])
            .OrderBy(child => late.Contains(child.Key));
        return own.Concat(children.SelectMany(child => Module([.. child], child.Key, late)));
    }
}
