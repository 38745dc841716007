using CommandLine;
using OnnxTimm.Cli.CommandLine;
using OnnxTimm.Onnx;
using OnnxTimm.Train.Artifacts;

namespace OnnxTimm.Cli.Verbs;

sealed partial class ArtifactsVerb : ModelArguments, IVerb
{
    [Value(0, MetaName = "model", HelpText = "A model's name, with or without a tag; or none, with --from.")]
    public override string Model { get; set; } = "";

    [Option("from", MetaValue = "FILE", HelpText = "Takes any .onnx file with logits instead of a model by name.")]
    public string? From { get; set; }

    [Option("output", Required = true, MetaValue = "DIR", HelpText = "The folder to write to.")]
    public string Output { get; set; } = "";

    [Option("prefix", Default = "", MetaValue = "TEXT", HelpText = "Begins the name of each file.")]
    public string Prefix { get; set; } = "";

    [Option('b', "batch-size", MetaValue = "N", HelpText = "Fixes the images of a step. Default: any number.")]
    public int? BatchSize { get; set; }

    [Option("drop", Default = 0.0, MetaValue = "X", HelpText = "Dropout before the classifier; masks become inputs.")]
    public double Drop { get; set; }

    [Option("drop-path", MetaValue = "X", HelpText = "Stochastic depth, by default the network's own as in timm; "
        + "masks become inputs.")]
    public double? DropPath { get; set; }

    [Option("drop-block", MetaValue = "X", HelpText = "Share of the last maps of ResNets and their kin that is dropped "
        + "in squares; masks become inputs. Default: 0.")]
    public double DropBlock { get; set; }

    [Option("loss", Default = "ce", MetaValue = "LOSS",
        HelpText = "ce, asl or poly (of labels), bce or soft (of rows of targets).")]
    public string Loss { get; set; } = "";

    [Option("multi-label",
        HelpText = "Of several labels an image: --loss is bce, asl, poly, twoway or zlpr, of rows of targets.")]
    public bool MultiLabel { get; set; }

    [Option("optimizer", Default = "adamw", MetaValue = "NAME", HelpText = "adamw, or sgd without momentum.")]
    public string Optimizer { get; set; } = "";

    [Option("opt-eps", MetaValue = "X", HelpText = "AdamW's epsilon. Default: 1e-8.")]
    public double? OptEps { get; set; }

    [Option("opt-betas", MetaValue = "X", HelpText = "AdamW's betas: two numbers. Default: 0.9 0.999.")]
    public IEnumerable<double> OptBetas { get; set; } = [];

    [Option("weight-decay", MetaValue = "X", HelpText = "AdamW's decay of every parameter: norms and biases too. "
        + "Default: 0.")]
    public double? WeightDecay { get; set; }

    [Option("adam-mode", MetaValue = "N", HelpText = "0 for PyTorch's AdamW, 1 for Hugging Face's. Default: 0.")]
    public int? AdamMode { get; set; }

    [Option("clip-grad", MetaValue = "X", HelpText = "The most that the norm of all gradients may be.")]
    public double? ClipGrad { get; set; }

    [Option("bn-variance", Default = "unbiased", MetaValue = "KIND",
        HelpText = "Running variances: unbiased as in PyTorch, or biased.")]
    public string BnVariance { get; set; } = "";

    [Option("frozen", MetaValue = "PATTERN", HelpText = "Weights that are not trained: several names, with * as a "
        + "wildcard; the model's name comes before. A batch norm whose running statistics are among them uses them.")]
    public IEnumerable<string> Frozen { get; set; } = [];

    [Option("train-head-only", HelpText = "Trains the classifier alone; batch norms use their running statistics.")]
    public bool TrainHeadOnly { get; set; }

    [Option("output-logits", HelpText = "Gives the logits beside the loss.")]
    public bool OutputLogits { get; set; }

    [Option("nominal", HelpText = "Writes a checkpoint of names alone, nominal_checkpoint, which the runtime fills.")]
    public bool Nominal { get; set; }

    public int Run(Streams streams)
    {
        if ((From is not null) == (Model.Length > 0))
            throw new UserException("Say one of both: a model's name, or --from FILE.");
        var isStep = IsStep();
        if (From is not null)
            return Write(ForeignModel.Adopt(OnnxFile.Read(OnlyAlone(From))), Options(), streams);
        using var loaded = ModelLoader.Load(Request(), streams);
        if (loaded.Model.Net.NumClasses == 0)
            throw new UserException($"{Model} needs a classifier to be trained: --num-classes must be above 0.");
        if (isStep)
            return WriteStep(loaded, streams);
        var result = Write(loaded.Model.Graph, Options() with
        {
            Only = TrainHeadOnly ? [.. loaded.Model.Net.Classifiers] : [],
            Metadata = loaded.SignedCard().ToMetadata(),
        }, streams);
        if (!Nominal)
            loaded.Tell(streams.Error);
        return result;
    }

    protected override ModelRequest Request()
    {
        var request = base.Request();
        return request with
        {
            Adapts = true,
            Options = request.Options with
            {
                BatchSize = BatchSize,
                DropRate = Drop,
                DropPathRate = DropPath,
                DropBlockRate = DropBlock,
            },
        };
    }

    /// <summary>A file is complete: what shapes a model of the zoo has no meaning for it.</summary>
    string OnlyAlone(string file) => Checkpoint is null && !Pretrained && Ema is null && NumClasses is null
        && ImgSize is null && InChans is null
        && Gp is null && BatchSize is null && !InputSize.Any() && Drop == 0 && DropPath is null
        && DropBlock == 0 && !TrainHeadOnly
            ? file
            : throw new UserException($"\"{file}\" is complete: with --from only --frozen and flags of loss, "
                + "optimizer and files have a meaning.");

    ArtifactOptions Options() => new()
    {
        Loss = ArtifactLoss.Parse(Loss, MultiLabel),
        AdamW = AdamW(),
        BiasedVariance = BnVariance switch
        {
            "unbiased" => false,
            "biased" => true,
            _ => throw new UserException($"--bn-variance is unbiased or biased, not \"{BnVariance}\"."),
        },
        Frozen = [.. Frozen],
        ClipGrad = ClipGrad is null or (> 0 and < double.PositiveInfinity) ? ClipGrad
            : throw new UserException($"--clip-grad is a number above 0, not {ClipGrad}."),
        OutputLogits = OutputLogits,
        Nominal = Nominal,
    };

    AdamWSettings? AdamW() => Optimizer switch
    {
        "adamw" => Settings(new()),
        "sgd" when !OptBetas.Any() && OptEps is null && WeightDecay is null && AdamMode is null => null,
        "sgd" => throw new UserException("sgd has neither --opt-eps, --opt-betas, --weight-decay nor --adam-mode here: "
            + "ONNX Runtime Training subtracts the gradient times the rate."),
        _ => throw new UserException($"ONNX Runtime Training has the optimizers adamw and sgd, not \"{Optimizer}\"."),
    };

    AdamWSettings Settings(AdamWSettings own) => own with
    {
        Betas = OptBetas.ToArray() switch
        {
            [] => own.Betas,
            [>= 0 and < 1 and var first, >= 0 and < 1 and var second] => (first, second),
            _ => throw new UserException("--opt-betas takes two numbers from 0 up to, but not with, 1, not "
                + $"\"{string.Join(' ', OptBetas)}\"."),
        },
        Epsilon = OptEps is not { } epsilon ? own.Epsilon
            : epsilon is > 0 and < double.PositiveInfinity ? epsilon
            : throw new UserException($"--opt-eps is a number above 0, not {epsilon}."),
        WeightDecay = WeightDecay is not { } decay ? own.WeightDecay
            : decay is >= 0 and < double.PositiveInfinity ? decay
            : throw new UserException($"--weight-decay is a number from 0, not {decay}."),
        Mode = AdamMode is null or 0 or 1 ? AdamMode ?? own.Mode
            : throw new UserException($"--adam-mode is 0 or 1, not {AdamMode}."),
    };

    int Write(Graph model, ArtifactOptions options, Streams streams)
    {
        var set = ArtifactSet.Of(model, options);
        var files = set.Write(Output, Prefix);
        var trained = set.Checkpoint.Trainable;
        streams.Out.WriteLine($"{Output}: {string.Join(", ", files)}");
        streams.Out.WriteLine($"  {trained.Count} tensors are trained ({trained.Sum(t => t.Value.Count):N0} values), "
            + $"{set.Checkpoint.Frozen.Count} are not");
        foreach (var input in set.UserInputs)
            streams.Out.WriteLine($"  input  {input}");
        streams.Out.WriteLine($"  output {set.Training.Outputs[0]}");
        return ExitCode.Ok;
    }
}
