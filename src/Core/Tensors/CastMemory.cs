using System.Buffers;
using System.Runtime.InteropServices;

namespace OnnxTimm;

/// <summary>Shows memory of any element type as memory of bytes, without a copy.</summary>
sealed class CastMemory<T>(Memory<T> data) : MemoryManager<byte> where T : unmanaged
{
    public override Span<byte> GetSpan() => MemoryMarshal.AsBytes(data.Span);

    public override unsafe MemoryHandle Pin(int elementIndex = 0)
    {
        if (!MemoryMarshal.TryGetArray<T>(data, out var part))
            throw new NotSupportedException("Only memory of an array can be pinned.");
        var handle = GCHandle.Alloc(part.Array, GCHandleType.Pinned);
        var start = (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(part.Array!, part.Offset);
        return new MemoryHandle(start + elementIndex, handle);
    }

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
    }
}
