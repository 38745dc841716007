using OnnxTimm.Conversion;

namespace OnnxTimm.Tests.Conversion;

/// <summary>One operator of MXNet as a network of its own, and what it must give.</summary>
/// <param name="Ops">Its names; each is tried.</param>
/// <param name="Attributes">Such as "kernel=(2,2) stride=(1,1)".</param>
/// <param name="Inputs">What is fed; the first axis is the batch.</param>
/// <param name="Weights">What is stored; these inputs come last.</param>
/// <param name="Expected">Each output.</param>
sealed record SymbolRow(string Ops, string Attributes, Grid[] Inputs, Grid[] Weights, Grid[] Expected)
{
    public override string ToString() =>
        $"{Ops} {Attributes} of {string.Join(" and ", Inputs.Concat(Weights).Select(x => string.Join('x', x.Shape)))}";

    public void Run()
    {
        foreach (var op in Ops.Split(' '))
            Run(op);
    }

    void Run(string op)
    {
        var weights = new StateDict("weights");
        foreach (var (i, w) in Weights.Index())
            weights[$"w{i}"] = Tensor.Of(w.Floats, w.Shape);
        var shapes = Inputs.Index().ToDictionary(x => $"x{x.Index}", x => x.Item.Shape[1..]);
        var graph = Symbol(op).ToGraph(weights, shapes);
        var actual = Ort.Run(graph, [.. Inputs.Select((x, i) => ($"x{i}", x.Floats, x.Shape))]);
        Assert.HasCount(Expected.Length, actual, op);
        foreach (var (expected, output) in Expected.Zip(graph.Outputs))
        {
            CollectionAssert.AreEqual(expected.Shape,
                output.Shape.Select(d => d.IsFixed ? d.Size : d.Factor * Inputs[0].Shape[0]).ToArray());
            foreach (var (e, a) in expected.Data.Zip(actual[output.Name]))
                Assert.AreEqual(e, a, Tolerances.Get("convert/mxnet.rule"), op);
        }
    }

    Symbol Symbol(string op)
    {
        string[] names = [.. Inputs.Select((_, i) => $"x{i}"), .. Weights.Select((_, i) => $"w{i}")];
        var variables = names.Select(name => $$"""{"op": "null", "name": "{{name}}", "inputs": []}""");
        var attributes = Attributes.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(a => a.Split('='))
            .Select(a => $"\"{a[0]}\": \"{a[1]}\"");
        var inputs = string.Join(", ", names.Select((_, i) => $"[{i}, 0, 0]"));
        var heads = string.Join(", ", Expected.Select((_, i) => $"[{names.Length}, {i}, 0]"));
        var text = string.Join(", ", attributes);
        var node = $$"""{"op": "{{op}}", "name": "y", "attrs": { {{text}} }, "inputs": [{{inputs}}]}""";
        using var folder = new TempFolder();
        File.WriteAllText(folder["net-symbol.json"],
            $$"""{"nodes": [{{string.Join(", ", [.. variables, node])}}], "heads": [{{heads}}]}""");
        return SymbolImport.Read(folder["net-symbol.json"]);
    }
}
