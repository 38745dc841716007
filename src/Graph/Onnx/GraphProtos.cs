using OnnxTimm.Onnx.Proto;

namespace OnnxTimm.Onnx;

/// <summary>Graphs as messages, without the stored tensors.</summary>
static class GraphProtos
{
    const string PseudoDomain = "onnxtimm";

    /// <summary>The model around a graph: versions, signature, metadata, functions.</summary>
    public static ModelProto Frame(Graph graph, IReadOnlyCollection<Value> initializers)
    {
        var model = new ModelProto
        {
            IrVersion = OnnxVersions.LowestIr(graph, initializers),
            ProducerName = graph.IsForeign ? $"{OnnxFile.Producer} rewrite" : OnnxFile.Producer,
            ProducerVersion = typeof(GraphProtos).Assembly.GetName().Version!.ToString(3),
        };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = graph.Opset });
        foreach (var (domain, version) in Imports(graph))
            model.OpsetImport.Add(new OperatorSetIdProto { Domain = domain, Version = version });
        foreach (var (key, value) in graph.Metadata)
            model.MergeFrom(Metadata(key, value));
        model.Functions.AddRange(graph.Functions.Select(f => FunctionProto.Parser.ParseFrom(f.Proto)));
        return model;
    }

    /// <summary>One entry of a model's metadata; merged into the model it is one more.</summary>
    public static ModelProto Metadata(string key, string value) =>
        new() { MetadataProps = { new StringStringEntryProto { Key = key, Value = value } } };

    /// <summary>Versions of the domains beside ONNX's own: those that a file came with, and those in use.</summary>
    public static SortedDictionary<string, long> Imports(Graph graph)
    {
        var imports = new SortedDictionary<string, long>(graph.Domains);
        foreach (var domain in graph.Nodes.Select(n => n.Domain).Where(d => d.Length > 0))
            imports.TryAdd(domain, 1);
        return imports;
    }

    /// <summary>Nodes and interface of a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="extraInputs">Stored values to declare as inputs.</param>
    /// <param name="valueInfo">Whether every intermediate value gets its type written, or those that need it.</param>
    public static GraphProto Of(Graph graph, IEnumerable<Value> extraInputs, bool valueInfo)
    {
        var proto = new GraphProto { Name = graph.Name };
        proto.Node.AddRange(graph.Nodes.Select(Of));
        proto.Input.AddRange(graph.Inputs.Concat(extraInputs).Select(TypeProtos.Of));
        proto.Output.AddRange(graph.Outputs.Select(TypeProtos.Of));
        var outputs = graph.Outputs.ToHashSet();
        proto.ValueInfo.AddRange(graph.Nodes
            .SelectMany(n => valueInfo ? n.Outs : NotInferred(n))
            .Where(v => v.Name.Length > 0 && (v.Shape.IsKnown || v.IsSequence) && !outputs.Contains(v))
            .Select(TypeProtos.Of));
        return proto;
    }

    /// <summary>What a reader could not find out by itself, in files of others.</summary>
    static IEnumerable<Value> NotInferred(Node n)
    {
        if (!n.Graph.IsForeign)
            return [];
        var inferred = ShapeRules.Infer(n, n.Outs.Length);
        return n.Outs.Where((v, i) => v.IsSequence || inferred[i] != (v.Type, v.Shape));
    }

    static NodeProto Of(Node n)
    {
        if (n.Domain == PseudoDomain)
            throw new InvalidOperationException($"{n} exists inside the program only and cannot be written: "
                + "a pass must strip it for inference (StripTraining) or lower it for training first.");
        var proto = new NodeProto { OpType = n.Op, Name = n.Name };
        if (n.Domain.Length > 0)
            proto.Domain = n.Domain;
        proto.Input.AddRange(n.In.Select(v => v?.Name ?? ""));
        proto.Output.AddRange(n.Outs.Select(v => v.Name));
        proto.Attribute.AddRange(n.Attributes.Select(a => AttributeProtos.Of(a.Key, a.Value)));
        if (n.Captured.Length > 0)
        {
            var bodies = Bodies.In(proto.Attribute).ToArray();
            Bodies.Rename(bodies, Bodies.Free(bodies).Zip(n.Captured, (old, now) => (old, now.Name)).ToDictionary());
        }
        return proto;
    }
}
