using CommandLine;
using OnnxTimm.Cli.CommandLine;
using OnnxTimm.Train;
using OnnxTimm.Train.Artifacts;

namespace OnnxTimm.Cli.Verbs;

/// <summary>The form of one file, which has any optimizer.</summary>
sealed partial class ArtifactsVerb
{
    [Option("form", Default = "set", MetaValue = "FORM", HelpText = "set: of ONNX Runtime Training; or step: one file, "
        + "train_step.onnx, that any ONNX Runtime trains with.")]
    public string Form { get; set; } = "";

    [Option("opt", MetaValue = "NAME", HelpText = "Optimizer of --form step: any of train's. Default: adamw.")]
    public string? Opt { get; set; }

    [Option("opt-kwargs", MetaValue = "KEY=VALUE", HelpText = "Its further options, as name=value.")]
    public IEnumerable<string> OptKwargs { get; set; } = [];

    [Option("momentum", MetaValue = "X", HelpText = "Its momentum. Default: 0.9.")]
    public double? Momentum { get; set; }

    [Option("grad-checkpointing", HelpText = "Has --form step compute each block again when its gradients are: less "
        + "memory, the same numbers, more time.")]
    public bool GradCheckpointing { get; set; }

    /// <summary>Whether one file is asked for; flags of the other form have no meaning then.</summary>
    bool IsStep() => Form switch
    {
        "set" when Opt is null && !OptKwargs.Any() && Momentum is null && !GradCheckpointing => false,
        "set" => throw new UserException("--opt, --opt-kwargs, --momentum and --grad-checkpointing are of --form step; "
            + "ONNX Runtime Training has --optimizer."),
        "step" when From is null && Optimizer == "adamw" && AdamMode is null && ClipGrad is null && !Nominal
            && !OutputLogits && BnVariance == "unbiased" => true,
        "step" => throw new UserException("--form step has neither --from, --optimizer, --adam-mode, --clip-grad, "
            + "--bn-variance, --output-logits nor --nominal."),
        _ => throw new UserException($"--form is set or step, not \"{Form}\"."),
    };

    int WriteStep(LoadedModel loaded, Streams streams)
    {
        var weights = new WeightSelection(loaded.Model.Graph, Frozen, TrainHeadOnly ? [.. loaded.Model.Net.Classifiers]
            : []);
        var trainee = FineTune.Trainee(loaded.Model);
        var groups = ParamGroups.ByDecay(trainee, WeightDecay ?? 0).Among(weights);
        var type = Loss == "soft" ? "ce" : Loss;
        var task = new Classification(LossTypes.Create(new() { Type = type, MultiLabel = MultiLabel }));
        var file = StepFile.Of(loaded.Model.Graph, StepOptimizer(), groups, task, weights,
            GradCheckpointing ? Keepings.Borders(trainee) : Keepings.Costly);
        streams.Out.WriteLine($"{Output}: {string.Join(", ", file.Write(Output, Prefix))}");
        streams.Out.WriteLine($"  {file.Step.Trained.Count} tensors are trained by {Opt ?? "adamw"}");
        foreach (var input in file.Step.Graph.Inputs.Where(v => !file.Start.Any(s => s.Key == v.Name)))
            streams.Out.WriteLine($"  input  {input}");
        loaded.Tell(streams.Error);
        return ExitCode.Ok;
    }

    Optimizer StepOptimizer()
    {
        var options = new TrainOptions
        {
            Opt = Opt ?? "adamw",
            OptEps = OptEps,
            OptBetas = OptBetas,
            OptKwargs = OptKwargs,
            Momentum = Momentum ?? 0.9,
        };
        return OptionParts.Optimizer(options);
    }
}
