using OnnxTimm.Onnx.Proto;

namespace OnnxTimm.Onnx;

/// <summary>
/// The graphs inside of If, Loop and Scan, which are carried but not understood: only which values of the graph around
/// them they read, so that these live on, under whatever name.
/// </summary>
static class Bodies
{
    /// <summary>The graphs in a node's attributes, in the order of the attributes.</summary>
    public static IEnumerable<GraphProto> In(IEnumerable<AttributeProto> attributes) =>
        attributes.SelectMany(a => a.G is { } one ? a.Graphs.Prepend(one) : a.Graphs);

    /// <summary>Names that bodies read from around them, in the order of first use.</summary>
    public static IEnumerable<string> Free(IEnumerable<GraphProto> bodies) => bodies.SelectMany(Free).Distinct();

    /// <summary>Gives outer values the names that they have now.</summary>
    public static void Rename(IEnumerable<GraphProto> bodies, Dictionary<string, string> names)
    {
        foreach (var body in bodies)
        {
            var free = Free(body).Where(names.ContainsKey).ToDictionary(name => name, name => names[name]);
            foreach (var node in body.Node)
            {
                for (var i = 0; i < node.Input.Count; i++)
                    node.Input[i] = free.GetValueOrDefault(node.Input[i], node.Input[i]);
                Rename(In(node.Attribute), free);
            }
            foreach (var output in body.Output)
                output.Name = free.GetValueOrDefault(output.Name, output.Name);
        }
    }

    static IEnumerable<string> Free(GraphProto body)
    {
        var known = body.Input.Select(i => i.Name)
            .Concat(body.Initializer.Select(t => t.Name))
            .Concat(body.SparseInitializer.Select(t => t.Values.Name))
            .Append("").ToHashSet();
        var free = new List<string>();
        foreach (var node in body.Node)
        {
            free.AddRange(node.Input.Concat(Free(In(node.Attribute))).Where(name => !known.Contains(name)));
            known.UnionWith(node.Output);
        }
        free.AddRange(body.Output.Select(o => o.Name).Where(name => !known.Contains(name)));
        return free.Distinct();
    }
}
