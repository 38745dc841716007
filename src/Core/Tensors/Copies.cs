namespace OnnxTimm;

/// <summary>
/// Arrays for the content of tensors that cannot be used where it lies. Who goes through a checkpoint drops one tensor
/// after the other, but the collector, left alone, lets them pile up to many times the largest.
/// </summary>
public static class Copies
{
    const long MostGarbage = 128 << 20;

    static long given;

    /// <summary>
    /// Called after every 128 MiB. A program that has its process to itself collects here; nothing else does, since a
    /// collection stops all threads of the process.
    /// </summary>
    public static Action? Dropped { get; set; }

    /// <summary>An array that is to be filled.</summary>
    public static byte[] New(long length)
    {
        if (Interlocked.Add(ref given, length) > MostGarbage)
        {
            Interlocked.Exchange(ref given, length);
            Dropped?.Invoke();
        }
        return new byte[length];
    }

    /// <summary>An array with the same content.</summary>
    public static byte[] Of(ReadOnlySpan<byte> bytes)
    {
        var copy = New(bytes.Length);
        bytes.CopyTo(copy);
        return copy;
    }
}
