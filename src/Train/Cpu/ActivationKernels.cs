
namespace OnnxTimm.Train.Cpu;

/// <summary>Kernels of activations and of their gradients.</summary>
static class Elementwise
{
    public static Kernel Activation(Node n, string name) => Acts.Make(n.Text("act"), new ForActivation(name));

    public static Kernel ActivationGrad(Node n, string name) => Acts.Make(n.Text("act"), new ForActivationGrad(name));

    sealed record ForActivation(string Name) : IForAct<Kernel>
    {
        public Kernel Make<TAct>() where TAct : IAct => new ActivationKernel<TAct>(Name);
    }

    sealed record ForActivationGrad(string Name) : IForAct<Kernel>
    {
        public Kernel Make<TAct>() where TAct : IAct => new ActivationGradKernel<TAct>(Name);
    }
}

/// <summary>y = act(x). Bound by memory, or by its exponential: about ten operations an element.</summary>
sealed unsafe class ActivationKernel<TAct>(string name) : Kernel(name, 1, 1) where TAct : IAct
{
    public override void Run(KernelContext context)
    {
        var shape = context.InputShape(0);
        float* x = context.Input(0), y = context.Output(0, shape);
        context.ForPieces(shape, (from, count) =>
        {
            for (var i = 0; i < count; i += Lanes.Count)
                Lanes.Store(TAct.Of(Lanes.Load(x + from + i, count - i)), y + from + i, count - i);
        });
    }
}

/// <summary>dX = dY act'(x), bound like the activation.</summary>
sealed unsafe class ActivationGradKernel<TAct>(string name) : Kernel(name, 2, 1) where TAct : IAct
{
    public override void Run(KernelContext context)
    {
        var shape = context.InputShape(0);
        float* dy = context.Input(0), x = context.Input(1), dx = context.Output(0, shape);
        context.ForPieces(shape, (from, count) =>
        {
            for (var i = 0; i < count; i += Lanes.Count)
                Lanes.Store(TAct.Grad(Lanes.Load(dy + from + i, count - i), Lanes.Load(x + from + i, count - i)),
                    dx + from + i, count - i);
        });
    }
}
