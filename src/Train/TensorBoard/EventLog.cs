using System.Globalization;
using Entry = OnnxTimm.Train.TensorBoard.Proto.Summary.Types.Value;

namespace OnnxTimm.Train.TensorBoard;

/// <summary>
/// Writes a training's course for TensorBoard, into the run's folder: losses, metrics and learning rates of each epoch
/// (the step is the epoch), the images of the first batch, and where it is asked for how the weights are spread. When
/// that fails, it says so and is silent from then on; the training goes on.
/// </summary>
/// <param name="next">Who watches too; hears of everything first.</param>
/// <param name="picture">Draws the first batch as a JPEG or PNG file; null for no picture.</param>
/// <param name="histograms">Whether weights are shown.</param>
public sealed class EventLog(IProgress<TrainEvent> next, BatchPicture? picture = null, bool histograms = false)
    : IProgress<TrainEvent>
{
    EventFile? file;
    int epoch;

    /// <inheritdoc/>
    public void Report(TrainEvent value)
    {
        next.Report(value);
        try
        {
            Write(value);
        }
        // Whatever is wrong with a file of events, the training that it is about is worth more.
        catch (Exception e)
        {
            file = null;
            next.Tell($"The event files are not written any more: {e.Message}");
        }
    }

    void Write(TrainEvent value)
    {
        switch (value)
        {
            case TrainBegan began:
                (file, epoch) = (EventFile.Begin(began.Folder, began.Epoch), began.Epoch);
                break;
            case FirstBatch batch when picture is not null:
                file?.Add(epoch, [EventFile.Picture("train/first_batch", batch.Draw(picture))]);
                break;
            case EpochEnded { Result: var result } ended:
                file?.Add(result.Epoch, [.. Scalars(result), .. Rates(ended)]);
                if (histograms)
                    file?.Add(result.Epoch, ended.Weights.Select(w =>
                        EventFile.Histogram($"weights/{w.Key}", w.Value.ToFloats())));
                break;
        }
    }

    /// <summary>The columns of summary.csv.</summary>
    static IEnumerable<Entry> Scalars(EpochResult result) =>
    [
        EventFile.Scalar("train/loss", result.TrainLoss),
        .. result.Eval?.Named().Select(m => EventFile.Scalar($"eval/{m.Name}", m.Value)) ?? [],
        EventFile.Scalar("lr/mean", result.Lr),
    ];

    /// <summary>The rates of groups, where they differ.</summary>
    static IEnumerable<Entry> Rates(EpochEnded ended) => ended.Rates.Distinct().Count() <= 1 ? []
        : ended.Rates.Select((rate, i) =>
            EventFile.Scalar(string.Create(CultureInfo.InvariantCulture, $"lr/group_{i}"), rate));
}
