namespace OnnxTimm;

// What values and nodes are called.
public sealed partial class Graph
{
    readonly Dictionary<string, Value> byName = [];
    readonly Dictionary<string, int> counters = [];
    readonly HashSet<string> nodeNames = [];

    /// <summary>The value of a name: input, stored or the output of a node; null where there is none.</summary>
    public Value? Find(string name) => byName.GetValueOrDefault(name);

    /// <summary>Gives a value another name; the name must be free.</summary>
    internal void Rename(Value value, string name)
    {
        if (value.Name == name)
            return;
        byName.Remove(value.Name);
        value.Name = name;
        byName.Add(name, value);
    }

    /// <summary>Takes the name of an output that nothing reads: ONNX leaves it out.</summary>
    internal void Omit(Value output)
    {
        byName.Remove(output.Name);
        output.Name = "";
    }

    /// <summary>Gives a node another name, unless some node has it already.</summary>
    internal void Rename(Node node, string name)
    {
        if (!nodeNames.Add(name))
            return;
        nodeNames.Remove(node.Name);
        node.Name = name;
    }

    /// <summary>A name that nothing in the graph has yet.</summary>
    internal string Fresh(string stem)
    {
        var name = stem;
        while (byName.ContainsKey(name) || nodeNames.Contains(name))
            name = $"{stem}_{counters[stem] = counters.GetValueOrDefault(stem) + 1}";
        return name;
    }

    /// <summary>A node is called after the layer whose weights it reads, so that a profile can be read.</summary>
    static string Title(Node node)
    {
        var weight = node.In.FirstOrDefault(v => v is { IsWeight: true })?.Name;
        var dot = weight?.LastIndexOf('.') ?? -1;
        return dot < 0 ? node.Op : $"{weight![..dot]}/{node.Op}";
    }
}
