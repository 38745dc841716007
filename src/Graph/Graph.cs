namespace OnnxTimm;

/// <summary>
/// A computation: inputs, stored values, nodes in topological order, named outputs. It grows at its end and is
/// otherwise never changed; a pass writes a new one (<see cref="Passes.Rewrite"/>).
/// </summary>
/// <param name="name">Name of the graph, such as the model's.</param>
/// <param name="opset">Version of ONNX's operator set.</param>
/// <param name="seed">Seed of the initial weights.</param>
public sealed partial class Graph(string name = "graph", int opset = 18, ulong seed = 42)
{
    readonly Dictionary<(string, DType), Value> constants = [];
    readonly Dictionary<string, Value> keyed = [];
    readonly List<Value> inputs = [];
    readonly List<Value> stored = [];
    readonly List<Value> outputs = [];
    readonly List<Node> nodes = [];

    /// <summary>GraphProto.name of the file.</summary>
    public string Name { get; } = name;

    /// <summary>Version of ONNX's own operators.</summary>
    public int Opset { get; } = opset;

    /// <summary>Of the initial weights; with a parameter's name it makes the parameter.</summary>
    public ulong Seed { get; } = seed;

    /// <summary>What a caller gives, in the order of their declaration.</summary>
    public IReadOnlyList<Value> Inputs => inputs;

    /// <summary>In an order in which each reads only what is there before it.</summary>
    public IReadOnlyList<Node> Nodes => nodes;

    /// <summary>What a caller gets, in the order of their declaration.</summary>
    public IReadOnlyList<Value> Outputs => outputs;

    /// <summary>Constants, parameters and statistics, in the order of their creation.</summary>
    public IReadOnlyList<Value> Stored => stored;

    /// <summary>ONNX's metadata_props.</summary>
    public SortedDictionary<string, string> Metadata { get; } = [];

    /// <summary>Versions of the operator domains in use beside ONNX's own.</summary>
    public SortedDictionary<string, long> Domains { get; } = [];

    /// <summary>What a file holds that is carried but not understood: model-local functions.</summary>
    public List<Opaque> Functions { get; } = [];

    /// <summary>Where parameters without a prefix are declared, under PyTorch's defaults.</summary>
    public Scope Root => new(this, "", new LayerDefaults());

    /// <summary>
    /// True for a file of somebody else's: a shape that no rule gives is unknown there, not an error.
    /// </summary>
    public bool IsForeign { get; init; }

    /// <summary>Declares an input; its name must be free.</summary>
    public Value Input(string name, DType type, Shape shape) =>
        Register(new Value(this, name, Role.Input, type, shape), inputs);

    /// <summary>Declares an input that is a sequence of tensors.</summary>
    public Value SequenceInput(string name, DType type) =>
        Register(new Value(this, name, Role.Input, type, Shape.Unknown) { IsSequence = true }, inputs);

    /// <summary>
    /// Declares a parameter or a statistic; its initial content is made from its name when it is read.
    /// </summary>
    public Value Weight(string name, Role role, Init init, Shape shape)
    {
        var sizes = shape.Sizes;
        return Store(name, role, new Tensor(DType.Float32, sizes, () => init.Make(name, Seed, sizes)));
    }

    /// <summary>Adds a stored value under a name of its own.</summary>
    public Value Store(string name, Role role, Tensor data) =>
        Register(new Value(this, name, role, data.Type, data.Shape) { Data = data }, stored);

    /// <summary>A constant; small equal ones are kept once.</summary>
    public Value Const(Tensor data)
    {
        if (data.Strings is not null || data.ByteCount > 1024)
            return Store(Fresh("const"), Role.Constant, data);
        var key = ($"{data}{System.Convert.ToHexString(data.Bytes.Span)}", data.Type);
        return constants.TryGetValue(key, out var known)
            ? known
            : constants[key] = Store(Fresh("const"), Role.Constant, data);
    }

    /// <summary>
    /// A constant that follows from sizes, such as a mask or a table of indices: kept once for all who ask by the same
    /// key, and made when it is read, if the tensor is lazy.
    /// </summary>
    /// <param name="key">What it is and every size that it follows from; its name in the file.</param>
    /// <param name="make">Called for the first who asks.</param>
    public Value Const(string key, Func<Tensor> make) => keyed.TryGetValue(key, out var known)
        ? known
        : keyed[key] = Store(Fresh(key), Role.Constant, make());

    /// <summary>A constant of rank 0; equal ones are one value.</summary>
    public Value Scalar(double value, DType type = DType.Float32) => Const(type switch
    {
        DType.Float32 => Tensor.Scalar((float)value),
        DType.Float64 => Tensor.Scalar(value),
        DType.Float16 => Tensor.Scalar((Half)value),
        DType.Int64 => Tensor.Scalar((long)value),
        DType.Int32 => Tensor.Scalar((int)value),
        _ => throw new ArgumentException($"No scalar of {type} is needed anywhere."),
    });

    /// <summary>
    /// Appends a node. Shapes and types of its outputs come from the operator's shape rule.
    /// </summary>
    /// <param name="op">Operator, such as "Conv", or "com.microsoft:FusedMatMul" for another domain.</param>
    /// <param name="inputs">Inputs; null where an optional one is left out. Trailing nulls are dropped.</param>
    /// <param name="outputs">Number of outputs.</param>
    /// <param name="attributes">Attributes; int and double are taken as long and float, null is left out.</param>
    public Node Emit(string op, ReadOnlySpan<Value?> inputs, int outputs = 1,
        params ReadOnlySpan<(string Name, object? Value)> attributes) =>
        Append(NewNode(op, inputs, attributes), n => ShapeRules.Infer(n, outputs));

    /// <summary>Appends a node whose outputs have given types and shapes: an operator that no rule knows.</summary>
    public Node Emit(string op, ReadOnlySpan<Value?> inputs, (DType, Shape)[] outputs) =>
        Append(NewNode(op, inputs, []), _ => outputs);

    Node NewNode(string op, ReadOnlySpan<Value?> inputs, ReadOnlySpan<(string Name, object? Value)> attributes)
    {
        var split = op.LastIndexOf(':');
        var node = new Node(this, split < 0 ? "" : op[..split], op[(split + 1)..], [.. Trim(inputs)], []);
        foreach (var (key, value) in attributes)
            if (value is not null)
                node.Attributes.Add(key, Normal(value));
        return node;
    }

    Node Append(Node node, Func<Node, (DType, Shape)[]> infer)
    {
        var outputs = infer(node);
        Rename(node, Fresh(Title(node)));
        node.Outs = [.. outputs.Select((output, i) => NewOutput(node, i, output))];
        nodes.Add(node);
        return node;
    }

    /// <summary>Makes a value an output under a name.</summary>
    public Value Output(string name, Value value)
    {
        if (value.Role != Role.Node || outputs.Contains(value))
        {
            if (value.Data is not null && value.Name == name)
                Rename(value, Fresh($"{name}:stored"));
            value = value.Identity();
        }
        Rename(value, name);
        outputs.Add(value);
        return value;
    }

    Value NewOutput(Node node, int index, (DType Type, Shape Shape) inferred)
    {
        var name = Fresh(index == 0 ? $"{node.Name}:0" : $"{node.Name}:{index}");
        var value = new Value(this, name, Role.Node, inferred.Type, inferred.Shape) { Producer = node };
        byName.Add(name, value);
        return value;
    }

    Value Register(Value value, List<Value> list)
    {
        if (!byName.TryAdd(value.Name, value))
            throw new InvalidOperationException($"The graph \"{Name}\" has a value \"{value.Name}\" already.");
        list.Add(value);
        return value;
    }

    static ReadOnlySpan<Value?> Trim(ReadOnlySpan<Value?> inputs)
    {
        while (inputs.Length > 0 && inputs[^1] is null)
            inputs = inputs[..^1];
        return inputs;
    }

    static object Normal(object value) => value switch
    {
        int i => (long)i,
        bool b => b ? 1L : 0L,
        double d => (float)d,
        int[] list => Array.ConvertAll(list, i => (long)i),
        DType type => (long)type,
        _ => value,
    };
}
