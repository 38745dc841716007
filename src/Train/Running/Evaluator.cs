using System.Diagnostics;
using OnnxTimm.Data;
using OnnxTimm.Infer;

namespace OnnxTimm.Train;

/// <summary>Measures weights.</summary>
public interface IEvaluator
{
    /// <summary>Measures once.</summary>
    /// <param name="weights">The weights by name.</param>
    /// <param name="suffix">What lines call them: nothing, or " (EMA)".</param>
    /// <param name="cancel">Ends it early.</param>
    /// <exception cref="UserException">ONNX Runtime failed, or there is nothing to measure.</exception>
    EvalResult Run(IEnumerable<KeyValuePair<string, Tensor>> weights, string suffix, CancellationToken cancel);
}

/// <summary>
/// Measures weights on a validation set, in the graph that deployment gets: training's nodes gone, batch norms folded.
/// </summary>
/// <param name="trainee">The network.</param>
/// <param name="loader">The validation set.</param>
/// <param name="options">Device and threads.</param>
/// <param name="events">Who is told.</param>
/// <param name="logInterval">Batches between two lines.</param>
/// <param name="threshold">The probability from which on a class counts as said, of several labels.</param>
public sealed class Evaluator(Trainee trainee, Loader loader, RuntimeOptions options, IProgress<TrainEvent> events,
    int logInterval, double threshold = 0.5) : IEvaluator
{
    readonly UnreadableImages unreadable = new(events, "validation");

    /// <inheritdoc/>
    public EvalResult Run(IEnumerable<KeyValuePair<string, Tensor>> weights, string suffix, CancellationToken cancel)
    {
        using var session = GraphSession.Of(trainee.Inference(weights), trainee.Architecture, options);
        var meters = EvalMeters.Of(loader.Options.IsMultiLabel, threshold);
        var (time, clock) = (new Meter(), Stopwatch.StartNew());
        EvalRun.Each(session, loader, (batch, logits) =>
        {
            unreadable.Note(batch);
            if (batch.Count == 0)
                return;
            meters.Add(logits, batch);
            time.Add(clock.Elapsed.TotalSeconds);
            clock.Restart();
            if (batch.Index % logInterval == 0 || batch.Index == loader.BatchCount - 1)
                events.Tell(TrainLog.Test(suffix, batch.Index, loader.BatchCount - 1, time, meters));
        }, cancel);
        unreadable.Count($"Test{suffix}", loader.Data.Count, "they are left out.");
        return meters.Loss.Weight > 0 ? Told(meters.Result, suffix)
            : throw new UserException(
                "Nothing is left of the validation set: none of its images can be read any more.");
    }

    EvalResult Told(EvalResult result, string suffix)
    {
        if (result.Labels is { } labels)
            events.Tell(TrainLog.Labels(suffix, labels));
        return result;
    }
}
