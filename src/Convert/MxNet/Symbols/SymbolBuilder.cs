namespace OnnxTimm.Conversion;

/// <summary>Makes a graph of a symbol: checks the names, declares the variables, emits node after node.</summary>
sealed class SymbolBuilder
{
    readonly Symbol symbol;
    readonly StateDict weights;
    readonly Graph graph;
    readonly List<string> mismatches = [];
    readonly Dictionary<SymbolNode, Value?[]> values = [];

    SymbolBuilder(Symbol symbol, StateDict weights)
    {
        const string ending = "-symbol";
        var name = Path.GetFileNameWithoutExtension(symbol.Source);
        (this.symbol, this.weights) = (symbol, weights);
        graph = new(name.EndsWith(ending, StringComparison.Ordinal) ? name[..^ending.Length] : name);
    }

    public static Graph Build(Symbol symbol, StateDict weights, IReadOnlyDictionary<string, long[]> inputs)
    {
        var builder = new SymbolBuilder(symbol, weights);
        builder.CheckOperators();
        builder.CheckNames(inputs);
        foreach (var variable in symbol.Nodes.Where(n => n.IsVariable))
            builder.Guard(variable, () => builder.values[variable] = [builder.Declare(variable, inputs)]);
        foreach (var node in symbol.Nodes.Where(n => !n.IsVariable))
            builder.Guard(node, () => builder.values[node] = builder.Emit(node));
        builder.CheckShapes();
        foreach (var head in symbol.Heads)
            builder.Guard(head.Node, () => builder.Output(head));
        return builder.graph;
    }

    void CheckOperators()
    {
        const int shown = 5;
        var unknown = symbol.Nodes.Where(n => !n.IsVariable && !SymbolRules.Knows(n.Op)).GroupBy(n => n.Op, n => n.Name)
            .Select(op => $"{op.Key} ({string.Join(", ", op.Take(shown))}{(op.Count() > shown ? ", ..." : "")})");
        if (string.Join(", ", unknown) is { Length: > 0 } list)
            throw new UserException($"\"{symbol.Source}\" has operators that are not known: {list}.");
    }

    void CheckNames(IReadOnlyDictionary<string, long[]> inputs)
    {
        var variables = symbol.Variables.ToHashSet();
        string[] missing = [.. symbol.Unstored(weights).Where(name => !inputs.ContainsKey(name))];
        string[] unused = [.. weights.Keys.Where(name => !variables.Contains(name))];
        if (inputs.Keys.FirstOrDefault(name => !variables.Contains(name)) is { } odd)
            throw new UserException($"\"{symbol.Source}\" has no input \"{odd}\".{Nearest.Hint(odd, variables)}");
        if (missing.Length + unused.Length > 0)
            throw new UserException($"\"{weights.Source}\" does not fit \"{symbol.Source}\"."
                + StateDicts.Listed("In the symbol, not in the file", missing)
                + StateDicts.Listed("In the file, not in the symbol", unused));
    }

    void CheckShapes()
    {
        if (mismatches.Count > 0)
            throw new UserException($"\"{weights.Source}\" does not fit \"{symbol.Source}\"."
                + StateDicts.Listed("Shapes differ", [.. mismatches.Distinct()]));
    }

    /// <summary>What an input, a parameter or a state becomes; null for a label.</summary>
    Value? Declare(SymbolNode variable, IReadOnlyDictionary<string, long[]> inputs)
    {
        if (inputs.TryGetValue(variable.Name, out var shape))
            return graph.Input(variable.Name, DType.Float32, new([Dim.Batch, .. shape.Select(d => (Dim)d)]));
        if (!weights.TryGetValue(variable.Name, out var tensor))
            return null;
        var role = SymbolRoles.Of(symbol, variable);
        var content = role == Role.Constant ? Tensor.Filled(1, tensor.Shape) : tensor.AsFloat32();
        return graph.Store(variable.Name, role, content);
    }

    Value[] Emit(SymbolNode node)
    {
        Value?[] inputs = [.. node.Inputs.Select(entry => entry.Output < values[entry.Node].Length
            ? values[entry.Node][entry.Output]
            : throw new InvalidOperationException($"output {entry.Output} of {entry.Node} is not made here"))];
        return SymbolRules.Emit(new(node, inputs, symbol.Source, mismatches));
    }

    /// <summary>Outputs are called as MXNet calls them.</summary>
    void Output(SymbolEntry head)
    {
        var all = values[head.Node];
        var name = head.Node.IsVariable ? head.Node.Name
            : all.Length == 1 ? $"{head.Node.Name}_output" : $"{head.Node.Name}_output{head.Output}";
        graph.Output(name, head.Output < all.Length && all[head.Output] is { } value
            ? value
            : throw new InvalidOperationException($"its output {head.Output} is not made here"));
    }

    /// <summary>What the graph refuses is a fault of the file, at a node.</summary>
    void Guard(SymbolNode node, Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or ArithmeticException
            or IndexOutOfRangeException)
        {
            throw new UserException($"Cannot read \"{symbol.Source}\": at the node {node}, {e.Message}", e);
        }
    }
}
