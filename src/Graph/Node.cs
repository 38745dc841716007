namespace OnnxTimm;

/// <summary>One application of an operator. Made by the Emit methods of <see cref="Graph"/> only.</summary>
public sealed class Node
{
    internal Node(Graph graph, string domain, string op, Value?[] inputs,
        SortedDictionary<string, object> attributes) =>
        (Graph, Domain, Op, In, Attributes) = (graph, domain, op, inputs, attributes);

    /// <summary>The graph that it is in.</summary>
    public Graph Graph { get; }

    /// <summary>Name of the operator, such as <c>Conv</c>.</summary>
    public string Op { get; }

    /// <summary>Empty for ONNX's own operators.</summary>
    public string Domain { get; }

    /// <summary>Its name in the file; may be empty.</summary>
    public string Name { get; internal set; } = "";

    /// <summary>Inputs; null where an optional one is left out.</summary>
    public Value?[] In { get; }

    /// <summary>All outputs, in the operator's order.</summary>
    public Value[] Outs { get; internal set; } = [];

    /// <summary>The first output; most operators have no other.</summary>
    public Value Out => Outs[0];

    /// <summary>Values of the enclosing graph that a body (If, Loop, Scan) reads.</summary>
    public Value[] Captured { get; internal set; } = [];

    /// <summary>
    /// By name: long, float, string, long[], float[], string[], Tensor, Shape-less types as <see cref="Opaque"/>.
    /// </summary>
    public SortedDictionary<string, object> Attributes { get; }

    /// <summary>All attributes, for another operator that takes the same ones.</summary>
    public (string Name, object? Value)[] AttributeList => [.. Attributes.Select(a => (a.Key, (object?)a.Value))];

    /// <summary>An input that must be there.</summary>
    public Value this[int input] => input < In.Length && In[input] is { } value
        ? value
        : throw new InvalidOperationException($"{this} has no input {input}.");

    /// <summary>Whether an optional input is there.</summary>
    public bool Has(int input) => input < In.Length && In[input] is not null;

    /// <summary>An attribute; what is given where it is left out.</summary>
    public long Int(string name, long otherwise = 0) => Attributes.TryGetValue(name, out var v) ? (long)v : otherwise;

    /// <summary>An attribute; what is given where it is left out.</summary>
    public float Float(string name, float otherwise = 0) =>
        Attributes.TryGetValue(name, out var v) ? (float)v : otherwise;

    /// <summary>An attribute; what is given where it is left out.</summary>
    public string Text(string name, string otherwise = "") =>
        Attributes.TryGetValue(name, out var v) ? (string)v : otherwise;

    /// <summary>An attribute; null where it is left out.</summary>
    public long[]? Ints(string name) => Attributes.TryGetValue(name, out var v) ? (long[])v : null;

    /// <summary>
    /// An integer list, or one value for each of <paramref name="count"/> places where it is left out.
    /// </summary>
    public long[] Ints(string name, int count, long otherwise) =>
        Ints(name) ?? [.. Enumerable.Repeat(otherwise, count)];

    /// <summary>The content of an input that must be a constant, such as axes; null when it is left out.</summary>
    public long[]? ConstInts(int input) => !Has(input) ? null
        : this[input].Data?.ToInts()
        ?? throw new InvalidOperationException($"{this}: input {input} is not a constant.");

    /// <summary>Operator, name and inputs, for messages.</summary>
    public override string ToString() =>
        $"{(Domain.Length == 0 ? Op : $"{Domain}.{Op}")} \"{Name}\""
        + $"({string.Join(", ", In.Select(v => v?.ToString() ?? "-"))})";
}

/// <summary>
/// An attribute that is carried but not understood: a body graph, a type, a sparse tensor; its protobuf bytes.
/// </summary>
/// <param name="Kind">ONNX's AttributeProto.AttributeType.</param>
/// <param name="Proto">The serialized AttributeProto.</param>
public sealed record Opaque(int Kind, byte[] Proto);
