using System.Diagnostics;
using CommandLine;
using OnnxTimm.Cli.CommandLine;
using OnnxTimm.Cli.Results;
using OnnxTimm.Data;

namespace OnnxTimm.Cli.Verbs;

sealed class ValidateVerb : DataArguments, IVerb
{
    /// <summary>timm's batch size: the images between two lines of progress unless another is asked for.</summary>
    const int LogBatch = 256;

    [Option("results-file", MetaValue = "FILE", HelpText = "Write the results there: as .json or .csv.")]
    public string? ResultsFile { get; set; }

    [Option("results-format", MetaValue = "FORMAT", HelpText = "csv or json. Default: by the file's ending.")]
    public string? ResultsFormat { get; set; }

    public int Run(Streams streams)
    {
        var file = SummaryFile.Of(ResultsFile, ResultsFormat);
        if (DataPaths is not [var path])
            throw new UserException($"validate takes one folder or archive, not {DataPaths.Length}.");
        using var data = OpenData(path, ClassMapFile);
        using var run = Open(data, streams.Error);
        var classes = Classes(data, run, streams.Error);
        Describe(run, streams.Error);
        var scores = new Scores(data.Count);
        var report = Score(data, i => classes[data.Label(i)], run, scores, streams.Error);
        report.CheckAny();
        streams.Error.WriteLine(
            $" * Acc@1 {scores.Top1:F3} ({100 - scores.Top1:F3}) Acc@5 {scores.Top5:F3} ({100 - scores.Top5:F3})");
        (string, object?)[] fields = [.. Fields(run, scores)];
        file?.Save(fields);
        streams.Out.WriteLine(AsJson ? Json.Object(fields) : $"--result\n{Json.Object(fields)}");
        return report.Finish(streams.Error);
    }

    RunReport Score(IDataset data, Func<int, int> truth, ImageRun run, Scores scores, TextWriter messages)
    {
        var unit = BatchSize ?? LogBatch;
        var batches = (data.Count + unit - 1) / unit;
        var clock = Stopwatch.StartNew();
        var before = 0.0;
        return run.Run(data, (i, row) =>
        {
            var count = scores.Add(i, row, truth(i));
            if (count % unit != 0 && count != data.Count || (count - 1) / unit % Math.Max(1, LogFreq) != 0)
                return;
            lock (clock)
            {
                var now = clock.Elapsed.TotalSeconds;
                messages.WriteLine(scores.Progress((count - 1) / unit, batches, now - before, now));
                before = now;
            }
        });
    }

    /// <summary>The output of the model that each label of the data means.</summary>
    int[] Classes(IDataset data, ImageRun run, TextWriter messages)
    {
        var labels = Enumerable.Range(0, data.Count).Select(data.Label).ToArray();
        if (labels.Contains(-1))
            throw new UserException($"\"{data.Name(Array.IndexOf(labels, -1))}\" has no class: images to validate lie "
                + "in folders, class/file.");
        if (string.IsNullOrEmpty(ClassMapFile))
            return ClassMatch.Of(data.Classes, run.Model.Card.Labels, run.Scores.Classes, run.Model.Name,
                text => messages.WriteLine($"onnxtimm: {text}"));
        return labels.Max() < run.Scores.Classes ? [.. Enumerable.Range(0, data.Classes.Count)]
            : throw new UserException($"The class map has {labels.Max() + 1} classes, \"{run.Model.Name}\" has "
                + $"{run.Scores.Classes}.");
    }

    static void Describe(ImageRun run, TextWriter messages)
    {
        messages.WriteLine($"Validating in float32 on {run.Model.Session.Device}.");
        messages.WriteLine(
            $"Model {run.Model.Name} created, param count: {run.Model.ParamCount?.ToString() ?? "unknown"}");
        foreach (var line in run.Config.Describe())
            messages.WriteLine(line);
    }

    IEnumerable<(string, object?)> Fields(ImageRun run, Scores scores)
    {
        yield return ("model", Model);
        yield return ("top1", Math.Round(scores.Top1, 4));
        yield return ("top1_err", Math.Round(100 - scores.Top1, 4));
        yield return ("top5", Math.Round(scores.Top5, 4));
        yield return ("top5_err", Math.Round(100 - scores.Top5, 4));
        yield return ("param_count", run.Model.ParamCount is { } n ? Math.Round(n / 1e6, 2) : null);
        yield return ("img_size", run.Config.Height);
        yield return ("crop_pct", run.Config.CropPct);
        yield return ("interpolation", run.Config.Interpolation.ToString().ToLowerInvariant());
        yield return ("top1_correct", scores.Top1Correct);
        yield return ("count", scores.Count);
        yield return ("loss", Math.Round(scores.Loss, 6));
    }
}
