namespace OnnxTimm.Conversion;

/// <summary>
/// A network of MXNet as its <c>-symbol.json</c> has it; <see cref="SymbolImport.Read(string)"/> reads one, and
/// <see cref="ToGraph(StateDict, IReadOnlyDictionary{string, long[]})"/> makes a graph of it and its weights.
/// </summary>
public sealed class Symbol
{
    internal Symbol(string source, SymbolEntry[] heads)
    {
        (Source, Heads) = (source, heads);
        Nodes = Below(heads);
        Readers = Nodes.SelectMany(n => n.Inputs.Select((entry, i) => (entry.Node, Reader: (Node: n, Input: i))))
            .ToLookup(read => read.Node, read => read.Reader);
        Variables = [.. Nodes.Where(n => n.IsVariable).Select(n => n.Name)];
    }

    /// <summary>The operators that can be read, under all their names.</summary>
    public static IEnumerable<string> KnownOperators => SymbolRules.Known;

    /// <summary>The file, for messages.</summary>
    public string Source { get; }

    /// <summary>Names of all variables: inputs, labels, parameters and auxiliary states.</summary>
    public IReadOnlyList<string> Variables { get; }

    /// <summary>The outputs.</summary>
    internal SymbolEntry[] Heads { get; }

    /// <summary>What the outputs need, each node behind those that it reads.</summary>
    internal IReadOnlyList<SymbolNode> Nodes { get; }

    /// <summary>Who reads a node, and as which input.</summary>
    internal ILookup<SymbolNode, (SymbolNode Node, int Input)> Readers { get; }

    /// <summary>Variables without an array: inputs, and what is missing.</summary>
    internal IEnumerable<string> Unstored(StateDict weights) => Nodes
        .Where(n => n.IsVariable && !weights.ContainsKey(n.Name) && !SymbolRoles.IsLabel(this, n)).Select(n => n.Name);

    /// <summary>
    /// The network as a graph in float32: weights under their names in the symbol, without copies, the batch symbolic,
    /// every head an output under MXNet's name (<c>fc_output</c>). Labels of output layers are left out.
    /// </summary>
    /// <param name="weights">
    /// Arrays by name (<see cref="Checkpoint.Open"/> of the .params file); it must live as long as the graph.
    /// </param>
    /// <param name="inputs">
    /// Every input by its variable's name, such as "data", with its shape behind the batch.
    /// </param>
    /// <exception cref="UserException">
    /// Operators that are not known, names that are missing or left over on either side, shapes that do not fit: each
    /// kind as one list.
    /// </exception>
    public Graph ToGraph(StateDict weights, IReadOnlyDictionary<string, long[]> inputs) =>
        SymbolBuilder.Build(this, weights, inputs);

    /// <summary>The same for a network of one input, whatever its name.</summary>
    /// <param name="weights">Arrays by name; it must live as long as the graph.</param>
    /// <param name="shape">Shape of the input behind the batch, such as C, H, W.</param>
    /// <exception cref="UserException">As above, or there is not exactly one input.</exception>
    public Graph ToGraph(StateDict weights, params long[] shape) =>
        ToGraph(weights, new Dictionary<string, long[]> { [Input(weights).Name] = shape });

    /// <summary>
    /// The one variable that is fed: no array of the weights has its name, and no output layer reads it as a label.
    /// Among several it is "data".
    /// </summary>
    /// <exception cref="UserException">There is none, or several and none is called "data".</exception>
    public SymbolInput Input(StateDict weights)
    {
        string[] fed = [.. Unstored(weights)];
        var name = fed.Length == 1 ? fed[0] : fed.FirstOrDefault(n => n == "data");
        return name is not null ? SymbolInput.Of(name, this, weights) : throw new UserException(fed.Length == 0
            ? $"\"{Source}\" has no input: \"{weights.Source}\" has arrays for all its variables."
            : $"\"{Source}\" has no variable \"data\", and several have no array in \"{weights.Source}\": "
                + $"{string.Join(", ", fed)}. Say which are inputs.");
    }

    static SymbolNode[] Below(SymbolEntry[] heads)
    {
        var (order, open) = (new List<SymbolNode>(), new Stack<(SymbolNode Node, int Next)>());
        var seen = new HashSet<SymbolNode>();
        foreach (var head in heads.Where(head => seen.Add(head.Node)))
            for (open.Push((head.Node, 0)); open.TryPop(out var top);)
                if (top.Next == top.Node.Inputs.Length)
                    order.Add(top.Node);
                else
                {
                    open.Push(top with { Next = top.Next + 1 });
                    if (seen.Add(top.Node.Inputs[top.Next].Node))
                        open.Push((top.Node.Inputs[top.Next].Node, 0));
                }
        return [.. order];
    }
}
