using System.Collections.Frozen;
using OnnxTimm.Passes;

namespace OnnxTimm.Train.Cpu;

/// <summary>
/// The step graph as the CPU trainer runs it: operators that a kernel in C# computes faster than any composition of
/// standard ones are handed to it, each node to a kernel of its own; the rest is made portable.
/// </summary>
static class CpuDialect
{
    public const string Domain = "onnxtimm.cpu";

    /// <summary>Makes the kernel of a node under a name, or null where the standard form serves better.</summary>
    delegate Kernel? Factory(Node n, string name);

    static readonly FrozenDictionary<string, Factory> Factories = new Dictionary<string, Factory>
    {
        { "Activation",     Elementwise.Activation },
        { "ActivationGrad", Elementwise.ActivationGrad },
        { "BatchNorm",      Norms.BatchNorm },
        { "BatchNormGrad",  Norms.BatchNormGrad },
        { "Conv",           (n, name) => Depthwise.Conv(n, name) ?? Dense.Conv(n, name) },
        { "ConvInputGrad",  (n, name) => Depthwise.InputGrad(n, name) ?? Dense.InputGrad(n, name) },
        { "ConvWeightGrad", (n, name) => Depthwise.WeightGrad(n, name) ?? Dense.WeightGrad(n, name) },
        { "Gemm",           OuterProductKernel.Of },
        { "LayerNormGrad",  LayerNormGradKernel.Of },
        { "MaxPool",        Pools.Max },
        { "MaxPoolGrad",    Pools.MaxGrad },
        { "AveragePoolGrad", Pools.AverageGrad },
        { "ReduceSum",      RowSumKernel.Of },
        { "SoftmaxGrad",    SoftmaxGradKernel.Of },
    }.ToFrozenDictionary();

    /// <summary>What a kernel reads, where that is not its node's inputs.</summary>
    static readonly FrozenDictionary<string, Func<Node, IEnumerable<Value?>>> Readings =
        new Dictionary<string, Func<Node, IEnumerable<Value?>>>
        {
            { "BatchNormGrad", Norms.BatchNormGradReads },
            { "MaxPoolGrad", Pools.Reads },
            { "AveragePoolGrad", Pools.Reads },
            { "ReduceSum", RowSumKernel.Reads },
        }.ToFrozenDictionary();

    /// <summary>
    /// Rewrites a graph; the kernels go to <see cref="KernelApi.Register"/>. What no kernel reads is left out.
    /// </summary>
    public static (Graph Graph, List<Kernel> Kernels) Lower(Graph graph)
    {
        graph = Summands.Absorb(graph);
        var all = new Dictionary<Node, Kernel>();
        foreach (var n in graph.Nodes)
            if (Factories.GetValueOrDefault(n.Op)?.Invoke(n, $"{n.Op}_{all.Count}") is { } kernel)
                all.Add(n, kernel);
        var kernels = new List<Kernel>();
        var lowered = Rewrite.Apply(graph, (n, to) =>
        {
            if (!all.TryGetValue(n, out var kernel))
                return Fused.Define(n, to);
            kernels.Add(kernel);
            return to.Substitute(n, $"{Domain}:{kernel.Name}", Reads(n));
        }, n => all.ContainsKey(n) ? Reads(n) : n.In);
        lowered.Domains[Domain] = 1;
        return (lowered, kernels);
    }

    static IEnumerable<Value?> Reads(Node n) => Readings.GetValueOrDefault(n.Op)?.Invoke(n) ?? n.In;
}
