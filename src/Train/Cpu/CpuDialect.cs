using System.Collections.Frozen;
using System.Runtime.Intrinsics;
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
        { "Conv",           (n, name) => Dense(n) is { } g ? new ConvKernel(name, g, n.Has(2)) : null },
        { "ConvInputGrad",  (n, name) => Dense(n) is { } g ? new ConvInputGradKernel(name, g) : null },
        { "ConvWeightGrad", (n, name) => Dense(n) is { } g ? new ConvWeightGradKernel(name, g) : null },
    }.ToFrozenDictionary();

    /// <summary>What a kernel reads, where that is not its node's inputs.</summary>
    static readonly FrozenDictionary<string, Func<Node, IEnumerable<Value?>>> Readings =
        new Dictionary<string, Func<Node, IEnumerable<Value?>>>
        {
            { "BatchNormGrad", Norms.BatchNormGradReads },
        }.ToFrozenDictionary();

    /// <summary>The geometry of a convolution whose groups are wide enough to fill the registers.</summary>
    static ConvGeometry? Dense(Node n) =>
        Vector512.IsHardwareAccelerated && ConvGeometry.Of(n) is { GroupC: >= 3, GroupM: >= 4 } g ? g : null;

    /// <summary>Rewrites a graph; the kernels go to <see cref="KernelApi.Register"/>.</summary>
    public static (Graph Graph, List<Kernel> Kernels) Lower(Graph graph)
    {
        var kernels = new List<Kernel>();
        var lowered = Rewrite.Apply(Summands.Absorb(graph), (n, to) =>
        {
            if (Factories.GetValueOrDefault(n.Op)?.Invoke(n, $"{n.Op}_{kernels.Count}") is not { } kernel)
                return Fused.Define(n, to);
            kernels.Add(kernel);
            return to.Substitute(n, $"{Domain}:{kernel.Name}", Readings.GetValueOrDefault(n.Op)?.Invoke(n) ?? n.In);
        });
        lowered.Domains[Domain] = 1;
        return (lowered, kernels);
    }
}
