using System.Runtime.Intrinsics.X86;

namespace OnnxTimm.Train.Cpu;

/// <summary>Kernels of convolutions whose groups are wide enough to fill the vector registers.</summary>
static class Dense
{
    public static Kernel? Conv(Node n, string name) => Geometry(n) is not { } g ? null
        : WinogradTiles.Serves(g) ? WinogradKernel.Forward(name, g, n.Has(2))
        : new ConvKernel(name, g, n.Has(2));

    public static Kernel? InputGrad(Node n, string name) => Geometry(n) is not { } g ? null
        : WinogradTiles.Serves(g) ? WinogradKernel.InputGrad(name, g)
        : new ConvInputGradKernel(name, g);

    public static Kernel? WeightGrad(Node n, string name) => Geometry(n) is not { } g ? null
        : WinogradTiles.Serves(g) ? new WinogradWeightGradKernel(name, g)
        : new ConvWeightGradKernel(name, g);

    static ConvGeometry? Geometry(Node n) =>
        Fma.IsSupported && ConvGeometry.Of(n) is { GroupC: >= 3, GroupM: >= 4 } g ? g : null;
}
