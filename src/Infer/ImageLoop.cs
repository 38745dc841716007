using System.Runtime.ExceptionServices;
using OnnxTimm.Data;

namespace OnnxTimm.Infer;

/// <summary>
/// Runs all images of a data set through a model. Each of several workers decodes images into buffers of its own and
/// computes on them, so that decoding and computing overlap and nothing is handed from thread to thread.
/// </summary>
/// <param name="session">The model; with one thread a call where there are as many workers as cores.</param>
/// <param name="config">How an image becomes the input.</param>
/// <param name="data">The images.</param>
/// <param name="batch">Images of one call.</param>
public sealed class ImageLoop(Session session, DataConfig config, IDataset data, int batch)
{
    /// <summary>Takes a batch that was computed, on the thread of its worker, in any order.</summary>
    /// <param name="first">Number of the first image.</param>
    /// <param name="good">Which of the batch's images could be read; false beyond the last.</param>
    public delegate void Done(int first, ReadOnlySpan<bool> good);

    /// <summary>Takes the message about an image that cannot be read.</summary>
    public delegate void Fault(int index, UserException reason);

    readonly EvalTransform transform = EvalTransform.Create(config);

    /// <summary>
    /// Does all images; returns when the last is done. It may be called again, also at the same time.
    /// </summary>
    /// <param name="workers">Threads that decode and compute.</param>
    /// <param name="start">What a worker does with its buffers after each call.</param>
    /// <param name="fault">Takes what is wrong with an image.</param>
    /// <param name="cancel">Ends it before the next batch.</param>
    /// <exception cref="UserException">The model failed: the first failure of a worker ends the others too.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void Run(int workers, Func<Binding, Done> start, Fault fault, CancellationToken cancel = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(workers);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var pass = new Pass(start, fault, stop);
        Task.WaitAll([.. Enumerable.Range(0, workers).Select(_ => Task.Factory.StartNew(() => Work(pass),
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))], CancellationToken.None);
        pass.Failure?.Throw();
        cancel.ThrowIfCancellationRequested();
    }

    void Work(Pass pass)
    {
        try
        {
            if (InputImage.IsAlone(session))
            {
                WorkAlone(pass);
                return;
            }
            using var binding = session.Bind([batch, config.Channels, config.Height, config.Width]);
            var input = new InputImage(session, config);
            var (file, good, done) = (new FileBuffer(), new bool[batch], pass.Start(binding));
            for (int first; !pass.IsStopped && (first = pass.Take(batch)) < data.Count;)
            {
                Prepare(pass, binding, input, first, file, good);
                binding.Run();
                done(first, good);
            }
        }
        catch (Exception e)
        {
            pass.Fail(e);
        }
    }

    /// <summary>Images of any size, one a call, each in buffers of its own.</summary>
    void WorkAlone(Pass pass)
    {
        var file = new FileBuffer();
        for (int index; !pass.IsStopped && (index = pass.Take(1)) < data.Count;)
        {
            using var image = TryDecode(index, file, pass.Fault);
            if (image is null)
                continue;
            using var binding = TryBind(index, image, pass.Fault);
            if (binding is null)
                continue;
            binding.Run();
            pass.Start(binding)(index, [true]);
        }
    }

    Binding? TryBind(int index, Image image, Fault fault)
    {
        try
        {
            return InputImage.Bind(session, config, image.View());
        }
        catch (UserException e)
        {
            fault(index, ImageDecoder.Fault(data.Name(index), e));
            return null;
        }
    }

    Image? TryDecode(int index, FileBuffer file, Fault fault)
    {
        try
        {
            return data.Decode(index, file);
        }
        catch (Exception e)
        {
            fault(index, ImageDecoder.Fault(data.Name(index), e));
            return null;
        }
    }

    void Prepare(Pass pass, Binding binding, InputImage input, int first, FileBuffer file, bool[] good)
    {
        for (var i = 0; i < batch; i++)
        {
            good[i] = first + i < data.Count && TryPrepare(first + i, file, input.Target(binding, i), pass.Fault);
            input.Done(binding, i);
        }
    }

    bool TryPrepare(int index, FileBuffer file, Span<float> target, Fault fault)
    {
        try
        {
            using var pixels = data.Pixels(index);
            if (pixels is not null)
                transform.Apply(pixels.View(), target);
            else
                transform.Apply(data.Read(index, file), data.Name(index), target);
            return true;
        }
        catch (Exception e)
        {
            fault(index, ImageDecoder.Fault(data.Name(index), e));
            return false;
        }
    }

    /// <summary>One run over the data, shared by its workers.</summary>
    sealed class Pass(Func<Binding, Done> start, Fault fault, CancellationTokenSource stop)
    {
        int next;
        ExceptionDispatchInfo? failure;

        public Func<Binding, Done> Start => start;

        public Fault Fault => fault;

        public bool IsStopped => stop.IsCancellationRequested;

        /// <summary>What ended it first.</summary>
        public ExceptionDispatchInfo? Failure => failure;

        public int Take(int count) => Interlocked.Add(ref next, count) - count;

        public void Fail(Exception e)
        {
            Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(e), null);
            stop.Cancel();
        }
    }
}
