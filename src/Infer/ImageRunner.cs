using OnnxTimm.Data;

namespace OnnxTimm.Infer;

/// <summary>Classifies all images of a data set.</summary>
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

    readonly ImageLoop loop = new(session, config, data, batch);

    readonly ClassScores scores =
        scores ?? ClassScores.Of(session, InputImage.Shapes(session, config, batch));

    /// <param name="workers">Threads that decode and compute.</param>
    /// <param name="result">Takes each image's logits.</param>
    /// <param name="fault">Takes what is wrong with an image.</param>
    /// <param name="cancel">Ends it before the next batch.</param>
    /// <inheritdoc cref="ImageLoop.Run"/>
    public void Run(int workers, Result result, ImageLoop.Fault fault, CancellationToken cancel = default) =>
        loop.Run(workers, binding =>
        {
            var room = new float[scores.Classes];
            return (first, good) =>
            {
                for (var i = 0; i < good.Length; i++)
                    if (good[i])
                        result(first + i, scores.Row(binding, i, room));
            };
        }, fault, cancel);
}
