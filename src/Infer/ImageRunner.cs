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
public sealed class ImageRunner(Session session, DataConfig config, IDataset data, int batch = 1)
{
    /// <summary>Takes the first output's row for an image, on any thread, in any order.</summary>
    public delegate void Result(int index, ReadOnlySpan<float> row);

    /// <summary>Takes the message about an image that cannot be read.</summary>
    public delegate void Fault(int index, UserException reason);

    readonly EvalTransform transform = EvalTransform.Create(config);
    int next;

    /// <summary>Does all images; returns when the last is done.</summary>
    /// <exception cref="UserException">The model failed, or does not take such images.</exception>
    public void Run(int workers, Result result, Fault fault)
    {
        var tasks = Enumerable.Range(0, workers).Select(_ =>
            Task.Factory.StartNew(() => Work(result, fault), CancellationToken.None, TaskCreationOptions.LongRunning,
                TaskScheduler.Default));
        Task.WhenAll(tasks.ToArray()).GetAwaiter().GetResult();
    }

    void Work(Result result, Fault fault)
    {
        using var binding = session.Bind([batch, config.Channels, config.Height, config.Width]);
        var file = new FileBuffer();
        var good = new bool[batch];
        var size = config.Channels * config.Height * config.Width;
        var width = binding.Output<float>().Length / batch;
        for (int first; (first = Interlocked.Add(ref next, batch) - batch) < data.Count;)
        {
            var count = Math.Min(batch, data.Count - first);
            for (var i = 0; i < count; i++)
                good[i] = TryPrepare(first + i, file, binding.Input<float>().Slice(i * size, size), fault);
            binding.Run();
            for (var i = 0; i < count; i++)
                if (good[i])
                    result(first + i, binding.Output<float>().Slice(i * width, width));
        }
    }

    bool TryPrepare(int index, FileBuffer file, Span<float> target, Fault fault)
    {
        try
        {
            transform.Apply(data.Read(index, file), data.Name(index), target);
            return true;
        }
        catch (Exception e)
        {
            fault(index, ImageDecoder.Fault(data.Name(index), e));
            return false;
        }
    }
}
