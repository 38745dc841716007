using CommandLine;

namespace OnnxTimm.Train;

public partial class TrainOptions
{
    [Option("model", MetaValue = "MODEL", HelpText = "Name of the network. Default: resnet50.")]
    public string Model { get; set; } = "resnet50";

    [Option("pretrained",
        HelpText = "Begins with the pretrained weights of the name's tag, from the cache or the hub.")]
    public bool Pretrained { get; set; }

    [Option("pretrained-path", MetaValue = "FILE",
        HelpText = "Weights to begin with; first convolution and classifier are adapted.")]
    public string? PretrainedPath { get; set; }

    [Option("initial-checkpoint", MetaValue = "FILE",
        HelpText = "Weights to begin with; a head of other classes begins anew.")]
    public string InitialCheckpoint { get; set; } = "";

    [Option("resume", MetaValue = "FILE|DIR", HelpText = "Checkpoint, or folder of a run, to go on from.")]
    public string Resume { get; set; } = "";

    [Option("no-resume-opt", HelpText = "Leaves the optimizer's state of the checkpoint out.")]
    public bool NoResumeOpt { get; set; }

    [Option("num-classes", MetaValue = "N", HelpText = "Classes; as many as the data set has by default.")]
    public int? NumClasses { get; set; }

    [Option("gp", MetaValue = "POOL", HelpText = "Global pooling: fast, avg, max, avgmax, catavgmax.")]
    public string? Gp { get; set; }

    [Option("model-kwargs", MetaValue = "KEY=VALUE",
        HelpText = "What else the network can be asked for: output_stride=8, 16 or 32, which dilates its last stages.")]
    public IEnumerable<string> ModelKwargs { get; set; } = [];

    [Option("head-init-scale", MetaValue = "X", HelpText = "Factor on the classifier's initial weights.")]
    public double? HeadInitScale { get; set; }

    [Option("head-init-bias", MetaValue = "X", HelpText = "The classifier's initial bias.")]
    public double? HeadInitBias { get; set; }

    [Option("frozen", MetaValue = "PATTERN", HelpText = "Weights that are not trained: several names, with * as a "
        + "wildcard. A batch norm whose running statistics are among them uses them.")]
    public IEnumerable<string> Frozen { get; set; } = [];

    [Option("freeze-bn", HelpText = "Leaves the batch norms as they are: they use their running statistics.")]
    public bool FreezeBn { get; set; }

    [Option("train-head-only", HelpText = "Trains the classifier alone; batch norms use their running statistics.")]
    public bool TrainHeadOnly { get; set; }

    [Option("drop", MetaValue = "X", HelpText = "Dropout before the classifier. Default: 0.")]
    public double Drop { get; set; }

    [Option("drop-path", MetaValue = "X", HelpText = "Stochastic depth of the last block, by default the network's "
        + "own as in timm.")]
    public double? DropPath { get; set; }

    [Option("drop-block", MetaValue = "X", HelpText = "Share of the maps that the last two stages of ResNets and their "
        + "kin drop in squares; none by default.")]
    public double? DropBlock { get; set; }

    [Option("split-bn", HelpText = "Gives each look of --aug-splits batch norms of its own; validation uses those of "
        + "the first look.")]
    public bool SplitBn { get; set; }

    [Option("grad-checkpointing", HelpText = "Computes each block again when its gradients are, instead of keeping its "
        + "maps: less memory, the same numbers, more time.")]
    public bool GradCheckpointing { get; set; }

    [Option("bn-momentum", MetaValue = "X", HelpText = "Share of the new batch in the batch norms' statistics.")]
    public double? BnMomentum { get; set; }

    [Option("bn-eps", MetaValue = "X", HelpText = "Epsilon of the batch norms.")]
    public double? BnEps { get; set; }

    [Option("model-ema", HelpText = "Keeps a moving average of the weights, which is what is validated and ranked.")]
    public bool ModelEma { get; set; }

    [Option("model-ema-decay", MetaValue = "X", HelpText = "Share of the old average at an update. Default: 0.9998.")]
    public double ModelEmaDecay { get; set; } = 0.9998;

    [Option("model-ema-warmup", HelpText = "Lets the average follow faster in the beginning.")]
    public bool ModelEmaWarmup { get; set; }

    [Option("device", MetaValue = "DEVICE", HelpText = "cpu, cuda or cuda:N. Default: cpu.")]
    public string Device { get; set; } = "cpu";

    [Option("ort", MetaValue = "KEY=VALUE", HelpText = "Settings of ONNX Runtime's sessions (with a dot in the key) "
        + "and options of the device, such as use_tf32=0; several.")]
    public IEnumerable<string> Ort { get; set; } = [];
}
