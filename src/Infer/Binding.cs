using System.Numerics.Tensors;
using Microsoft.ML.OnnxRuntime;

namespace OnnxTimm.Infer;

/// <summary>
/// One caller's buffers, bound to a session once and used for every call: a call copies nothing and allocates nothing.
/// Fill <see cref="Input{T}"/>, call <see cref="Run()"/>, read <see cref="Output{T}"/>. Not for two threads at once,
/// but for <see cref="Dispose"/>, which lets a call that is in progress end.
/// </summary>
/// <remarks>All members throw <see cref="ObjectDisposedException"/> when it or its session is disposed.</remarks>
public sealed class Binding : IDisposable
{
    readonly Session owner;
    readonly InferenceSession session;
    readonly OrtIoBinding? binding;
    readonly List<HostBuffer> inputs = [], outputs = [];
    readonly Lease lease;
    RunOptions run = new();
    bool isSettled;

    Binding(Session owner, InferenceSession session)
    {
        (this.owner, this.session, isSettled) = (owner, session, !owner.Settles);
        if (!isSettled)
            run.AddRunConfigEntry("memory.enable_memory_arena_shrinkage", "cpu:0");
        owner.Native.Enter();
        lease = new(nameof(Binding), Free);
    }

    /// <summary>Buffers of its own, for inputs of some sizes.</summary>
    internal Binding(Session owner, InferenceSession session, long[][] shapes,
        IReadOnlyDictionary<string, long> symbols) : this(owner, session)
    {
        try
        {
            binding = session.CreateIoBinding();
            foreach (var (port, shape) in owner.Inputs.Zip(shapes))
                inputs.Add(new(port, shape));
            BindInputs();
            var known = owner.Outputs.Select(port => port.Resolve(symbols)).ToArray();
            var sizes = known.Contains(null) ? Probe() : known!;
            foreach (var (port, shape) in owner.Outputs.Zip(sizes))
                outputs.Add(new(port, shape!));
            BindOutputs();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Memory of the caller's.</summary>
    internal Binding(Session owner, InferenceSession session, HostTensor[] from, HostTensor[] to)
        : this(owner, session)
    {
        try
        {
            binding = session.CreateIoBinding();
            foreach (var tensor in from)
                inputs.Add(new(tensor));
            foreach (var tensor in to)
                outputs.Add(new(tensor));
            BindInputs();
            BindOutputs();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>
    /// An input's elements, in C order, to be filled before a call; none where the memory is the caller's.
    /// </summary>
    public Span<T> Input<T>(int index = 0) where T : unmanaged => Open(inputs)[index].Span<T>();

    /// <summary>
    /// An output's elements after a call; the next call overwrites them. None where the memory is the caller's.
    /// </summary>
    public ReadOnlySpan<T> Output<T>(int index = 0) where T : unmanaged => Open(outputs)[index].Span<T>();

    /// <summary>An output's elements after a call as float32; null for neither float32 nor float16.</summary>
    public float[]? Floats(int index = 0)
    {
        switch (owner.Outputs[index].Type)
        {
            case DType.Float32:
                return Output<float>(index).ToArray();
            case DType.Float16:
                var values = new float[Output<Half>(index).Length];
                TensorPrimitives.ConvertToSingle(Output<Half>(index), values);
                return values;
            default:
                return null;
        }
    }

    /// <summary>The sizes of an output.</summary>
    public IReadOnlyList<long> OutputShape(int index = 0) => Open(outputs)[index].Shape;

    /// <summary>Computes the outputs from the inputs.</summary>
    /// <exception cref="UserException">ONNX Runtime failed.</exception>
    public void Run()
    {
        lease.Enter();
        try
        {
            owner.Native.Check();
            // A binding takes a device's copy of an input when it is bound.
            if (!owner.Device.IsCpu)
                BindInputs();
            session.RunWithBinding(run, binding!);
            if (!isSettled)
                Settle();
        }
        catch (OnnxRuntimeException e)
        {
            throw Session.Fault(owner.Name, e);
        }
        finally
        {
            lease.Leave();
        }
    }

    /// <summary>Copies the only input in, computes, and gives the first output.</summary>
    public ReadOnlySpan<float> Run(ReadOnlySpan<float> input)
    {
        input.CopyTo(Input<float>());
        Run();
        return Output<float>();
    }

    /// <summary>Frees what is bound, after a call that is running.</summary>
    public void Dispose() => lease.Close();

    /// <summary>Further calls keep their memory.</summary>
    void Settle()
    {
        isSettled = true;
        run.Dispose();
        run = new();
    }

    void Free()
    {
        binding?.Dispose();
        run.Dispose();
        foreach (var buffer in inputs.Concat(outputs))
            buffer.Dispose();
        owner.Native.Leave();
    }

    List<HostBuffer> Open(List<HostBuffer> buffers)
    {
        lease.Check();
        owner.Native.Check();
        return buffers;
    }

    void BindInputs()
    {
        foreach (var buffer in inputs)
            binding!.BindInput(buffer.Name, buffer.Value);
    }

    void BindOutputs()
    {
        foreach (var buffer in outputs)
            binding!.BindOutput(buffer.Name, buffer.Value);
    }

    /// <summary>A file need not say how large its outputs are: one call tells.</summary>
    long[][] Probe()
    {
        foreach (var port in owner.Outputs)
            binding!.BindOutputToDevice(port.Name, OrtMemoryInfo.DefaultInstance);
        session.RunWithBinding(run, binding!);
        using var results = binding!.GetOutputValues();
        long[][] shapes = [.. results.Select(r => r.GetTensorTypeAndShape().Shape)];
        binding.ClearBoundOutputs();
        return shapes;
    }
}
