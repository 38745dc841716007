using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace OnnxTimm.Infer;

/// <summary>Memory of a caller's that an input or an output is bound to.</summary>
public sealed record HostTensor
{
    HostTensor(string name, long[] shape, Func<long[], OrtValue> bind) => (Name, Shape, Bind) = (name, shape, bind);

    /// <summary>Name of the input or output.</summary>
    public string Name { get; init; }

    /// <summary>Its sizes.</summary>
    public long[] Shape { get; init; }

    /// <summary>Pins the memory and hands it to ONNX Runtime in some sizes.</summary>
    internal Func<long[], OrtValue> Bind { get; }

    /// <param name="name">Name of the input or output.</param>
    /// <param name="memory">Its elements, in C order.</param>
    /// <param name="shape">Its sizes.</param>
    public static HostTensor Of<T>(string name, Memory<T> memory, long[] shape) where T : unmanaged => new(name, shape,
        sizes => OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, memory, sizes));
}

/// <summary>Memory that does not move, seen by both sides.</summary>
sealed class HostBuffer : IDisposable
{
    readonly byte[] data;

    /// <summary>Memory of its own.</summary>
    public HostBuffer(Port port, long[] shape)
    {
        (Name, Shape) = (port.Name, shape);
        var count = TensorMemory.Count(port.Name, shape, (int)port.Type.Bytes(1));
        data = GC.AllocateArray<byte>((int)port.Type.Bytes(count), pinned: true);
        Value = OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, (TensorElementType)port.Type, shape,
            Marshal.UnsafeAddrOfPinnedArrayElement(data, 0), data.Length);
    }

    /// <summary>Memory of the caller's, which is pinned meanwhile.</summary>
    public HostBuffer(HostTensor tensor)
    {
        (Name, Shape, data) = (tensor.Name, tensor.Shape, []);
        Value = tensor.Bind(tensor.Shape);
    }

    public string Name { get; }

    public long[] Shape { get; }

    public OrtValue Value { get; }

    /// <summary>The elements; none where the memory is the caller's.</summary>
    public Span<T> Span<T>() where T : unmanaged => MemoryMarshal.Cast<byte, T>(data.AsSpan());

    public void Dispose() => Value.Dispose();
}
