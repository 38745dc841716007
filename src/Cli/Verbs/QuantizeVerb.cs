using System.Diagnostics;
using System.Text;
using CommandLine;
using OnnxTimm.Cli.CommandLine;
using OnnxTimm.Data;
using OnnxTimm.Deploy;
using OnnxTimm.Infer;
using OnnxTimm.Onnx;

namespace OnnxTimm.Cli.Verbs;

sealed class QuantizeVerb : ModelArguments, IVerb
{
    [Value(0, MetaName = "model", Required = true,
        HelpText = "A model's name, with or without a tag, or an .onnx file.")]
    public override string Model { get; set; } = "";

    [Option("output", Required = true, MetaValue = "FILE", HelpText = "The .onnx file to write.")]
    public string Output { get; set; } = "";

    [Option("calibrate", MetaValue = "DIR|FILE",
        HelpText = "Images that the network is measured on: a folder or .tar.")]
    public string? Calibrate { get; set; }

    [Option("calibration-size", Default = 256, MetaValue = "N",
        HelpText = "How many of them are used, drawn by the seed.")]
    public int CalibrationSize { get; set; }

    [Option("seed", Default = 42UL, MetaValue = "N", HelpText = "Seed of that draw.")]
    public ulong Seed { get; set; }

    [Option("recipe", MetaValue = "NAME", HelpText = "cpu-cnn, cpu-vit, x64-avx2, x64-avx2-vit, tensorrt, weights-int8 "
        + "or weights-int4. Default: cpu-cnn or cpu-vit, by the network.")]
    public string? RecipeName { get; set; }

    [Option("method", Default = RangeMethod.Default, MetaValue = "METHOD",
        HelpText = "How ranges follow from what was measured: minmax, percentile, mse or entropy.")]
    public string Method { get; set; } = RangeMethod.Default;

    [Option("equalize", HelpText = "Give the channels of a tensor like ranges first: it helps some networks.")]
    public bool Equalize { get; set; }

    [Option("update-bn", HelpText = "Measure means and variances of batch norms again first, on the images of "
        + "--calibrate: for weights whose statistics are not those of such images.")]
    public bool UpdateBn { get; set; }

    [Option("exclude", MetaValue = "PATTERN",
        HelpText = "Names of nodes or weights that stay in float, with * as a wildcard.")]
    public IEnumerable<string> Exclude { get; set; } = [];

    [Option("budget", MetaValue = "PERCENT",
        HelpText = "What may be lost: layers stay in float until it is kept. Of the accuracy on --data-dir, or else of "
        + "the agreement with float32 on a half of the calibration images that is not measured.")]
    public double? Budget { get; set; }

    [Option("data-dir", MetaValue = "DIR|FILE",
        HelpText = "Images with classes to judge the result on: a folder or .tar of class/file.")]
    public string? DataDir { get; set; }

    [Option("report", MetaValue = "FILE", HelpText = "Write there what became of the network: as .html or .json.")]
    public string? Report { get; set; }

    [Option("optimize", MetaValue = "LEVEL", HelpText = "Writes what ONNX Runtime makes of the result on this machine: "
        + "extended, or all; as .ort by the file's ending.")]
    public string? Optimize { get; set; }

    public int Run(Streams streams)
    {
        new ExportOptions { Optimize = Optimize }.Check(Output);
        void Note(string text) => streams.Error.WriteLine($"onnxtimm: {text}");
        var options = Options();
        var report = Report is null ? null : ReportText.For(Report);
        using var loaded = IsFile ? null : ModelLoader.Load(Request(), streams);
        var graph = loaded?.Model.Graph ?? OnnxFile.Read(WholeFile());
        Quantization.Check(graph);
        var card = loaded?.SignedCard() ?? FileCard(graph, Note);
        using var calibration = Calibrate is null ? null : Sample(Calibrate);
        using var labelled = DataDir is null ? null : Dataset.Open(DataDir);
        var (images, judging) = Images(calibration, labelled, card, graph, Note);
        var measured = images is null ? null : images with { Progress = Paced(images.Data.Count, Note) };
        var quantization = Quantization.Begin(graph, options, measured);
        var spared = Budget is { } percent ? Search(quantization, judging, percent, Note) : new HashSet<string>();
        var written = quantization.Write(spared);
        foreach (var (key, value) in card.ToMetadata())
            written.Metadata[key] = value;
        Note($"recipe {quantization.Recipe.Name}: {quantization.Why}");
        Tell(measured, spared, Note);
        if (report is not null)
            WriteBeside.Write(WriteBeside.Target(Report!),
                Encoding.UTF8.GetBytes(report(QuantizeReport.Of(quantization, written, spared, judging))));
        QuantizedDigest.Put(written, graph.Metadata, Model, quantization.Recipe.Name);
        Exporter.Save(written, WriteBeside.Target(Output), Optimize, null);
        streams.Out.WriteLine($"{Output}: {quantization.Recipe.Name}, {new FileInfo(Output).Length / 1e6:F1} MB");
        loaded?.Tell(streams.Error);
        return ExitCode.Ok;
    }

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

    static IReadOnlySet<string> Search(
        Quantization quantization, JudgingImages? judging, double percent, Action<string> note) => judging is null
        ? throw new UserException("--budget is judged on images: --calibrate or --data-dir says which.")
        : new Budget(quantization, judging, percent, note).Find().Spared;

    string WholeFile() => ImgSize is null && !InputSize.Any() ? CompleteFile
        : throw new UserException($"\"{Model}\" is complete: --img-size and --input-size belong to a model's name.");

    QuantizeOptions Options() => new()
    {
        Recipe = RecipeName is null ? null : Recipe.Named(RecipeName),
        Method = RangeMethod.Named(Method),
        Exclude = [.. Exclude],
        UpdatesNorms = UpdateBn,
        Equalizes = Equalize,
    };

    /// <summary>What a file says of its images; one of somebody else's is fed as most are.</summary>
    ModelCard FileCard(Graph graph, Action<string> note)
    {
        if (ModelCard.Read(graph.Metadata, Model) is { } card)
            return card;
        note($"\"{Model}\" does not say how images are prepared: ImageNet's mean and std, bicubic, crop_pct 0.875 are "
            + "assumed.");
        return graph.Inputs is [{ Shape: { IsKnown: true, Rank: 4 } shape }, ..] && shape.Skip(1).All(d => d.IsFixed)
            ? new()
            {
                Preprocess = new()
                {
                    Channels = (int)shape[1].Size,
                    Height = (int)shape[2].Size,
                    Width = (int)shape[3].Size
                }
            }
            : new();
    }

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

    static void Tell(CalibrationImages? measured, IReadOnlySet<string> spared, Action<string> note)
    {
        foreach (var fault in measured?.Faults.Values ?? Enumerable.Empty<string>())
            note(fault);
        if (spared.Count > 0)
            note($"left in float: {string.Join(", ", spared.Order(StringComparer.Ordinal))}");
    }
}
