using System.Text;
using CommandLine;
using OnnxTimm.Cli.CommandLine;
using OnnxTimm.Data;
using OnnxTimm.Deploy;
using OnnxTimm.Infer;
using OnnxTimm.Onnx;

namespace OnnxTimm.Cli.Verbs;

sealed partial class QuantizeVerb : ModelArguments, IVerb
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

    static void Tell(CalibrationImages? measured, IReadOnlySet<string> spared, Action<string> note)
    {
        foreach (var fault in measured?.Faults.Values ?? Enumerable.Empty<string>())
            note(fault);
        if (spared.Count > 0)
            note($"left in float: {string.Join(", ", spared.Order(StringComparer.Ordinal))}");
    }
}
