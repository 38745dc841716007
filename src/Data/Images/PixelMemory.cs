using System.Buffers;

namespace OnnxTimm.Data;

/// <summary>
/// Bytes of an image, of undefined content. Small ones come from the shared pool, which keeps what comes back for each
/// thread; large ones do not, so that no thread sits on the memory of the largest image that it has seen.
/// </summary>
sealed class PixelMemory : IDisposable
{
    const int MostPooled = 1 << 24;

    readonly int length;
    byte[]? bytes;

    /// <exception cref="ArgumentOutOfRangeException">More than an array can hold.</exception>
    public PixelMemory(long length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Array.MaxLength);
        this.length = (int)length;
        bytes = length > MostPooled
            ? GC.AllocateUninitializedArray<byte>(this.length)
            : ArrayPool<byte>.Shared.Rent(this.length);
    }

    public Span<byte> Span => (bytes ?? throw new ObjectDisposedException(nameof(Image))).AsSpan(0, length);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref bytes, null) is { } back && length <= MostPooled)
            ArrayPool<byte>.Shared.Return(back);
    }
}
