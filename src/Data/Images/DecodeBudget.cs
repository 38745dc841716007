namespace OnnxTimm.Data;

/// <summary>
/// Limits the memory of all images that are decoded at the same time, whatever the number of threads: who would go
/// beyond it waits until others are done. An image larger than the whole budget is decoded alone.
/// </summary>
/// <param name="most">Bytes.</param>
sealed class DecodeBudget(long most)
{
    /// <summary>A pixel of the image and of a JPEG's planes. Coefficients that are kept take as much again.</summary>
    public const int BytesPerPixel = 8;

    readonly object gate = new();
    long taken;

    /// <summary>The budget of the process: 1 GiB, or a quarter of the memory where that is less.</summary>
    public static DecodeBudget Shared { get; } =
        new(Math.Min(1L << 30, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4));

    /// <summary>A share for one image; nothing is taken until its size is known.</summary>
    public Share Open() => new(this);

    void Take(long bytes)
    {
        lock (gate)
        {
            while (taken > 0 && taken + bytes > most)
                Monitor.Wait(gate);
            taken += bytes;
        }
    }

    void Return(long bytes)
    {
        lock (gate)
        {
            taken -= bytes;
            Monitor.PulseAll(gate);
        }
    }

    /// <summary>What one image takes, until it is disposed.</summary>
    public sealed class Share(DecodeBudget budget) : IDisposable
    {
        long bytes;

        /// <summary>Waits until an image of that size fits; once, since who holds memory must not wait.</summary>
        public void Take(int width, int height, int bytesPerPixel = BytesPerPixel)
        {
            if (bytes > 0)
                throw new InvalidOperationException("A share is for one image.");
            budget.Take(Math.BigMul(width, height) * bytesPerPixel);
            bytes = Math.BigMul(width, height) * bytesPerPixel;
        }

        public void Dispose()
        {
            if (bytes > 0)
                budget.Return(bytes);
            bytes = 0;
        }
    }
}
