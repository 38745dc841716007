using System.Buffers;
using System.Runtime.InteropServices;

namespace OnnxTimm.Data;

/// <summary>
/// Bytes of an image, of undefined content. Small ones come from the shared pool, which keeps what comes back for each
/// thread; large ones are the system's, which gets them back at once: neither a pool nor the garbage of the last images
/// then holds several times what is in work. Whoever uses the bytes keeps the owner until it is disposed.
/// </summary>
sealed unsafe class PixelMemory : IDisposable
{
    const int MostPooled = 1 << 24;

    readonly int length;
    byte[]? pooled;
    nint own;

    /// <exception cref="ArgumentOutOfRangeException">More than an array can hold.</exception>
    public PixelMemory(long length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Array.MaxLength);
        this.length = (int)length;
        if (length > MostPooled)
            own = (nint)NativeMemory.Alloc((nuint)length);
        else
        {
            pooled = ArrayPool<byte>.Shared.Rent(this.length);
            GC.SuppressFinalize(this);
        }
    }

    ~PixelMemory() => Free();

    public Span<byte> Span => pooled is not null ? pooled.AsSpan(0, length)
        : own != 0 ? new((void*)own, length)
        : throw new ObjectDisposedException(nameof(Image));

    public void Dispose()
    {
        if (Interlocked.Exchange(ref pooled, null) is { } rented)
            ArrayPool<byte>.Shared.Return(rented);
        Free();
        GC.SuppressFinalize(this);
    }

    void Free() => NativeMemory.Free((void*)Interlocked.Exchange(ref own, 0));
}
