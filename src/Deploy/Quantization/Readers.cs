namespace OnnxTimm.Deploy;

/// <summary>Who reads each value of a graph.</summary>
public sealed class Readers
{
    readonly ILookup<Value, Node> nodes;
    readonly HashSet<Value> outputs;

    /// <summary>Looks through a graph.</summary>
    public Readers(Graph graph)
    {
        nodes = graph.Nodes.SelectMany(n => n.In.OfType<Value>().Concat(n.Captured).Select(v => (v, n)))
            .ToLookup(read => read.v, read => read.n);
        outputs = [.. graph.Outputs];
    }

    /// <summary>The nodes that read a value, one as often as it does.</summary>
    public IEnumerable<Node> this[Value v] => nodes[v];

    /// <summary>Whether a value is an output of the graph.</summary>
    public bool IsOutput(Value v) => outputs.Contains(v);

    /// <summary>The node that alone reads a value; null where there are several, or the outside reads it.</summary>
    public Node? Only(Value v) => !IsOutput(v) && nodes[v].Take(2).ToArray() is [var one] ? one : null;
}
