using CommandLine;

namespace OnnxTimm.Train;

public partial class TrainOptions
{
    [Option("opt", HelpText = "Optimizer.")]
    public string Opt { get; set; } = "sgd";

    [Option("opt-eps", HelpText = "Epsilon of the optimizer.")]
    public double? OptEps { get; set; }

    [Option("opt-betas", HelpText = "Decays of the optimizer's moments.")]
    public IEnumerable<double> OptBetas { get; set; } = [];

    [Option("opt-kwargs", HelpText = "Further options of the optimizer, as name=value.")]
    public IEnumerable<string> OptKwargs { get; set; } = [];

    [Option("momentum", HelpText = "Momentum of the optimizer.")]
    public double Momentum { get; set; } = 0.9;

    [Option("weight-decay", HelpText = "Weight decay.")]
    public double WeightDecay { get; set; } = 2e-5;

    [Option("clip-grad", HelpText = "Limit of the gradients.")]
    public double? ClipGrad { get; set; }

    [Option("clip-mode", HelpText = "What is limited: norm, value or agc.")]
    public string ClipMode { get; set; } = "norm";

    [Option("layer-decay", HelpText = "Learning rate of a layer over that of the next.")]
    public double? LayerDecay { get; set; }

    [Option("layer-decay-min-scale", HelpText = "The least rate of a layer, relative to the head's.")]
    public double LayerDecayMinScale { get; set; }

    [Option("layer-decay-no-opt-scale", HelpText = "Layers with a smaller rate are not trained.")]
    public double? LayerDecayNoOptScale { get; set; }

    [Option("grad-accum-steps", HelpText = "Batches whose gradients make one update.")]
    public int GradAccumSteps { get; set; } = 1;

    [Option("sched", HelpText = "Schedule of the learning rate: cosine, tanh, step, multistep, plateau, poly.")]
    public string Sched { get; set; } = "cosine";

    [Option("sched-on-updates", HelpText = "Moves the schedule at each update instead of each epoch.")]
    public bool SchedOnUpdates { get; set; }

    [Option("lr", HelpText = "Learning rate; overrides --lr-base.")]
    public double? Lr { get; set; }

    [Option("lr-base", HelpText = "Learning rate for a batch of --lr-base-size images.")]
    public double LrBase { get; set; } = 0.1;

    [Option("lr-base-size", HelpText = "Images of a batch that --lr-base is meant for.")]
    public int LrBaseSize { get; set; } = 256;

    [Option("lr-base-scale", HelpText = "How the rate follows the batch: linear or sqrt; by the optimizer if empty.")]
    public string LrBaseScale { get; set; } = "";

    [Option("lr-noise", HelpText = "Parts of the training at which noise on the rate begins and ends.")]
    public IEnumerable<double> LrNoise { get; set; } = [];

    [Option("lr-noise-pct", HelpText = "Largest relative noise.")]
    public double LrNoisePct { get; set; } = 0.67;

    [Option("lr-cycle-mul", HelpText = "Length of a cycle over that of the one before.")]
    public double LrCycleMul { get; set; } = 1;

    [Option("lr-cycle-decay", HelpText = "Rate of a cycle over that of the one before.")]
    public double LrCycleDecay { get; set; } = 0.5;

    [Option("lr-cycle-limit", HelpText = "Cycles.")]
    public int LrCycleLimit { get; set; } = 1;

    [Option("lr-k-decay", HelpText = "Exponent of the time in cosine and poly.")]
    public double LrKDecay { get; set; } = 1;

    [Option("warmup-lr", HelpText = "Learning rate that the warm-up begins with.")]
    public double WarmupLr { get; set; } = 1e-5;

    [Option("min-lr", HelpText = "The least learning rate.")]
    public double MinLr { get; set; }

    [Option("epochs", HelpText = "Epochs.")]
    public int Epochs { get; set; } = 300;

    [Option("start-epoch", HelpText = "Epoch to begin with, whatever the checkpoint says.")]
    public int? StartEpoch { get; set; }

    [Option("decay-milestones", HelpText = "Epochs at which multistep lowers the rate.")]
    public IEnumerable<int> DecayMilestones { get; set; } = [90, 180, 270];

    [Option("decay-epochs", HelpText = "Epochs between two falls of step.")]
    public double DecayEpochs { get; set; } = 90;

    [Option("warmup-epochs", HelpText = "Epochs in which the rate grows.")]
    public int WarmupEpochs { get; set; } = 5;

    [Option("warmup-prefix", HelpText = "Puts the warm-up before the schedule instead of into it.")]
    public bool WarmupPrefix { get; set; }

    [Option("cooldown-epochs", HelpText = "Epochs at the least rate after the schedule.")]
    public int CooldownEpochs { get; set; }

    [Option("patience-epochs", HelpText = "Epochs without improvement that plateau bears.")]
    public int PatienceEpochs { get; set; } = 10;

    [Option("decay-rate", HelpText = "Factor of the rate at a fall; exponent of poly.")]
    public double DecayRate { get; set; } = 0.1;
}
