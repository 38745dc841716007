using OnnxTimm.Passes;

namespace OnnxTimm.Train;

/// <summary>
/// Standard operators that the portable dialect computes in float64 where that is next to nothing: means of whole maps
/// and what is made of them. A batch norm of maps of a pixel, as attention over channels has it, looks at as many
/// values as there are images; where these lie close it amplifies what the sums before it rounded, a hundredfold.
/// </summary>
public static partial class Fused
{
    static Value[]? Exact(Node n, Rewrite to) => n.Out.Type != DType.Float32 || n.Out.Shape.Rank != 4 ? null
        : n.Op switch
        {
            "GlobalAveragePool" => [to[n[0]].LongMean([2, 3]).Cast(DType.Float32)],
            "Conv" when IsOfPixel(n) => [Product(to[n[0]], to[n[1]], n.Has(2) ? to[n[2]] : null).Reshape(n.Out.Shape)],
            _ => null,
        };

    /// <summary>Every channel of one pixel goes into every other.</summary>
    static bool IsOfPixel(Node n) => n[1].Shape.Skip(1).SequenceEqual([n[0].Shape[1], new(1), new(1)])
        && n[0].Shape.Skip(2).SequenceEqual([new(1), new(1)]) && n.Out.Shape.Skip(2).SequenceEqual([new(1), new(1)]);

    /// <summary>A Gemm: the runtime joins MatMul and Transpose to an operator that it has in float32 alone.</summary>
    static Value Product(Value x, Value w, Value? bias) =>
        Rows(x).Gemm(Rows(w), bias?.Cast(DType.Float64), transB: true).Cast(DType.Float32);

    /// <summary>[N, C, 1, 1] to [N, C] in float64.</summary>
    static Value Rows(Value x) => x.Reshape(x.Shape[0], x.Shape[1]).Cast(DType.Float64);
}
