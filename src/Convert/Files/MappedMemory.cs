using System.Buffers;

namespace OnnxTimm.Conversion;

/// <summary>Shows a window of a mapped file as memory; touching it after the file is disposed throws.</summary>
sealed unsafe class MappedMemory(MappedFile file, long offset, int length) : MemoryManager<byte>
{
    public override Span<byte> GetSpan() => new(file.At(offset), length);

    public override MemoryHandle Pin(int elementIndex = 0)
    {
        file.Hold();
        return new MemoryHandle(file.At(offset) + elementIndex, default, this);
    }

    public override void Unpin() => file.Release();

    protected override void Dispose(bool disposing)
    {
    }
}
