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
/// <param name="scores">What the model gives for such a batch; null for logits.</param>
/// <exception cref="UserException">The model does not classify such images.</exception>
public sealed class ImageRunner(
    Session session, DataConfig config, IDataset data, int batch = 1, ClassScores? scores = null)
{
    /// <summary>Takes the logits of an image, on any thread, in any order.</summary>
    public delegate void Result(int index, ReadOnlySpan<float> row);

    /// <summary>Takes the message about an image that cannot be read.</summary>
    public delegate void Fault(int index, UserException reason);

    readonly EvalTransform transform = EvalTransform.Create(config);

    readonly ClassScores scores =
        scores ?? ClassScores.Of(session, [batch, config.Channels, config.Height, config.Width]);

    /// <summary>
    /// Does all images; returns when the last is done. It may be called again, also at the same time.
    /// </summary>
    /// <param name="workers">Threads that decode and compute.</param>
    /// <param name="result">Takes each image's logits.</param>
    /// <param name="fault">Takes what is wrong with an image.</param>
    /// <param name="cancel">Ends it before the next batch.</param>
    /// <exception cref="UserException">The model failed: the first failure of a worker ends the others too.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void Run(int workers, Result result, Fault fault, CancellationToken cancel = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(workers);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var pass = new Pass(result, fault, stop);
        Task.WaitAll([.. Enumerable.Range(0, workers).Select(_ => Task.Factory.StartNew(() => Work(pass),
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))], CancellationToken.None);
        pass.Failure?.Throw();
        cancel.ThrowIfCancellationRequested();
    }

    void Work(Pass pass)
    {
        try
        {
            using var binding = session.Bind([batch, config.Channels, config.Height, config.Width]);
            var (file, good, room) = (new FileBuffer(), new bool[batch], new float[scores.Classes]);
            for (int first; !pass.IsStopped && (first = pass.Take(batch)) < data.Count;)
                RunBatch(pass, binding, first, (file, good, room));
        }
        catch (Exception e)
        {
            pass.Fail(e);
        }
    }

    void RunBatch(Pass pass, Binding binding, int first, (FileBuffer File, bool[] Good, float[] Room) own)
    {
        var size = config.Channels * config.Height * config.Width;
        var count = Math.Min(batch, data.Count - first);
        for (var i = 0; i < count; i++)
            own.Good[i] = TryPrepare(first + i, own.File, binding.Input<float>().Slice(i * size, size), pass.Fault);
        binding.Run();
        for (var i = 0; i < count; i++)
            if (own.Good[i])
                pass.Result(first + i, scores.Row(binding, i, own.Room));
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
    sealed class Pass(Result result, Fault fault, CancellationTokenSource stop)
    {
        int next;
        ExceptionDispatchInfo? failure;

        public Result Result => result;

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
