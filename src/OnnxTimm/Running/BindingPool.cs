using System.Collections.Concurrent;
using OnnxTimm.Data;
using OnnxTimm.Infer;

namespace OnnxTimm;

/// <summary>
/// Buffers for as many calls as are in progress at once; each goes back for the next call. What is in use when the pool
/// is disposed goes when its call is done.
/// </summary>
/// <param name="session">The model.</param>
/// <param name="config">How an image becomes the input.</param>
/// <param name="images">Sizes of the inputs for a batch.</param>
sealed class BindingPool(Session session, DataConfig config, long[][] images) : IDisposable
{
    readonly Session session = session;
    readonly EvalTransform transform = EvalTransform.Create(config);
    readonly DataConfig config = config;
    readonly bool isAlone = InputImage.IsAlone(session);
    readonly ConcurrentBag<(Binding Binding, InputImage Input)> free = [];
    readonly ConcurrentBag<FileBuffer> files = [];
    volatile bool isClosed;

    /// <summary>Buffers of one call, until they are disposed.</summary>
    /// <exception cref="ObjectDisposedException">The session is disposed.</exception>
    public Lent Rent() => isAlone ? new(this, null, null)
        : free.TryTake(out var kept) ? new(this, kept.Binding, kept.Input)
        : new(this, session.Bind(images), new(session, config));

    public void Dispose()
    {
        isClosed = true;
        Clear();
    }

    void Return(Binding? binding, InputImage? input, FileBuffer? file)
    {
        if (input is null)
            binding?.Dispose();
        else
            free.Add((binding!, input));
        if (file is not null)
            files.Add(file);
        if (isClosed)
            Clear();
    }

    void Clear()
    {
        while (free.TryTake(out var kept))
            kept.Binding.Dispose();
    }

    /// <summary>What one call has to itself.</summary>
    public sealed class Lent(BindingPool pool, Binding? binding, InputImage? input) : IDisposable
    {
        Binding? binding = binding;
        FileBuffer? file;

        /// <summary>After an image is taken.</summary>
        public Binding Binding => binding!;

        /// <summary>Room for the bytes of a file.</summary>
        public FileBuffer Buffer => file ??= pool.files.TryTake(out var kept) ? kept : new();

        /// <summary>Puts an image file at the place of the first image.</summary>
        public void Take(ReadOnlySpan<byte> encoded, string name)
        {
            if (input is null)
            {
                using var image = ImageDecoder.Decode(encoded, name);
                Take(image.View());
                return;
            }
            pool.transform.Apply(encoded, name, input.Target(Binding, 0));
            input.Done(Binding, 0);
        }

        /// <summary>Puts pixels there.</summary>
        public void Take(Pixels pixels)
        {
            if (input is null)
            {
                binding = InputImage.Bind(pool.session, pool.config, pixels);
                return;
            }
            pool.transform.Apply(pixels, input.Target(Binding, 0));
            input.Done(Binding, 0);
        }

        /// <inheritdoc cref="Take(Pixels)"/>
        public void Take(Frame frame)
        {
            if (frame.IsRgbx)
            {
                Take(frame.View());
                return;
            }
            using var image = frame.ToImage();
            Take(image.View());
        }

        public void Dispose() => pool.Return(binding, input, file);
    }
}
