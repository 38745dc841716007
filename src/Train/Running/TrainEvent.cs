namespace OnnxTimm.Train;

/// <summary>
/// Something that happened in a training, as values and, where there is one, as the line that timm logs.
/// </summary>
/// <param name="Line">The line; null where none is due.</param>
public abstract record TrainEvent(string? Line);

/// <summary>Something to be told: which file a training goes on from, which image cannot be read.</summary>
/// <param name="Text">One line, or several.</param>
public sealed record TrainRemark(string Text) : TrainEvent(Text);

/// <summary>A training begins, or goes on.</summary>
/// <param name="Parts">What it is made of.</param>
/// <param name="Folder">The run's folder.</param>
/// <param name="Epoch">The epoch that comes next, or is under way.</param>
public sealed record TrainBegan(TrainParts Parts, string Folder, int Epoch) : TrainEvent(Line: null);

/// <summary>The first batch since then was trained on.</summary>
/// <param name="Draw">Its images, as the network saw them; only while it is reported.</param>
public sealed record FirstBatch(Func<BatchPicture, byte[]> Draw) : TrainEvent(Line: null);

/// <summary>An update was made.</summary>
/// <param name="Update">Where in the training, at what rate.</param>
/// <param name="Loss">Loss of its last batch.</param>
/// <param name="Line">A line every so many updates.</param>
public sealed record UpdateEnded(UpdateInfo Update, double Loss, string? Line) : TrainEvent(Line);

/// <summary>An epoch was trained, validated and stored.</summary>
/// <param name="Result">What it gave.</param>
public sealed record EpochEnded(EpochResult Result) : TrainEvent(Line: null)
{
    /// <summary>The learning rate of each group of parameters at the end of the epoch.</summary>
    public IReadOnlyList<double> Rates { get; init; } = [];

    /// <summary>The weights by name, in their state-dict's order; only while it is reported.</summary>
    public IEnumerable<KeyValuePair<string, Tensor>> Weights { get; init; } = [];
}

/// <summary>No epoch comes any more; the model that is the result is about to be written.</summary>
/// <param name="Results">What each epoch gave.</param>
/// <param name="Best">The checkpoint of the best of them; null where none was stored.</param>
/// <param name="Summary">The best epochs as JSON, as timm prints them.</param>
public sealed record EpochsEnded(IReadOnlyList<EpochResult> Results, KeptCheckpoint? Best, string Summary)
    : TrainEvent(Best is null ? null : TrainLog.Best(Best));

/// <summary>The training that began is at its end: all is done and stored.</summary>
/// <param name="Parts">What the training was made of.</param>
/// <param name="Folder">The run's folder.</param>
/// <param name="Results">What each epoch gave.</param>
/// <param name="Best">The checkpoint of the best of them.</param>
/// <param name="Model">The file of the model that it makes, in the folder.</param>
public sealed record TrainEnded(TrainParts Parts, string Folder, IReadOnlyList<EpochResult> Results,
    KeptCheckpoint Best, string Model) : TrainEvent(Line: null);

/// <summary>Telling.</summary>
static class TrainEvents
{
    public static void Tell(this IProgress<TrainEvent> events, string text) => events.Report(new TrainRemark(text));
}
