using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace OnnxTimm.Infer;

/// <summary>Memory of a caller's that an input or an output is bound to.</summary>
/// <param name="Name">Name of the input or output.</param>
/// <param name="Memory">Its elements, in C order.</param>
/// <param name="Shape">Its sizes.</param>
public readonly record struct HostTensor(string Name, Memory<float> Memory, long[] Shape);

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
        Value = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, tensor.Memory, tensor.Shape);
    }

    public string Name { get; }

    public long[] Shape { get; }

    public OrtValue Value { get; }

    /// <summary>The elements; none where the memory is the caller's.</summary>
    public Span<T> Span<T>() where T : unmanaged => MemoryMarshal.Cast<byte, T>(data.AsSpan());

    public void Dispose() => Value.Dispose();
}
