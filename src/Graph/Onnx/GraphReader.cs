using Google.Protobuf;
using OnnxTimm.Onnx.Proto;

namespace OnnxTimm.Onnx;

/// <summary>
/// A graph from the parts of a file. Constant nodes become constants, and so do initializers that are inputs too;
/// bodies and model-local functions are carried. Left behind: doc strings, annotations of quantization and training.
/// </summary>
sealed class GraphReader
{
    readonly ByteSource source;
    readonly ModelParts parts;
    readonly TensorReader tensors;
    readonly Dictionary<string, ValueInfoProto> declared;
    readonly Graph graph;

    GraphReader(ByteSource source, ModelParts parts, bool foreign)
    {
        (this.source, this.parts, tensors) = (source, parts, new TensorReader(source));
        declared = parts.Graph.ValueInfo.Concat(parts.Graph.Output).DistinctBy(v => v.Name).ToDictionary(v => v.Name);
        graph = new Graph(parts.Graph.Name, Opset(), seed: 0) { IsForeign = foreign };
    }

    /// <exception cref="UserException">The file is damaged or has something unsupported, which is named.</exception>
    public static Graph Read(ByteSource source)
    {
        var parts = ModelParts.Of(source);
        try
        {
            if (parts.Model.ProducerName == OnnxFile.Producer)
                return new GraphReader(source, parts, foreign: false).Read();
        }
        catch (InvalidOperationException)
        {
            // Signed by this program, then changed by another.
        }
        return new GraphReader(source, parts, foreign: true).Read();
    }

    Graph Read()
    {
        ReadFrame();
        if (parts.Graph.SparseInitializer.FirstOrDefault() is { } sparse)
            throw source.Fault($"the initializer \"{sparse.Values?.Name}\" is sparse, which is not supported");
        var stored = parts.Tensors.Select(t => t.Header.Name).ToHashSet();
        foreach (var input in parts.Graph.Input.Where(i => !stored.Contains(i.Name)))
            ReadInput(input);
        foreach (var tensor in parts.Tensors)
            graph.Store(New(tensor.Header.Name), RoleOf(tensor.Header), tensors.Read(tensor));
        foreach (var node in parts.Graph.Node)
            ReadNode(node);
        foreach (var output in parts.Graph.Output)
            ReadOutput(output);
        return graph;
    }

    int Opset()
    {
        var imports = parts.Model.OpsetImport.Where(d => IsOnnx(d.Domain)).Select(d => d.Version);
        var opset = imports.DefaultIfEmpty(18).Max();
        return opset is >= OnnxVersions.OldestOpset and <= OnnxVersions.NewestOpset ? (int)opset : throw source.Fault(
            $"it has opset {opset}, supported are {OnnxVersions.OldestOpset} to {OnnxVersions.NewestOpset}");
    }

    void ReadFrame()
    {
        // A seal is of the file, not of what is made of it.
        foreach (var entry in parts.Model.MetadataProps.Where(entry => entry.Key != Seal.Key))
            graph.Metadata[entry.Key] = entry.Value;
        foreach (var import in parts.Model.OpsetImport.Where(d => !IsOnnx(d.Domain)))
            graph.Domains[import.Domain] = import.Version;
        graph.Functions.AddRange(parts.Model.Functions.Select(f => new Opaque(0, f.ToByteArray())));
    }

    void ReadInput(ValueInfoProto input)
    {
        var (type, shape, isSequence) = TypeProtos.Read(input);
        if (!Enum.IsDefined(type) || type == DType.Undefined)
            throw Unsupported("input", input);
        if (isSequence)
            graph.SequenceInput(New(input.Name), type);
        else
            graph.Input(New(input.Name), type, shape);
    }

    Role RoleOf(TensorProto header) => graph.IsForeign ? Role.Constant : TensorProtos.RoleOf(header.DocString);

    void ReadNode(NodeProto proto)
    {
        if (proto.Overload.Length > 0)
            throw source.Fault($"the node \"{proto.Name}\" calls the overload \"{proto.Overload}\" of {proto.OpType}, "
                + "which is not supported");
        if (proto is { OpType: "Constant", Output.Count: 1 } && IsOnnx(proto.Domain))
        {
            graph.Store(New(proto.Output[0]), Role.Constant, Constants.Read(proto, tensors) ?? throw source.Fault(
                $"the constant \"{proto.Output[0]}\" is sparse or has no value, which is not supported"));
            return;
        }
        var attributes = proto.Attribute.DistinctBy(a => a.Name)
            .Select(a => (a.Name, (object?)AttributeProtos.Read(a, tensors))).ToArray();
        var op = IsOnnx(proto.Domain) ? proto.OpType : $"{proto.Domain}:{proto.OpType}";
        var inputs = proto.Input.Select(name => name.Length == 0 ? null : Known(name, proto)).ToArray();
        var node = graph.Emit(op, inputs, proto.Output.Count, attributes);
        var bodies = Bodies.In(proto.Attribute.DistinctBy(a => a.Name).OrderBy(a => a.Name, Comparer<string>.Default));
        node.Captured = [.. Bodies.Free(bodies).Select(name => Known(name, proto))];
        Name(node, proto);
    }

    void Name(Node node, NodeProto proto)
    {
        if (proto.Name.Length > 0)
            graph.Rename(node, proto.Name);
        foreach (var (value, name) in node.Outs.Zip(proto.Output))
        {
            if (name.Length == 0)
                graph.Omit(value);
            else if (value.Name != name)
                graph.Rename(value, New(name));
            if (graph.IsForeign && declared.TryGetValue(name, out var info))
                Declare(value, TypeProtos.Read(info));
        }
    }

    /// <summary>A file knows the types of its values; shapes that follow from operators are kept.</summary>
    static void Declare(Value value, (DType Type, Shape Shape, bool IsSequence) info)
    {
        if (!value.Shape.IsKnown || info.Type != value.Type)
            value.Shape = info.Shape;
        (value.Type, value.IsSequence) = (info.Type, info.IsSequence);
    }

    void ReadOutput(ValueInfoProto output)
    {
        if (graph.Find(output.Name) is not { } value)
            throw source.Fault($"nothing computes the output \"{output.Name}\"");
        if (output.Type is not null && TypeProtos.Read(output).Type == DType.Undefined)
            throw Unsupported("output", output);
        if (value.Role == Role.Input)
            throw source.Fault($"the output \"{output.Name}\" is an input too, which is not supported");
        graph.Output(output.Name, value);
    }

    Value Known(string name, NodeProto reader) => graph.Find(name) ?? throw source.Fault(
        $"the node \"{reader.Name}\" ({reader.OpType}) reads \"{name}\", which nothing before it computes");

    string New(string name) => name.Length > 0 && graph.Find(name) is null ? name
        : throw source.Fault($"the name \"{name}\" is given to two values");

    UserException Unsupported(string what, ValueInfoProto info)
    {
        var kind = info.Type?.ValueCase.ToString() ?? "without a type";
        return source.Fault($"the {what} \"{info.Name}\" is no tensor ({kind}), which is not supported");
    }

    static bool IsOnnx(string domain) => domain is "" or "ai.onnx";
}
