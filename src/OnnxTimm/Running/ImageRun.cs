using System.Diagnostics;
using OnnxTimm.Data;
using OnnxTimm.Infer;

namespace OnnxTimm;

/// <summary>A model with all that a run over images needs.</summary>
/// <param name="Model">The model.</param>
/// <param name="Config">How images are prepared.</param>
/// <param name="Batch">Images of one call.</param>
/// <param name="Workers">Threads that decode and compute.</param>
sealed record ImageRun(ModelSession Model, DataConfig Config, int Batch, int Workers) : IDisposable
{
    /// <summary>What the model gives for a batch.</summary>
    public ClassScores Scores { get; } = ClassScores.Of(
        Model.Session, InputImage.Shapes(Model.Session, Config, Batch), Model.Kind);

    /// <summary>A name for files: that of the model, with the image's size or the most of its patches.</summary>
    public string SafeName => $"{Path.GetFileNameWithoutExtension(Model.Name).Replace('/', '_')}"
        + $"-{Config.Patches?.MaxSeqLen ?? Config.Height}";

    /// <summary>Runs all images; what cannot be read is in the report.</summary>
    public RunReport Run(IDataset data, ImageRunner.Result result)
    {
        var clock = Stopwatch.StartNew();
        var faults = new SortedDictionary<int, string>();
        new ImageRunner(Model.Session, Config, data, Batch, Scores).Run(Workers, result, (i, e) =>
        {
            lock (faults)
                faults.Add(i, e.Message);
        });
        return new(data.Count, [.. faults.Values], clock.Elapsed.TotalSeconds);
    }

    public void Dispose() => Model.Dispose();
}

/// <summary>How a run over images went.</summary>
/// <param name="Images">Images in the data.</param>
/// <param name="Faults">A message for each that could not be read.</param>
/// <param name="Seconds">How long it took.</param>
sealed record RunReport(int Images, IReadOnlyList<string> Faults, double Seconds)
{
    public int Done => Images - Faults.Count;

    /// <summary>Throws where no image could be read.</summary>
    public void CheckAny()
    {
        if (Done == 0)
            throw new UserException(Images == 1 ? Faults[0]
                : $"None of the {Images} images could be read. The first: {Faults[0]}");
    }
}
