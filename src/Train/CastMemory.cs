using System.Buffers;
using System.Runtime.InteropServices;

namespace OnnxTimm.Train;

/// <summary>Shows floats as memory of bytes, without a copy.</summary>
sealed class CastMemory(Memory<float> data) : MemoryManager<byte>
{
    public override Span<byte> GetSpan() => MemoryMarshal.AsBytes(data.Span);

    public override unsafe MemoryHandle Pin(int elementIndex = 0)
    {
        var handle = data.Pin();
        return new((byte*)handle.Pointer + elementIndex, default, this);
    }

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
    }
}
