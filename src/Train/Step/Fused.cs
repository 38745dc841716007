using System.Collections.Frozen;
using OnnxTimm.Passes;

namespace OnnxTimm.Train;

/// <summary>
/// Operators of our own that a step graph is written in (domain <c>onnxtimm</c>), each defined here by standard ones.
/// The portable dialect replaces each by its definition; the CPU trainer may have a kernel for it instead.
/// DefineConvInputGrad is the definition of ConvInputGrad.
/// </summary>
public static partial class Fused
{
    /// <summary>What an operator means: the values of its outputs.</summary>
    public delegate Value[] Definition(Node n, Value?[] inputs);

    static readonly FrozenDictionary<string, Definition> Definitions = new Dictionary<string, Definition>
    {
        { "Activation",     DefineActivation },
        { "ActivationGrad", DefineActivationGrad },
        { "AveragePoolGrad", DefineAveragePoolGrad },
        { "BatchNorm",      DefineBatchNorm },
        { "BatchNormGrad",  DefineBatchNormGrad },
        { "ConvInputGrad",  DefineConvInputGrad },
        { "ConvWeightGrad", DefineConvWeightGrad },
        { "LayerNormGrad",  DefineLayerNormGrad },
        { "MaxPoolGrad",    DefineMaxPoolGrad },
        { "SoftmaxGrad",    DefineSoftmaxGrad },
    }.ToFrozenDictionary();

    /// <summary>
    /// The portable dialect: standard operators only. What was one node, such as the gradients of a norm, has ends of
    /// its own there, which take their place in the order.
    /// </summary>
    public static Graph Expand(Graph graph) => EarlyLeaves.Order(Rewrite.Apply(
        Rewrite.Apply(graph, (n, to) => Define(n, to) ?? Exact(n, to))));

    /// <summary>The definition of a fused operator in another graph's place; null for every other.</summary>
    internal static Value[]? Define(Node n, Rewrite to) => n.Domain != "onnxtimm" ? null
        : Definitions[n.Op](n, [.. n.In.Select(v => v is null ? null : to[v])]);
}
