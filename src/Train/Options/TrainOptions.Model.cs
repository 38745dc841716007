using CommandLine;

namespace OnnxTimm.Train;

public partial class TrainOptions
{
    [Option("model", HelpText = "Name of the network.")]
    public string Model { get; set; } = "resnet50";

    [Option("pretrained",
        HelpText = "Begins with the pretrained weights of the name's tag, from the cache or the hub.")]
    public bool Pretrained { get; set; }

    [Option("pretrained-path", HelpText = "Weights to begin with; first convolution and classifier are adapted.")]
    public string? PretrainedPath { get; set; }

    [Option("initial-checkpoint", HelpText = "Weights to begin with; a head of other classes begins anew.")]
    public string InitialCheckpoint { get; set; } = "";

    [Option("resume", HelpText = "Checkpoint, or folder of a run, to go on from.")]
    public string Resume { get; set; } = "";

    [Option("no-resume-opt", HelpText = "Leaves the optimizer's state of the checkpoint out.")]
    public bool NoResumeOpt { get; set; }

    [Option("num-classes", HelpText = "Classes; as many as the data set has by default.")]
    public int? NumClasses { get; set; }

    [Option("gp", HelpText = "Global pooling: fast, avg, max, avgmax, catavgmax.")]
    public string? Gp { get; set; }

    [Option("head-init-scale", HelpText = "Factor on the classifier's initial weights.")]
    public double? HeadInitScale { get; set; }

    [Option("head-init-bias", HelpText = "The classifier's initial bias.")]
    public double? HeadInitBias { get; set; }

    [Option("drop", HelpText = "Dropout before the classifier.")]
    public double Drop { get; set; }

    [Option("drop-path", HelpText = "Stochastic depth of the last block.")]
    public double? DropPath { get; set; }

    [Option("bn-momentum", HelpText = "Share of the new batch in the batch norms' statistics.")]
    public double? BnMomentum { get; set; }

    [Option("bn-eps", HelpText = "Epsilon of the batch norms.")]
    public double? BnEps { get; set; }

    [Option("model-ema", HelpText = "Keeps a moving average of the weights, which is what is validated and ranked.")]
    public bool ModelEma { get; set; }

    [Option("model-ema-decay", HelpText = "Share of the old average at an update.")]
    public double ModelEmaDecay { get; set; } = 0.9998;

    [Option("model-ema-warmup", HelpText = "Lets the average follow faster in the beginning.")]
    public bool ModelEmaWarmup { get; set; }

    [Option("device", HelpText = "cpu, cuda or cuda:NUMBER.")]
    public string Device { get; set; } = "cpu";
}
