using System.Collections.Frozen;
using OnnxTimm.Passes;

namespace OnnxTimm.Train;

/// <summary>
/// A training step whose products (convolutions, products of matrices and the gradients of both) read and give values
/// of half precision; norms, softmax, statistics, the loss and sums of gradients stay in float32, as torch.autocast
/// keeps them. Resampling by a constant matrix stays too.
/// </summary>
static class MixedPrecision
{
    static readonly FrozenSet<string> Products =
        "Conv ConvTranspose MatMul Gemm ConvInputGrad ConvWeightGrad".Split(' ').ToFrozenSet();

    /// <summary>Writes a step in half precision.</summary>
    /// <param name="step">The step, in the training dialect.</param>
    /// <param name="type">float16 or bfloat16.</param>
    /// <param name="native">
    /// Whether the device computes in that type; else a product is one of float32 between values that are rounded to
    /// it, which gives the same numbers and no speed.
    /// </param>
    public static Graph Apply(Graph step, DType type, bool native)
    {
        var halves = new Dictionary<Value, Value>();
        return Rewrite.Apply(step, (n, to) =>
        {
            if (!Products.Contains(n.Op) || n.In.Any(v => v is not null && v.Role == Role.Constant))
                return null;
            var outs = to.CopyUnnamed(n, [.. n.In.Select(v => v is null ? null : Half(to[v]))]);
            return [.. outs.Select(y => native ? y.Cast(DType.Float32) : y.Cast(type).Cast(DType.Float32))];
        });

        Value Half(Value x)
        {
            if (!halves.TryGetValue(x, out var half))
                halves[x] = half = native ? x.Cast(type) : x.Cast(type).Cast(DType.Float32);
            return half;
        }
    }
}
