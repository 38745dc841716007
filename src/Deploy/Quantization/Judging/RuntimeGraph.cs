using OnnxTimm.Infer;
using OnnxTimm.Onnx;

namespace OnnxTimm.Deploy;

/// <summary>What ONNX Runtime makes of a network on this machine.</summary>
/// <param name="Operators">How many nodes of each operator it runs.</param>
/// <param name="LeftOver">
/// QuantizeLinear and DequantizeLinear nodes that no integer kernel took in, but for those at the network's own inputs
/// and outputs.
/// </param>
public sealed record RuntimeGraph(IReadOnlyDictionary<string, int> Operators, int LeftOver)
{
    /// <summary>Operators that move numbers and leave them what they are.</summary>
    static readonly string[] Moves = ["Transpose", "ReorderInput", "ReorderOutput", "Reshape", "Flatten", "Squeeze"];

    /// <summary>Lets the runtime optimize a network, and looks at what it has.</summary>
    public static RuntimeGraph Of(Graph graph)
    {
        var folder = Directory.CreateTempSubdirectory("onnxtimm");
        try
        {
            var file = Path.Combine(folder.FullName, "optimized.onnx");
            Session.Load(OnnxFile.ToBytes(graph), graph.Name, new() { Threads = 1, OptimizedFile = file }).Dispose();
            return OfOptimized(OnnxFile.Read(file));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    static RuntimeGraph OfOptimized(Graph graph)
    {
        var readers = new Readers(graph);
        var operators = graph.Nodes.CountBy(n => n.Domain.Length == 0 ? n.Op : $"{n.Domain}.{n.Op}")
            .OrderByDescending(row => row.Value).ThenBy(row => row.Key, StringComparer.Ordinal).ToDictionary();
        return new(operators, graph.Nodes.Count(n => n.Op switch
        {
            "QuantizeLinear" => !IsInput(n[0]),
            "DequantizeLinear" => !IsOutput(n.Out, readers),
            _ => false,
        }));
    }

    static bool IsInput(Value v) => v.Role == Role.Input
        || (v.Producer is { } n && Moves.Contains(n.Op) && IsInput(n[0]));

    static bool IsOutput(Value v, Readers readers) => readers.IsOutput(v)
        || (readers.Only(v) is { } n && Moves.Contains(n.Op) && IsOutput(n.Out, readers));
}
