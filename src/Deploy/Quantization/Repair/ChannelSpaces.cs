namespace OnnxTimm.Deploy;

/// <summary>
/// Tensors whose channels are the same ones: what only passes channels on, cuts them off at 0, or adds such tensors has
/// them in common with its inputs. If all who write a space divide a channel by a number and all who read it multiply
/// by the same, the network computes what it did.
/// </summary>
sealed class ChannelSpaces
{
    readonly Dictionary<Value, Value> parents = [];
    readonly HashSet<Value> frozen = [];
    readonly Readers readers;

    /// <summary>Finds the spaces of a network.</summary>
    public ChannelSpaces(Graph graph)
    {
        readers = new(graph);
        foreach (var v in graph.Inputs.Concat(graph.Outputs))
            frozen.Add(v);
        foreach (var n in graph.Nodes)
            Visit(n);
        All = [.. graph.Nodes.SelectMany(n => n.Outs).GroupBy(Root)
            .Where(g => !g.Any(frozen.Contains)).Select(g => Of(graph, g.Key, [.. g]))
            .Where(s => s.Writers.Length > 0 && s.Readers.Length > 0)];
    }

    /// <summary>A space whose channels can be scaled.</summary>
    /// <param name="Values">The tensors.</param>
    /// <param name="Writers">Layers whose results they are.</param>
    /// <param name="Readers">Layers that read them.</param>
    /// <param name="Limit">Where a Clip cuts them off; infinite without any.</param>
    public sealed record Space(Value[] Values, Node[] Writers, Node[] Readers, double Limit)
    {
        public int Channels => (int)Values[0].Shape[1].Size;
    }

    /// <summary>All spaces that can be scaled.</summary>
    public IReadOnlyList<Space> All { get; }

    Space Of(Graph graph, Value root, Value[] values) => new(values,
        [.. values.Select(v => v.Producer!).Where(IsLayer).Distinct()],
        [.. graph.Nodes.Where(n => IsLayer(n) && Root(n[0]) == root)],
        values.Select(v => v.Producer!).Where(n => n.Op == "Clip").Select(n => OperatorRules.Bounds(n)!.Value.Most)
            .DefaultIfEmpty(double.PositiveInfinity).Min());

    void Visit(Node n)
    {
        if (IsLayer(n))
            return;
        if (Passes(n))
            Join(n[0], n.Out);
        else if (n.Op is "Add" or "Sub" && n[0].Data is null && n[1].Data is null && n[0].Shape.Equals(n[1].Shape))
        {
            Join(n[0], n.Out);
            Join(n[1], n.Out);
        }
        else if (n.Op == "Mul" && n[0].Data is null && n[1].Data is null && IsGate(n[1], n[0]))
        {
            Join(n[0], n.Out);
            frozen.Add(n[1]);
        }
        else
            frozen.UnionWith([.. n.In.OfType<Value>(), .. n.Captured, .. n.Outs]);
    }

    /// <summary>A convolution or a linear layer with weights of its own.</summary>
    bool IsLayer(Node n) => n.Op is "Conv" or "Gemm" && OperatorRules.Of(n) is not null && n[0].Shape.Rank is 2 or 4
        && readers.Only(n[1]) is not null && (!n.Has(2) || readers.Only(n[2]) is not null);

    static bool Passes(Node n) => n.Op switch
    {
        "Relu" or "LeakyRelu" or "MaxPool" or "AveragePool" or "GlobalAveragePool" or "GlobalMaxPool" =>
            n.Outs.Length == 1 && n[0].Shape is { IsKnown: true, Rank: 4 },
        "Clip" => OperatorRules.Bounds(n) is { Least: 0 },
        "Flatten" or "Reshape" => n.Out.Shape is { IsKnown: true, Rank: 2 } && n[0].Shape is { IsKnown: true, Rank: 4 }
            && n[0].Shape.Skip(2).All(d => d == 1),
        _ => false,
    };

    /// <summary>One number a channel.</summary>
    static bool IsGate(Value gate, Value map) => gate.Shape is { IsKnown: true, Rank: 4 }
        && map.Shape is { IsKnown: true, Rank: 4 } && gate.Shape.Skip(2).All(d => d == 1)
        && gate.Shape[1] == map.Shape[1];

    Value Root(Value v)
    {
        while (parents.TryGetValue(v, out var parent))
            v = parent;
        return v;
    }

    void Join(Value a, Value b)
    {
        var (x, y) = (Root(a), Root(b));
        if (x != y)
            parents[x] = y;
    }
}
