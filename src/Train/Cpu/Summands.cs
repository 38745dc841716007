using OnnxTimm.Passes;

namespace OnnxTimm.Train.Cpu;

/// <summary>A batch norm's gradient that comes in two summands takes both, and no node adds them up before.</summary>
static class Summands
{
    public static Graph Absorb(Graph graph)
    {
        var readers = graph.Nodes.SelectMany(n => n.In.OfType<Value>()).Concat(graph.Outputs).CountBy(v => v)
            .ToDictionary();
        return Rewrite.Apply(Rewrite.Apply(graph, (n, to) =>
            n is { Domain: "onnxtimm", Op: "BatchNormGrad" } && n[0].Producer is { Op: "Add" } add
                && readers[add.Out] == 1 && add[0].Shape.Equals(add[1].Shape) ? WithMore(n, add, to) : null));
    }

    static Value[] WithMore(Node n, Node add, Rewrite to) => to.Target.Emit("onnxtimm:BatchNormGrad",
        [to[add[0]], .. n.In.Skip(1).Take(5).Select(v => to[v!]), n.Has(6) ? to[n[6]] : null, to[add[1]]],
        n.Outs.Length, n.AttributeList).Outs;
}
