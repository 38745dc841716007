namespace OnnxTimm.Passes;

/// <summary>
/// Matrices and kernels stored in bfloat16, each behind a Cast that a runtime computes once: half the file, with the
/// arithmetic of float32, since ONNX Runtime's processor kernels have no other.
/// </summary>
public static class BFloat16Weights
{
    /// <summary>The first opset whose Cast knows bfloat16.</summary>
    public const int Since = 13;

    /// <exception cref="UserException">The graph's opset does not know bfloat16.</exception>
    public static Graph Apply(Graph graph) => graph.Opset < Since
        ? throw new UserException($"bfloat16 needs opset {Since}, not {graph.Opset}.")
        : Rewrite.Apply(graph, null, (v, target) => v is { Type: DType.Float32, Role: Role.Param, Shape.Rank: > 1 }
            ? target.Store(v.Name, v.Role, Rounded(v.Data!)).Cast(DType.Float32)
            : target.Store(v.Name, v.Role, v.Data!));

    static Tensor Rounded(Tensor tensor) => new(DType.BFloat16, tensor.Shape,
        () => new CastMemory<ushort>(Array.ConvertAll(tensor.ToFloats(), Round)).Memory);

    /// <summary>The nearest number of 8 bits; halves become even.</summary>
    static ushort Round(float x)
    {
        var bits = BitConverter.SingleToUInt32Bits(x);
        return float.IsFinite(x) ? (ushort)((bits + 0x7FFF + (bits >> 16 & 1)) >> 16)
            : float.IsNaN(x) ? (ushort)0x7FC0 : (ushort)(bits >> 16);
    }
}
