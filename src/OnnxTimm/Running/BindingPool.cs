using System.Collections.Concurrent;
using OnnxTimm.Data;
using OnnxTimm.Infer;

namespace OnnxTimm;

/// <summary>
/// Buffers for as many calls as are in progress at once; each goes back for the next call. What is in use when the pool
/// is disposed goes when its call is done.
/// </summary>
/// <param name="session">The model.</param>
/// <param name="images">Sizes of a batch [N, C, H, W].</param>
sealed class BindingPool(Session session, long[] images) : IDisposable
{
    readonly int size = (int)(images[1] * images[2] * images[3]);
    readonly ConcurrentBag<Binding> free = [];
    readonly ConcurrentBag<FileBuffer> files = [];
    volatile bool isClosed;

    /// <summary>Buffers of one call, until they are disposed.</summary>
    /// <exception cref="ObjectDisposedException">The session is disposed.</exception>
    public Lent Rent() => new(this, free.TryTake(out var binding) ? binding : session.Bind(images));

    public void Dispose()
    {
        isClosed = true;
        Clear();
    }

    void Return(Binding binding, FileBuffer? file)
    {
        free.Add(binding);
        if (file is not null)
            files.Add(file);
        if (isClosed)
            Clear();
    }

    void Clear()
    {
        while (free.TryTake(out var binding))
            binding.Dispose();
    }

    /// <summary>What one call has to itself.</summary>
    public ref struct Lent(BindingPool pool, Binding binding)
    {
        FileBuffer? file;

        public readonly Binding Binding => binding;

        /// <summary>The place of the first image of the batch.</summary>
        public readonly Span<float> Input => binding.Input<float>()[..pool.size];

        /// <summary>Room for the bytes of a file.</summary>
        public FileBuffer Buffer => file ??= pool.files.TryTake(out var kept) ? kept : new();

        public readonly void Dispose() => pool.Return(binding, file);
    }
}
