using CommandLine;

namespace OnnxTimm.Cli.Verbs;

/// <summary>The flags of the training step that is measured, with the defaults of timm's benchmark.py.</summary>
sealed partial class BenchmarkVerb
{
    [Option("opt", Default = "sgd", MetaValue = "NAME", HelpText = "Optimizer of the training step.")]
    public string Opt { get; set; } = "sgd";

    [Option("opt-eps", MetaValue = "X", HelpText = "Epsilon of the optimizer.")]
    public double? OptEps { get; set; }

    [Option("opt-betas", MetaValue = "X", HelpText = "Decays of the optimizer's moments.")]
    public IEnumerable<double> OptBetas { get; set; } = [];

    [Option("momentum", Default = 0.9, MetaValue = "X", HelpText = "Momentum of the optimizer.")]
    public double Momentum { get; set; } = 0.9;

    [Option("weight-decay", Default = 1e-4, MetaValue = "X", HelpText = "Weight decay.")]
    public double WeightDecay { get; set; } = 1e-4;

    [Option("clip-grad", MetaValue = "X", HelpText = "Limit of the gradients.")]
    public double? ClipGrad { get; set; }

    [Option("clip-mode", Default = "norm", MetaValue = "MODE", HelpText = "What is limited: norm, value or agc.")]
    public string ClipMode { get; set; } = "norm";

    [Option("grad-checkpointing", HelpText = "Compute each block again when its gradients are, instead of keeping its "
        + "maps.")]
    public bool GradCheckpointing { get; set; }

    [Option("drop", MetaValue = "X", HelpText = "Dropout before the classifier. Default: 0.")]
    public double Drop { get; set; }

    [Option("drop-path", MetaValue = "X", HelpText = "Stochastic depth of the last block. Default: the network's own.")]
    public double? DropPath { get; set; }

    [Option("drop-block", MetaValue = "X", HelpText = "Share of the last maps of ResNets and their kin that is dropped "
        + "in squares. Default: 0.")]
    public double DropBlock { get; set; }
}
