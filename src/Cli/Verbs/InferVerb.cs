using CommandLine;
using OnnxTimm.Cli.CommandLine;
using OnnxTimm.Cli.Results;
using OnnxTimm.Data;
using OnnxTimm.Infer;
using OnnxTimm.Models;

namespace OnnxTimm.Cli.Verbs;

sealed class InferVerb : DataArguments, IVerb
{
    [Option("topk", Default = 1, MetaValue = "K",
        HelpText = "Classes to name for each image, best first; 0 names all.")]
    public int TopK { get; set; }

    [Option("labels", MetaValue = "FILE", HelpText = "Names of the classes, one a line, in class order.")]
    public string? Labels { get; set; }

    [Option("label-type", MetaValue = "TYPE", HelpText = "What classes of ImageNet and its larger relatives are "
        + "called: none, name (WordNet's id), description (its words) or detailed (these and what they mean). "
        + "Default: description.")]
    public string? LabelType { get; set; }

    [Option("results-file", MetaValue = "FILE", HelpText = "Write the results there.")]
    public string? ResultsFile { get; set; }

    [Option("results-dir", MetaValue = "DIR", HelpText = "Folder of the results; the file is called after the model.")]
    public string? ResultsDir { get; set; }

    [Option("results-format", MetaValue = "FORMAT",
        HelpText = "csv, json or json-split, or several. Default: by the file's "
        + "extension, else csv.")]
    public IEnumerable<string> ResultsFormat { get; set; } = [];

    [Option("filename-col", Default = "filename", MetaValue = "NAME", HelpText = "Name of the column of image paths.")]
    public string FilenameCol { get; set; } = "filename";

    [Option("index-col", Default = "index", MetaValue = "NAME", HelpText = "Name of the column of class indices.")]
    public string IndexCol { get; set; } = "index";

    [Option("label-col", Default = "label", MetaValue = "NAME", HelpText = "Name of the column of class names.")]
    public string LabelCol { get; set; } = "label";

    [Option("output-col", MetaValue = "NAME", HelpText = "Name of the column of probabilities or logits.")]
    public string? OutputCol { get; set; }

    [Option("output-type", MetaValue = "TYPE", HelpText = "prob or logit. Default: both.")]
    public string? OutputType { get; set; }

    [Option("exclude-output", HelpText = "Leave probabilities and logits out.")]
    public bool ExcludeOutput { get; set; }

    [Option("no-console-results", HelpText = "Do not print the results.")]
    public bool NoConsoleResults { get; set; }

    /// <summary>No label is looked at: an image may have any number of them.</summary>
    protected override bool IsMultiLabel => true;

    static readonly string[] LabelTypes = ["none", "name", "description", "detailed"];

    protected override IEnumerable<string?> Lists => [Labels];

    public int Run(Streams streams)
    {
        if (LabelType is { } type && !LabelTypes.Contains(type))
            throw Nearest.Unknown("label type", type, LabelTypes);
        var columns = new ResultColumns(FilenameCol, IndexCol, LabelType == "none" ? null : LabelCol, OutputCol,
            OutputType, ExcludeOutput);
        var formats = ResultFiles.Formats(ResultsFile, ResultsFormat);
        if (ResultsFile is not null || ResultsDir is not null)
            ResultFiles.Check(formats, ResultsDir, ResultsFile ?? "results");
        using var data = JoinedDataset.Open(DataPaths, path => OpenData(path));
        using var runner = Open(data, streams.Error);
        var names = Names(runner);
        var top = new TopClasses?[data.Count];
        var report = runner.Run(data, (i, row) => top[i] =
            Logits.Top(row, TopK > 0 ? TopK : row.Length, runner.Model.Card.IsMultiLabel));
        report.CheckAny();
        var table = new ResultTable(columns, [.. top.Index().Where(t => t.Item is not null)
            .Select(t => new ResultRow(data.Name(t.Index), t.Item!, names))]);
        if (ResultsFile is not null || ResultsDir is not null)
            ResultFiles.Write(table, formats, ResultsDir, ResultsFile ?? runner.SafeName);
        if (!NoConsoleResults)
            streams.Out.WriteLine(AsJson ? table.ToJson() : $"--result\n{table.ToJson()}");
        return report.Finish(streams.Error);
    }

    /// <summary>Names of the classes: given, or the class map's, or the model's own; else their indices.</summary>
    IReadOnlyList<string> Names(ImageRun run)
    {
        if (LabelType is { } type and not "none")
            return Synsets.Labels(run.Scores.Classes, type) is [_, ..] known ? known : throw new UserException(
                $"\"{run.Model.Name}\" has {run.Scores.Classes} classes: --label-type {type} is of ImageNet and its "
                + "larger relatives.");
        if (Labels is { } file)
            return Cards.Labels(file, run.Scores.Classes);
        return ClassMapFile is { } map ? ClassMaps.Load(map, Directory.Exists(DataPaths[0]) ? DataPaths[0] : ".").Names
            : run.Model.Card.Labels;
    }
}
