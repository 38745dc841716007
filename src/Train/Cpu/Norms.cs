namespace OnnxTimm.Train.Cpu;

/// <summary>Kernels of norms and of their gradients.</summary>
static class Norms
{
    public static Kernel BatchNorm(Node n, string name) => Acts.Make(n.Text("act"), new ForBatchNorm(n, name));

    public static Kernel BatchNormGrad(Node n, string name) => Acts.Make(n.Text("act"), new ForBatchNormGrad(n, name));

    public static IEnumerable<Value> BatchNormGradReads(Node n) => BatchNormGradKernel<Acts.Identity>.Reads(n);

    sealed record ForBatchNorm(Node Node, string Name) : IForAct<Kernel>
    {
        public Kernel Make<TAct>() where TAct : IAct => new BatchNormKernel<TAct>(Node, Name);
    }

    sealed record ForBatchNormGrad(Node Node, string Name) : IForAct<Kernel>
    {
        public Kernel Make<TAct>() where TAct : IAct => new BatchNormGradKernel<TAct>(Node, Name);
    }
}
