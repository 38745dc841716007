using System.Globalization;
using CommandLine;
using OnnxTimm.Cli.CommandLine;
using OnnxTimm.Cli.Results;
using OnnxTimm.Deploy;
using OnnxTimm.Passes;

namespace OnnxTimm.Cli.Verbs;

sealed class ExportVerb : ModelArguments, IVerb
{
    [Value(0, MetaName = "model", Required = true, HelpText = "A model's name, with or without a tag.")]
    public override string Model { get; set; } = "";

    [Option("output", Required = true, MetaValue = "FILE", HelpText = "The .onnx file to write.")]
    public string Output { get; set; } = "";

    [Option('b', "batch-size", MetaValue = "N", HelpText = "Fixes the images of one call. Default: any number.")]
    public int? BatchSize { get; set; }

    [Option("features-only", HelpText = "Gives the maps of the stages instead of logits.")]
    public bool FeaturesOnly { get; set; }

    [Option("out-indices", MetaValue = "N",
        HelpText = "Which maps; negative ones count from the end. Default: the model's own.")]
    public IEnumerable<int> OutIndices { get; set; } = [];

    [Option("opset", MetaValue = "N",
        HelpText = "Version of ONNX's operators, from 7 to 26. Default: 18, or what the target takes.")]
    public int? Opset { get; set; }

    [Option("target", MetaValue = "NAME",
        HelpText = "Whom the file is for, such as ort-1.14 or opencv; \"help\" lists them.")]
    public string? TargetName { get; set; }

    [Option("optimize", MetaValue = "LEVEL",
        HelpText = "Writes what ONNX Runtime makes of the network on this machine: extended, or all with this "
            + "processor's layouts of weights; as .ort by the file's ending.")]
    public string? Optimize { get; set; }

    [Option("no-fold", HelpText = "Writes the network as it is trained, with its batch norms.")]
    public bool NoFold { get; set; }

    [Option("dtype", Default = "float32", MetaValue = "TYPE", HelpText = "float32; float16 for weights and arithmetic; "
        + "bfloat16 for the weights alone.")]
    public string DtypeName { get; set; } = "float32";

    [Option("half-io", HelpText = "With --dtype float16: inputs and outputs are float16 too.")]
    public bool HalfIo { get; set; }

    [Option("dynamic-size", HelpText = "Leaves height and width of images open, where the network allows it.")]
    public bool DynamicSize { get; set; }

    [Option("naflex", HelpText = "Takes patches of images of any shape, for networks that do: naflexvit's.")]
    public bool Naflex { get; set; }

    [Option("naflex-max-seq-len", MetaValue = "N",
        HelpText = "The most patches that an image is cut into. Default: 576.")]
    public int? NaflexMaxSeqLen { get; set; }

    [Option("with-features", MetaValue = "[N]", HelpText = "Gives maps of stages beside the logits: those of the "
        + "numbers; negative ones count from the end. Default: the model's own.")]
    public IEnumerable<string> WithFeatures { get; set; } = [];

    [Option("embed-preprocess", HelpText = "Takes images of any size as they are, uint8 [1, H, W, 3], and prepares "
        + "them in the graph.")]
    public bool EmbedPreprocess { get; set; }

    [Option("softmax", HelpText = "Gives probabilities instead of logits.")]
    public bool Softmax { get; set; }

    [Option("top-k", MetaValue = "K", HelpText = "Gives the K best classes beside the scores.")]
    public int? TopK { get; set; }

    [Option("no-digest", HelpText = "Leaves out what verify runs again, and the run of the network for it.")]
    public bool NoDigest { get; set; }

    [Option("labels", MetaValue = "FILE", HelpText = "Names of the classes, one a line, to be kept in the file.")]
    public string? Labels { get; set; }

    [Option("card", HelpText = "Writes a README.md beside the file, as the hub shows it.")]
    public bool Card { get; set; }

    public int Run(Streams streams)
    {
        if (Card)
            HubCard.CheckPlace(Output);
        var options = Options().Check(Output);
        using var loaded = ModelLoader.Load(Request(), streams);
        var named = Labels is not { } file ? loaded
            : loaded with
            {
                Card = loaded.Card with { Labels = Cards.Labels(file, loaded.Model.Net.NumClasses) },
            };
        named.Export(Output, options).Tell(streams);
        loaded.Tell(streams.Error);
        if (Card)
            new HubCard(loaded.Model, named.Card, Output).Save(streams.Out);
        return ExitCode.Ok;
    }

    /// <summary>The verb; null where the targets were asked for, which are then written.</summary>
    public static IVerb? Parse(VerbRow row, string[] args, Streams streams)
    {
        if (!args.Contains("--target=help") && !args.Zip(args.Skip(1)).Contains(("--target", "help")))
            return Arguments.Of<ExportVerb>(row, args, streams);
        TargetList.Write(streams.Out);
        return null;
    }

    ExportOptions Options() => new()
    {
        Fold = !NoFold,
        Dtype = ExportOptions.Dtypes.TryGetValue(DtypeName, out var type) ? type
            : throw Nearest.Unknown("dtype", DtypeName, ExportOptions.Dtypes.Keys),
        HalfIo = HalfIo,
        Digest = !NoDigest,
        DynamicSize = DynamicSize,
        EmbedPreprocess = EmbedPreprocess,
        Softmax = Softmax,
        TopK = TopK,
        Target = Target,
        Optimize = Optimize,
    };

    Target? Target => TargetName is null ? null : TargetTable.Named(TargetName);

    protected override ModelRequest Request()
    {
        int[] indices = [.. OutIndices, .. WithFeatures.Where(word => word != Words.All).Select(Index)];
        var request = base.Request();
        request = request with
        {
            Options = request.Options with
            {
                BatchSize = BatchSize,
                MaxSeqLen = MaxSeqLenOf(Naflex, NaflexMaxSeqLen),
                FeaturesOnly = FeaturesOnly,
                WithFeatures = WithFeatures.Any(),
                OutIndices = indices.Length > 0 ? indices : null,
                Opset = LowerOpset.Supported(Opset ?? request.Options.Opset),
            },
        };
        return Target is { } target ? request.For(target, Opset) : request;
    }

    static int Index(string word) => int.TryParse(word, CultureInfo.InvariantCulture, out var index) ? index
        : throw new UserException($"--with-features takes numbers of maps, not \"{word}\".");
}
