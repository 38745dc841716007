using CommandLine;

namespace OnnxTimm.Train;

public partial class TrainOptions
{
    [Option("opt", MetaValue = "NAME", HelpText = "Optimizer. Default: sgd.")]
    public string Opt { get; set; } = "sgd";

    [Option("opt-eps", MetaValue = "X", HelpText = "Epsilon of the optimizer.")]
    public double? OptEps { get; set; }

    [Option("opt-betas", MetaValue = "X", HelpText = "Decays of the optimizer's moments.")]
    public IEnumerable<double> OptBetas { get; set; } = [];

    [Option("opt-kwargs", MetaValue = "KEY=VALUE", HelpText = "Further options of the optimizer, as name=value.")]
    public IEnumerable<string> OptKwargs { get; set; } = [];

    [Option("momentum", MetaValue = "X", HelpText = "Momentum of the optimizer. Default: 0.9.")]
    public double Momentum { get; set; } = 0.9;

    [Option("weight-decay", MetaValue = "X", HelpText = "Weight decay. Default: 2e-5.")]
    public double WeightDecay { get; set; } = 2e-5;

    [Option("clip-grad", MetaValue = "X", HelpText = "Limit of the gradients.")]
    public double? ClipGrad { get; set; }

    [Option("clip-mode", MetaValue = "MODE", HelpText = "What is limited: norm, value or agc. Default: norm.")]
    public string ClipMode { get; set; } = "norm";

    [Option("layer-decay", MetaValue = "X", HelpText = "Learning rate of a layer over that of the next.")]
    public double? LayerDecay { get; set; }

    [Option("layer-decay-min-scale", MetaValue = "X",
        HelpText = "The least rate of a layer, relative to the head's. Default: 0.")]
    public double LayerDecayMinScale { get; set; }

    [Option("layer-decay-no-opt-scale", MetaValue = "X", HelpText = "Layers with a smaller rate are not trained.")]
    public double? LayerDecayNoOptScale { get; set; }

    [Option("grad-accum-steps", MetaValue = "N", HelpText = "Batches whose gradients make one update. Default: 1.")]
    public int GradAccumSteps { get; set; } = 1;

    [Option("sched", MetaValue = "NAME",
        HelpText = "Schedule of the learning rate: cosine, tanh, step, multistep, plateau, poly, constant, wsd, "
            + "rsqrt. Default: cosine.")]
    public string Sched { get; set; } = "cosine";

    [Option("sched-on-updates", HelpText = "Moves the schedule at each update instead of each epoch.")]
    public bool SchedOnUpdates { get; set; }

    [Option("lr", MetaValue = "X", HelpText = "Learning rate; overrides --lr-base.")]
    public double? Lr { get; set; }

    [Option("lr-base", MetaValue = "X", HelpText = "Learning rate for a batch of --lr-base-size images. Default: 0.1.")]
    public double LrBase { get; set; } = 0.1;

    [Option("lr-base-size", MetaValue = "N", HelpText = "Images of a batch that --lr-base is meant for. Default: 256.")]
    public int LrBaseSize { get; set; } = 256;

    [Option("lr-base-scale", MetaValue = "NAME",
        HelpText = "How the rate follows the batch: linear or sqrt; by the optimizer if empty.")]
    public string LrBaseScale { get; set; } = "";

    [Option("lr-noise", MetaValue = "X",
        HelpText = "Parts of the training at which noise on the rate begins and ends.")]
    public IEnumerable<double> LrNoise { get; set; } = [];

    [Option("lr-noise-pct", MetaValue = "X", HelpText = "Largest relative noise. Default: 0.67.")]
    public double LrNoisePct { get; set; } = 0.67;

    [Option("lr-noise-std", MetaValue = "X", HelpText = "Standard deviation of the noise. Default: 1.")]
    public double LrNoiseStd { get; set; } = 1;

    [Option("lr-cycle-mul", MetaValue = "X", HelpText = "Length of a cycle over that of the one before. Default: 1.")]
    public double LrCycleMul { get; set; } = 1;

    [Option("lr-cycle-decay", MetaValue = "X", HelpText = "Rate of a cycle over that of the one before. Default: 0.5.")]
    public double LrCycleDecay { get; set; } = 0.5;

    [Option("lr-cycle-limit", MetaValue = "N", HelpText = "Cycles. Default: 1.")]
    public int LrCycleLimit { get; set; } = 1;

    [Option("lr-k-decay", MetaValue = "X", HelpText = "Exponent of the time in cosine and poly. Default: 1.")]
    public double LrKDecay { get; set; } = 1;

    [Option("warmup-lr", MetaValue = "X", HelpText = "Learning rate that the warm-up begins with. Default: 1e-5.")]
    public double WarmupLr { get; set; } = 1e-5;

    [Option("min-lr", MetaValue = "X", HelpText = "The least learning rate. Default: 0.")]
    public double MinLr { get; set; }

    [Option("epochs", MetaValue = "N", HelpText = "Epochs. Default: 300.")]
    public int Epochs { get; set; } = 300;

    [Option("start-epoch", MetaValue = "N", HelpText = "Epoch to begin with, whatever the checkpoint says.")]
    public int? StartEpoch { get; set; }

    [Option("decay-milestones", MetaValue = "N",
        HelpText = "Epochs at which multistep lowers the rate. Default: 90 180 270.")]
    public IEnumerable<int> DecayMilestones { get; set; } = [90, 180, 270];

    [Option("decay-epochs", MetaValue = "X", HelpText = "Epochs between two falls of step, by default 90; or those of "
        + "the fall of wsd and rsqrt, where a number below 1 is a share of the training, by default 0.2.")]
    public double? DecayEpochs { get; set; }

    [Option("decay-fn", MetaValue = "NAME",
        HelpText = "How wsd and rsqrt fall: linear, 1-sqrt, cosine, power, exp; by default 1-sqrt, of rsqrt linear.")]
    public string DecayFn { get; set; } = "";

    [Option("stable-timescale", MetaValue = "N",
        HelpText = "Epochs in which rsqrt falls to the root of a half; as many as the warm-up has by default.")]
    public double? StableTimescale { get; set; }

    [Option("warmup-epochs", MetaValue = "N", HelpText = "Epochs in which the rate grows. Default: 5.")]
    public int WarmupEpochs { get; set; } = 5;

    [Option("warmup-prefix", HelpText = "Puts the warm-up before the schedule instead of into it.")]
    public bool WarmupPrefix { get; set; }

    [Option("cooldown-epochs", MetaValue = "N", HelpText = "Epochs at the least rate after the schedule. Default: 0.")]
    public int CooldownEpochs { get; set; }

    [Option("patience-epochs", MetaValue = "N",
        HelpText = "Epochs without improvement that plateau bears. Default: 10.")]
    public int PatienceEpochs { get; set; } = 10;

    [Option("decay-rate", MetaValue = "X", HelpText = "Factor of the rate at a fall; exponent of poly. Default: 0.1.")]
    public double DecayRate { get; set; } = 0.1;
}
