using System.Collections.Frozen;
using OnnxTimm.Passes;

namespace OnnxTimm.Train;

/// <summary>
/// Operators of our own that a step graph is written in (domain <c>onnxtimm</c>), each defined here by standard ones.
/// The portable dialect replaces each by its definition; the CPU trainer may have a kernel for it instead.
/// </summary>
public static partial class Fused
{
    /// <summary>What an operator means: the values of its outputs.</summary>
    public delegate Value[] Definition(Node n, Value?[] inputs);

    static readonly FrozenDictionary<string, Definition> Definitions = new Dictionary<string, Definition>
    {
        { "BatchNorm",     BatchNorm },
        { "BatchNormGrad", BatchNormGrad },
        { "ConvInputGrad", ConvInputGrad },
        { "ConvWeightGrad", ConvWeightGrad },
    }.ToFrozenDictionary();

    /// <summary>The portable dialect: standard operators only.</summary>
    public static Graph Expand(Graph graph) => Rewrite.Apply(graph, Define);

    /// <summary>Puts a fused operator's definition in its place; leaves every other node.</summary>
    internal static Value[]? Define(Node n, Rewrite to) => n.Domain != "onnxtimm" ? null
        : Definitions[n.Op](n, [.. n.In.Select(v => v is null ? null : to[v])]);

    /// <summary>Y = gamma (x - mean) / sigma + beta by the batch's mean and biased variance, which are given too.</summary>
    static Value[] BatchNorm(Node n, Value?[] inputs)
    {
        var x = inputs[0]!;
        var mean = x.ReduceMean(Spatial(x));
        var centred = x - mean;
        var variance = (centred * centred).ReduceMean(Spatial(x));
        var scale = Along(inputs[1]!, x) * Inverse(variance, n);
        return [centred * scale + Along(inputs[2]!, x), mean.Reshape(n.Outs[1].Shape), variance.Reshape(n.Outs[2].Shape)];
    }

    /// <summary>
    /// In affine form, which reads the map least often: with a = gamma / sigma,
    /// dX = a (dY - mean(dY) - (x - mean) / sigma^2 * mean(dY (x - mean))).
    /// </summary>
    static Value[] BatchNormGrad(Node n, Value?[] inputs)
    {
        var (dy, x, gamma, mean, variance) = (inputs[0]!, inputs[1]!, inputs[2]!, inputs[4]!, inputs[5]!);
        var inverse = Inverse(variance, n);
        var centred = x - Along(mean, x);
        var beta = dy.ReduceSum(Spatial(x), keepDims: false);
        var moment = (dy * centred).ReduceSum(Spatial(x), keepDims: false);
        var count = x.BatchSize() * (x.Shape.Count / x.Shape[0] / x.Shape[1]).Size;
        var a = gamma * inverse;
        var b = -(a * inverse * inverse) * moment / count;
        var c = -a * beta / count;
        return [Along(a, x) * dy + (Along(b, x) * centred + Along(c, x)), inverse * moment, beta];
    }

    static Value Inverse(Value variance, Node n) => (variance + n.Float("epsilon")).Sqrt().Reciprocal();

    static long[] Spatial(Value x) => [.. Enumerable.Range(0, x.Shape.Rank).Where(axis => axis != 1).Select(axis => (long)axis)];

    static Value Along(Value channels, Value x) => channels.Shape.Rank == x.Shape.Rank ? channels
        : channels.Reshape(new Shape(x.Shape.Select((_, axis) => axis == 1 ? channels.Shape.Count : 1)));
}
