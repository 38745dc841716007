using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace OnnxTimm.Infer;

/// <summary>
/// One caller's buffers, bound to a session once and used for every call: a call copies nothing and allocates nothing.
/// Fill <see cref="Input{T}"/>, call <see cref="Run()"/>, read <see cref="Output{T}"/>. Not for two threads at once.
/// </summary>
public sealed class Binding : IDisposable
{
    readonly Session owner;
    readonly InferenceSession session;
    readonly OrtIoBinding binding;
    readonly RunOptions run = new();
    readonly HostBuffer[] inputs;
    readonly HostBuffer[] outputs;

    internal Binding(Session owner, InferenceSession session, long[][] shapes,
        IReadOnlyDictionary<string, long> symbols)
    {
        (this.owner, this.session) = (owner, session);
        binding = session.CreateIoBinding();
        inputs = [.. owner.Inputs.Zip(shapes, (port, shape) => new HostBuffer(port.Type, shape))];
        BindInputs();
        var known = owner.Outputs.Select(port => port.Resolve(symbols)).ToArray();
        var sizes = known.Contains(null) ? Probe() : known!;
        outputs = [.. owner.Outputs.Zip(sizes, (port, shape) => new HostBuffer(port.Type, shape!))];
        foreach (var (port, buffer) in owner.Outputs.Zip(outputs))
            binding.BindOutput(port.Name, buffer.Value);
    }

    /// <summary>An input's elements, in C order, to be filled before a call.</summary>
    public Span<T> Input<T>(int index = 0) where T : unmanaged => inputs[index].Span<T>();

    /// <summary>An output's elements after a call; the next call overwrites them.</summary>
    public ReadOnlySpan<T> Output<T>(int index = 0) where T : unmanaged => outputs[index].Span<T>();

    /// <summary>The sizes of an output.</summary>
    public IReadOnlyList<long> OutputShape(int index = 0) => outputs[index].Shape;

    /// <summary>Computes the outputs from the inputs.</summary>
    /// <exception cref="UserException">ONNX Runtime failed.</exception>
    public void Run()
    {
        try
        {
            // A binding takes a device's copy of an input when it is bound.
            if (!owner.Device.IsCpu)
                BindInputs();
            session.RunWithBinding(run, binding);
        }
        catch (OnnxRuntimeException e)
        {
            throw Session.Fault(owner.Name, e);
        }
    }

    /// <summary>Copies the only input in, computes, and gives the first output.</summary>
    public ReadOnlySpan<float> Run(ReadOnlySpan<float> input)
    {
        input.CopyTo(Input<float>());
        Run();
        return Output<float>();
    }

    public void Dispose()
    {
        binding.Dispose();
        run.Dispose();
        foreach (var buffer in inputs.Concat(outputs))
            buffer.Dispose();
    }

    void BindInputs()
    {
        foreach (var (port, buffer) in owner.Inputs.Zip(inputs))
            binding.BindInput(port.Name, buffer.Value);
    }

    /// <summary>A file need not say how large its outputs are: one call tells.</summary>
    long[][] Probe()
    {
        foreach (var port in owner.Outputs)
            binding.BindOutputToDevice(port.Name, OrtMemoryInfo.DefaultInstance);
        session.RunWithBinding(run, binding);
        using var results = binding.GetOutputValues();
        long[][] shapes = [.. results.Select(r => r.GetTensorTypeAndShape().Shape)];
        binding.ClearBoundOutputs();
        return shapes;
    }

    /// <summary>Memory that does not move, seen by both sides.</summary>
    sealed class HostBuffer : IDisposable
    {
        readonly byte[] data;

        public HostBuffer(DType type, long[] shape)
        {
            Shape = shape;
            var bytes = type.Bytes(shape.Aggregate(1L, (product, d) => checked(product * d)));
            data = bytes <= Array.MaxLength ? GC.AllocateArray<byte>((int)bytes, pinned: true)
                : throw new UserException(
                $"A buffer [{string.Join(", ", shape)}] takes {bytes:N0} bytes, more than one can be: choose a smaller "
                + "batch.");
            Value = OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, (TensorElementType)type, shape,
                Marshal.UnsafeAddrOfPinnedArrayElement(data, 0), data.Length);
        }

        public long[] Shape { get; }

        public OrtValue Value { get; }

        public Span<T> Span<T>() where T : unmanaged => MemoryMarshal.Cast<byte, T>(data.AsSpan());

        public void Dispose() => Value.Dispose();
    }
}
