using OnnxTimm.Infer;
using OnnxTimm.Onnx;
using OnnxTimm.Passes;

namespace OnnxTimm.Deploy;

/// <summary>Nodes that stay in float32 where a check of a network in half precision asks for it.</summary>
public static class Sensitive
{
    /// <summary>Other images than the one that is looked at may give values so many times as large.</summary>
    const float Margin = 8;

    /// <summary>Bytes of weights that may stay in float32, as a share of all.</summary>
    const double LeadingShare = 0.02;

    /// <summary>
    /// Names of the first nodes, whose rounding all others see and whose weights are few, and of those with values near
    /// the end of float16's range.
    /// </summary>
    /// <param name="graph">A network in float32, all of whose nodes have names.</param>
    public static IReadOnlySet<string> Nodes(Graph graph) => Leading(graph).Concat(Large(graph)).ToHashSet();

    static IEnumerable<string> Leading(Graph graph)
    {
        var left = LeadingShare * graph.Stored.Sum(v => v.Data!.ByteCount);
        return graph.Nodes.TakeWhile(n => (left -= n.In.Sum(v => v?.Data?.ByteCount ?? 0)) >= 0).Select(n => n.Name);
    }

    /// <summary>Nodes that compute or read large values: found on the digest's input.</summary>
    static IEnumerable<string> Large(Graph graph)
    {
        var probe = Rewrite.Apply(graph);
        Value[] values = [.. probe.Nodes.SelectMany(n => n.Outs)
            .Where(v => v is { Type: DType.Float32, Name.Length: > 0, Shape: { IsKnown: true, Rank: > 0 } })];
        Value[] largest = [.. values.Select((v, i) => probe.Output($"most:{i}", v.Abs().ReduceMax(null, false)))];
        var most = Rewrite.Select(probe, probe.Inputs.Select(v => (v.Name, v)), largest);
        using var session = Session.Load(OnnxFile.ToBytes(most), graph.Name, new() { Spin = false });
        var found = GoldenDigest.Of(session, [.. largest.Select(v => v.Name)], 0);
        var names = values.Zip(found.Outputs).Where(pair => !(pair.Second.Values[0] <= HalfPrecision.Largest / Margin))
            .Select(pair => pair.First.Name).ToHashSet();
        return graph.Nodes.Where(n => n.Outs.Concat(n.In.OfType<Value>()).Any(v => names.Contains(v.Name)))
            .Select(n => n.Name);
    }
}
