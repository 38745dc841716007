namespace OnnxTimm.Train.Cpu;

/// <summary>
/// The kernels of one graph in ONNX Runtime's native form. It has to live as long as every session that was made with
/// it, and is freed after the last.
/// </summary>
sealed unsafe class KernelDomain : IDisposable
{
    readonly List<nint> operators = [];

    public KernelDomain(string name, IEnumerable<Kernel> kernels)
    {
        Handle = (nint)KernelApi.CreateDomain(name);
        try
        {
            foreach (var kernel in kernels)
            {
                operators.Add((nint)CustomOp.Of(kernel));
                KernelApi.Add((void*)Handle, (CustomOp*)operators[^1]);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public nint Handle { get; private set; }

    public void Dispose()
    {
        KernelApi.ReleaseDomain((void*)Handle);
        Handle = 0;
        foreach (var op in operators)
            CustomOp.Free((CustomOp*)op);
        operators.Clear();
    }
}
