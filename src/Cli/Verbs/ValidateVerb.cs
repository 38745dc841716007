using System.Diagnostics;
using OnnxTimm.Cli.CommandLine;
using OnnxTimm.Cli.Results;
using OnnxTimm.Data;
using OnnxTimm.Infer;

namespace OnnxTimm.Cli.Verbs;

sealed partial class ValidateVerb : DataArguments, IVerb
{
    /// <summary>timm's batch size: the images between two lines of progress unless another is asked for.</summary>
    const int LogBatch = 256;

    protected override bool IsMultiLabel => MultiLabel;

    protected override IEnumerable<string?> Lists => [RealLabelsFile, ValidLabelsFile];

    public int Run(Streams streams)
    {
        if (!Retry)
            return Validate(streams);
        return BatchDecay.Run(BatchSize ?? DefaultBatch, batch =>
        {
            BatchSize = batch;
            return Validate(streams);
        }, streams.Note);
    }

    int Validate(Streams streams)
    {
        var file = SummaryFile.Of(ResultsFile, ResultsFormat);
        if (ReportFile is not null)
            WriteBeside.Check(ReportFile);
        if (Append && file is not { IsJson: false })
            throw new UserException("--append adds a row to a CSV file of --results-file.");
        var classwise = MetricsAvg is { } average ? new PrecisionRecall(average) : null;
        if (DataPaths is not [var path])
            throw new UserException($"validate takes one folder or archive, not {DataPaths.Length}.");
        using var data = OpenData(path, ClassMapFile);
        var real = RealLabelsFile is { } list ? RealLabels.Read(list) : null;
        IReadOnlyList<int>?[] any = [.. Enumerable.Range(0, data.Count).Select(i => real?.Of(data.Name(i)))];
        using var run = Open(data, streams.Error);
        if (any.Any(a => a?.Any(c => c < 0 || c >= run.Scores.Classes) == true))
            throw new UserException($"{RealLabelsFile} has classes that \"{run.Model.Name}\" does not have: it has "
                + $"{run.Scores.Classes}.");
        if (MultiLabel)
            return RunLabels(data, run, streams, file);
        var classes = Classes(data, run, streams.Error);
        var chosen = ValidLabelsFile is { } valid ? Chosen(valid, classes, run.Scores.Classes) : null;
        Describe(run, streams.Error);
        var scores = new Scores(data.Count);
        var judged = ReportFile is null ? null : ValidationReport.Collect(data, run, classes, chosen);
        var report = Score(data, (i, row) =>
        {
            var scored = chosen is null ? row : Picked(row, chosen);
            var label = chosen is null ? classes[data.Label(i)] : Array.IndexOf(chosen, classes[data.Label(i)]);
            judged?.Add(i, scored, label, any[i]);
            classwise?.Add(label, Logits.Top(scored, 1).Index[0]);
            return scores.Add(i, scored, label, any[i]);
        }, run, scores, streams.Error);
        report.CheckAny();
        streams.Error.WriteLine(
            $" * Acc@1 {scores.Top1:F3} ({100 - scores.Top1:F3}) Acc@5 {scores.Top5:F3} ({100 - scores.Top5:F3})");
        (string, object?)[] fields = [.. Fields(run, scores, classwise)];
        var code = Finish(fields, report, streams, file);
        if (judged is not null)
            Write(ValidationReport.Of(this, run, fields, report) with { Judged = judged, Data = data });
        return code;
    }

    int Finish((string, object?)[] fields, RunReport report, Streams streams, SummaryFile? file)
    {
        streams.Out.WriteLine(AsJson ? Json.Object(fields) : $"--result\n{Json.Object(fields)}");
        file?.Save(fields, Append);
        return report.Finish(streams.Error);
    }

    int RunLabels(IDataset data, ImageRun run, Streams streams, SummaryFile? file)
    {
        var classes = ClassMatch.Of(data.Classes, run.Model.Card.Labels, run.Scores.Classes, run.Model.Name,
            text => streams.Error.WriteLine($"onnxtimm: {text}"));
        Describe(run, streams.Error);
        var scores = new LabelScores(run.Scores.Classes, MultiLabelThreshold);
        var report = run.Run(data, (i, row) =>
        {
            var (given, targets) = (new float[classes.Length], new float[row.Length]);
            data.Targets(i, given);
            foreach (var (c, value) in given.Index())
                targets[classes[c]] = value;
            scores.Add(i, row, targets);
        });
        report.CheckAny();
        (string, object?)[] measured =
            [.. scores.Measure().Named().Select(v => (v.Name, (object?)Math.Round(v.Value, 4)))];
        (string, object?)[] fields = [("model", Model), .. measured, .. Image(run), ("count", scores.Count)];
        var code = Finish(fields, report, streams, file);
        if (ReportFile is not null)
            Write(ValidationReport.Of(this, run, fields, report) with
            {
                Labels = [.. ValidationReport.Names(data, run, classes).Zip(scores.ByClass())],
            });
        return code;
    }

    void Write(Report page) => page.Write(WriteBeside.Target(ReportFile!));

    /// <summary>The outputs that are left to choose from; those of the data are among them.</summary>
    int[] Chosen(string path, int[] classes, int outputs)
    {
        if (RealLabelsFile is not null)
            throw new UserException("--real-labels judge all classes, --valid-labels some: give one of them.");
        var numbers = RegularFile.ReadLines(path).Where(l => l.Trim().Length > 0)
            .Select(l => int.TryParse(l, out var n) && n >= 0 && n < outputs ? n
                : throw new UserException($"{path}: \"{l}\" is no class of the model, which has {outputs}.")).ToArray();
        return classes.FirstOrDefault(c => !numbers.Contains(c), -1) is >= 0 and var missing
            ? throw new UserException($"{path} does not have the class {missing}, the data do.") : numbers;
    }

    static float[] Picked(ReadOnlySpan<float> row, int[] chosen)
    {
        var picked = new float[chosen.Length];
        for (var i = 0; i < picked.Length; i++)
            picked[i] = row[chosen[i]];
        return picked;
    }

    delegate int Scoring(int index, ReadOnlySpan<float> row);

    RunReport Score(IDataset data, Scoring score, ImageRun run, Scores scores, TextWriter messages)
    {
        var unit = BatchSize ?? LogBatch;
        var batches = (data.Count + unit - 1) / unit;
        var clock = Stopwatch.StartNew();
        var before = 0.0;
        return run.Run(data, (i, row) =>
        {
            var count = score(i, row);
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

    IEnumerable<(string, object?)> Fields(ImageRun run, Scores scores, PrecisionRecall? classwise)
    {
        yield return ("model", Model);
        yield return ("top1", Math.Round(scores.Top1, 4));
        yield return ("top1_err", Math.Round(100 - scores.Top1, 4));
        yield return ("top5", Math.Round(scores.Top5, 4));
        yield return ("top5_err", Math.Round(100 - scores.Top5, 4));
        foreach (var (name, value) in classwise?.Measure() ?? [])
            yield return (name, Math.Round(value, 4));
        foreach (var field in Image(run))
            yield return field;
        yield return ("top1_correct", scores.Top1Correct);
        yield return ("count", scores.Count);
        yield return ("loss", Math.Round(scores.Loss, 6));
        if (scores.Judged != scores.Count)
            yield return ("judged", scores.Judged);
    }

    static IEnumerable<(string, object?)> Image(ImageRun run) =>
    [
        ("param_count", run.Model.ParamCount is { } n ? Math.Round(n / 1e6, 2) : null),
        .. run.Config.Fields(),
        ("crop_pct", run.Config.CropPct),
        ("interpolation", run.Config.Interpolation.ToString().ToLowerInvariant()),
    ];
}
