using CommandLine;

namespace OnnxTimm.Cli.Verbs;

sealed partial class ValidateVerb
{
    [Option("results-file", MetaValue = "FILE", HelpText = "Write the results there: as .json or .csv.")]
    public string? ResultsFile { get; set; }

    [Option("results-format", MetaValue = "FORMAT", HelpText = "csv or json. Default: by the file's ending.")]
    public string? ResultsFormat { get; set; }

    [Option("report", MetaValue = "FILE", HelpText = "Write a page about the results there: classes taken for each "
        + "other, accuracy by class, the worst mistakes with their pictures. An .html file.")]
    public string? ReportFile { get; set; }

    [Option("append", HelpText = "Add the row to the CSV file of --results-file, where that is there.")]
    public bool Append { get; set; }

    [Option("metrics-avg", MetaValue = "NAME",
        HelpText = "Also precision, recall and F1 of the classes, averaged: micro, macro or weighted.")]
    public string? MetricsAvg { get; set; }

    [Option("retry", HelpText = "Where a batch is too large for the memory, try smaller ones.")]
    public bool Retry { get; set; }

    [Option("multi-label", HelpText = "An image may have several labels, or none: mAP and F1 instead of accuracy.")]
    public bool MultiLabel { get; set; }

    [Option("multi-label-threshold", Default = 0.5, MetaValue = "X",
        HelpText = "Probability from which on a class counts as said, for F1.")]
    public double MultiLabelThreshold { get; set; } = 0.5;

    [Option("real-labels", MetaValue = "FILE", HelpText = "JSON file of the real labels of ImageNet's validation "
        + "images, any of which is right; those without one are not judged.")]
    public string? RealLabelsFile { get; set; }

    [Option("valid-labels", MetaValue = "FILE",
        HelpText = "File of the classes that the data have, a number a line: the model chooses among these alone.")]
    public string? ValidLabelsFile { get; set; }
}
