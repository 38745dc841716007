namespace OnnxTimm.Onnx;

/// <summary>Which versions of the format belong together (onnx/docs/Versioning.md).</summary>
static class OnnxVersions
{
    /// <summary>The operator sets that are read and written: from ONNX 1.2 on what ONNX Runtime 1.31 loads.</summary>
    public const int OldestOpset = 7, NewestOpset = 26;

    /// <summary>
    /// The lowest IR version that a file may have: that of the release which brought the opset, but at least 4, since
    /// before it every initializer had to be an input too, and 8 for model-local functions.
    /// </summary>
    public static int LowestIr(int opset, bool functions) => Math.Max(functions ? 8 : 4, opset switch
    {
        <= 9 => 4,
        10 => 5,
        11 => 6,
        <= 14 => 7,
        <= 18 => 8,
        <= 20 => 9,
        <= 22 => 10,
        23 => 11,
        24 => 12,
        _ => 13,
    });

    /// <summary>The lowest IR version that a file of a graph may have.</summary>
    public static int LowestIr(Graph graph, IEnumerable<Value> initializers) => initializers.Select(v => v.Type)
        .Distinct().Select(LowestIr).Append(LowestIr(graph.Opset, graph.Functions.Count > 0)).Max();

    /// <summary>The lowest IR version that knows an element type.</summary>
    public static int LowestIr(DType type) => type switch
    {
        DType.Float8E4M3FN or DType.Float8E4M3FNUZ or DType.Float8E5M2 or DType.Float8E5M2FNUZ => 9,
        DType.UInt4 or DType.Int4 => 10,
        DType.Float4E2M1 => 11,
        DType.Float8E8M0 => 12,
        DType.UInt2 or DType.Int2 => 13,
        _ => 4,
    };
}
