using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace OnnxTimm.Train.Cpu;

/// <summary>
/// An operator computed in C# inside an ONNX Runtime session on the CPU. One instance serves one node of a graph: its
/// geometry is known when it is made, only the batch comes with the data.
/// </summary>
/// <param name="name">Operator type of the node; unique in its graph.</param>
/// <param name="inputs">Number of inputs, float32 unless <see cref="InputType"/> says otherwise.</param>
/// <param name="outputs">Number of outputs.</param>
abstract class Kernel(string name, int inputs, int outputs)
{
    public string Name => name;

    public int Inputs => inputs;

    public int Outputs => outputs;

    public virtual DType InputType(int index) => DType.Float32;

    public virtual DType OutputType(int index) => DType.Float32;

    public abstract void Run(KernelContext context);
}

/// <summary>What a kernel sees of the session while it runs.</summary>
readonly unsafe ref struct KernelContext(void* context)
{
    public float* Input(int index) => (float*)KernelApi.Data(KernelApi.Input(context, index));

    public T* Input<T>(int index) where T : unmanaged => (T*)KernelApi.Data(KernelApi.Input(context, index));

    public long[] InputShape(int index) => KernelApi.Shape(KernelApi.Input(context, index));

    public float* Output(int index, params ReadOnlySpan<long> shape) =>
        (float*)KernelApi.Data(KernelApi.Output(context, index, shape));

    public T* Output<T>(int index, params ReadOnlySpan<long> shape) where T : unmanaged =>
        (T*)KernelApi.Data(KernelApi.Output(context, index, shape));

    /// <summary>Runs a body for 0 to count - 1 on the session's threads.</summary>
    public void ParallelFor(int count, Action<int> body)
    {
        var work = new Work(body);
        var handle = GCHandle.Alloc(work);
        try
        {
            KernelApi.ParallelFor(context, count, &Body, (void*)GCHandle.ToIntPtr(handle));
        }
        finally
        {
            handle.Free();
        }
        work.Failure?.Throw();
    }

    /// <summary>Runs a body, given the first element and how many, over all elements of an array in pieces.</summary>
    public void ForPieces(ReadOnlySpan<long> shape, Action<long, int> body)
    {
        const int Piece = 16 * 1024;
        var count = 1L;
        foreach (var d in shape)
            count *= d;
        ParallelFor((int)((count + Piece - 1) / Piece), i =>
            body((long)i * Piece, (int)Math.Min(Piece, count - (long)i * Piece)));
    }

    [UnmanagedCallersOnly]
    static void Body(void* state, nuint index) =>
        ((Work)GCHandle.FromIntPtr((nint)state).Target!).Do((int)index);

    /// <summary>A body whose first exception waits until all threads are back: native frames lie between.</summary>
    sealed class Work(Action<int> body)
    {
        ExceptionDispatchInfo? failure;

        public ExceptionDispatchInfo? Failure => failure;

        public void Do(int index)
        {
            try
            {
                if (failure is null)
                    body(index);
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(e), null);
            }
        }
    }
}
