using System.Diagnostics;
using OnnxTimm.Data;
using OnnxTimm.Deploy;
using OnnxTimm.Infer;

namespace OnnxTimm.Cli.Verbs;

/// <content>The images that a network is measured and judged on, and how far the measuring is.</content>
sealed partial class QuantizeVerb
{
    /// <summary>Images of a data set, drawn by the seed.</summary>
    Subset Sample(string path)
    {
        var data = Dataset.Open(path);
        if (data.Count == 0)
            throw new UserException($"There are no images in \"{path}\".");
        var random = new CounterRandom(Seed);
        int[] drawn = [.. Enumerable.Range(0, data.Count)
            .OrderBy(i => random.At(0, i).NextDouble()).Take(CalibrationSize).Order()];
        return new(data, drawn);
    }

    /// <summary>
    /// What is measured and what is judged on: images with classes, or else half of those of the calibration where
    /// there is a budget, and all of them where there is none.
    /// </summary>
    (CalibrationImages?, JudgingImages?) Images(
        Subset? calibration, IDataset? labelled, ModelCard card, Graph graph, Action<string> note)
    {
        var (config, workers) = (card.Preprocess, Environment.ProcessorCount);
        if (labelled is not null)
        {
            var outputs = graph.Outputs[0].Shape is { IsKnown: true, Rank: 2 } shape ? shape[1].Size : 0;
            int[] labels = [.. Enumerable.Range(0, labelled.Count).Select(labelled.Label)];
            if (labels.Contains(-1))
                throw new UserException($"\"{labelled.Name(Array.IndexOf(labels, -1))}\" has no class: images of "
                    + "--data-dir lie in folders, class/file.");
            var classes = ClassMatch.Of(labelled.Classes, card.Labels, outputs, Model, note);
            return (calibration is null ? null : new(calibration, config, workers),
                new(labelled, config, workers, [.. labels.Select(l => classes[l])]));
        }
        if (calibration is null)
            return default;
        if (Budget is null)
            return (new(calibration, config, workers),
                Classifies(graph) ? new(calibration, config, workers, null) : null);
        int[] even = [.. Enumerable.Range(0, calibration.Count).Where(i => i % 2 == 0)];
        int[] odd = [.. Enumerable.Range(0, calibration.Count).Where(i => i % 2 == 1)];
        return (new(new Subset(calibration, even), config, workers),
            new(new Subset(calibration, odd), config, workers, null));
    }

    static bool Classifies(Graph graph) =>
        graph.Outputs is [{ Name: not "features", Shape: { IsKnown: true, Rank: 2 } }, ..];

    /// <summary>Says now and then how far the measuring is.</summary>
    static Action<int, int> Paced(int count, Action<string> note)
    {
        var clock = Stopwatch.StartNew();
        return (pass, done) =>
        {
            lock (clock)
            {
                if (clock.Elapsed < TimeSpan.FromSeconds(5))
                    return;
                clock.Restart();
                note($"measuring, pass {pass}: {done} of {count} images");
            }
        };
    }
}
