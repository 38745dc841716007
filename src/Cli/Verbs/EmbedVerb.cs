using System.Diagnostics;
using CommandLine;
using OnnxTimm.Cli.CommandLine;
using OnnxTimm.Cli.Results;
using OnnxTimm.Data;

namespace OnnxTimm.Cli.Verbs;

sealed class EmbedVerb : DataArguments, IVerb
{
    const string None = "none";

    [Option("pool", MetaValue = "POOL", HelpText = "How places become one vector; none keeps them all. Of a model's "
        + "name as --gp: avg, max, avgmax, catavgmax, token, map; of a file that gives maps or tokens: avg, max or "
        + "token. Default: the model's own, or avg.")]
    public string? Pool { get; set; }

    [Option("results-file", MetaValue = "FILE",
        HelpText = "Write the features there instead of printing them: as .npy with the names beside it as .txt, as "
        + ".csv or as .json.")]
    public string? ResultsFile { get; set; }

    [Option("results-format", MetaValue = "FORMAT", HelpText = "npy, csv or json. Default: by the file's ending.")]
    public string? ResultsFormat { get; set; }

    /// <summary>No label is looked at: an image may have any number of them.</summary>
    protected override bool IsMultiLabel => true;

    public int Run(Streams streams)
    {
        if (NumClasses is > 0 || BatchSize is not null)
            throw new UserException($"{(BatchSize is null ? "--num-classes" : "--batch-size")} has no meaning: embed "
                + "leaves the classifier out, and takes an image a call.");
        var file = FeatureFile.Of(ResultsFile, ResultsFormat);
        using var data = JoinedDataset.Open(DataPaths, path => OpenData(path));
        using var model = Open(data.Count, streams);
        foreach (var remark in data.Remarks)
            streams.Error.WriteLine($"onnxtimm: {remark}");
        var (clock, faults) = (Stopwatch.StartNew(), new List<string>());
        (string, float[])[] rows = [.. model.EmbedAll(data, e => faults.Add(e.Message))
            .Select(row => (data.Name(row.Index), row.Features))];
        var report = new RunReport(data.Count, faults, clock.Elapsed.TotalSeconds);
        report.CheckAny();
        if (file is not null)
            file.Save(rows);
        else
            streams.Out.WriteLine(AsJson ? FeatureFile.Json(rows) : $"--result\n{FeatureFile.Json(rows)}");
        return report.Finish(streams.Error);
    }

    protected override ModelRequest Request()
    {
        var request = base.Request();
        return request with
        {
            Options = request.Options with
            {
                NumClasses = 0,
                GlobalPool = Pool is null ? request.Options.GlobalPool : Pool == None ? "" : Pool,
            },
        };
    }

    /// <summary>The model without its classifier: images are many, or cores share the work of one.</summary>
    Classifier Open(int images, Streams streams)
    {
        var cores = Math.Max(1, Workers ?? Environment.ProcessorCount);
        var options = new ClassifierOptions
        {
            Runtime = Runtime(cores / Math.Clamp(images, 1, cores), streams.Error),
            Preprocess = Adjust,
            ImgSize = ImgSize,
            Remark = text => streams.Error.WriteLine($"onnxtimm: {text}"),
        };
        if (IsFile)
            return Classifier.Open(CompleteFile, options with { Pool = PoolOfFile() });
        using var loaded = ModelLoader.Load(Request(), streams);
        loaded.Tell(streams.Error);
        return Classifier.Of(loaded, options with { Pool = Pool == None ? FeaturePool.None : FeaturePool.Avg });
    }

    FeaturePool PoolOfFile()
    {
        var names = Enum.GetNames<FeaturePool>().Select(name => name.ToLowerInvariant()).ToArray();
        return Pool is null ? FeaturePool.Avg
            : Array.IndexOf(names, Pool) is >= 0 and var at ? (FeaturePool)at
            : throw new UserException($"--pool of a file is {string.Join(", ", names)}, not \"{Pool}\"."
                + Nearest.Hint(Pool, names));
    }
}
