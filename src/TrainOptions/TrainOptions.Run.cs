using CommandLine;

namespace OnnxTimm.Train;

public partial class TrainOptions
{
    [Option('c', "config", MetaValue = "FILE", HelpText = "YAML file of options; flags override it.")]
    public string Config { get; set; } = "";

    [Option("seed", MetaValue = "N", HelpText = "Seed of everything random. Default: 42.")]
    public int Seed { get; set; } = 42;

    [Option("amp", HelpText = "Compute convolutions and products of matrices in half precision, for CUDA; on a "
        + "processor that brings no speed.")]
    public bool Amp { get; set; }

    [Option("amp-dtype", MetaValue = "TYPE", HelpText = "float16 or bfloat16. Default: float16.")]
    public string AmpDtype { get; set; } = "float16";

    [Option("log-interval", MetaValue = "N", HelpText = "Updates between two lines. Default: 50.")]
    public int LogInterval { get; set; } = 50;

    [Option("val-interval", MetaValue = "N", HelpText = "Epochs between two validations and checkpoints. Default: 1.")]
    public int ValInterval { get; set; } = 1;

    [Option("recovery-interval", MetaValue = "N",
        HelpText = "Updates between two checkpoints within an epoch; 0 for none. Default: 0.")]
    public int RecoveryInterval { get; set; }

    [Option("checkpoint-hist", MetaValue = "N", HelpText = "Checkpoints that are kept. Default: 10.")]
    public int CheckpointHist { get; set; } = 10;

    [Option("save-images", HelpText = "Writes the images of a batch at each line of the log: train-batch-N.jpg.")]
    public bool SaveImages { get; set; }

    [Option("no-report", HelpText = "Leaves out report.html, the page about the run that is made at its end.")]
    public bool NoReport { get; set; }

    [Option("log-tensorboard", HelpText = "Writes event files for TensorBoard into the run's folder: losses, metrics "
        + "and learning rates of each epoch, and the images of the first batch.")]
    public bool LogTensorboard { get; set; }

    [Option("log-histograms", HelpText = "With --log-tensorboard: also how the weights are spread.")]
    public bool LogHistograms { get; set; }

    [Option("output", MetaValue = "DIR", HelpText = "Folder of all runs.")]
    public string Output { get; set; } = "";

    [Option("experiment", MetaValue = "NAME",
        HelpText = "Name of the run's folder; made of time and model by default.")]
    public string Experiment { get; set; } = "";

    [Option("eval-metric", MetaValue = "NAME",
        HelpText = "What makes a checkpoint the best: top1, top5 or loss; of several labels map (for top1), micro_f1, "
        + "macro_f1, sample_f1 or loss. Default: top1.")]
    public string EvalMetric { get; set; } = "top1";

    [Option("early-stop", MetaValue = "N",
        HelpText = "Ends the training after N epochs without a better --eval-metric; by default it goes to its end.")]
    public int? EarlyStop { get; set; }

    /// <summary>Throws for numbers out of their ranges, and for names that nothing has, before any work.</summary>
    /// <exception cref="UserException">There is one.</exception>
    public void Check()
    {
        OptionRanges.Check(this);
        EpochResult.CheckMetric(Metric, MultiLabel);
        OptionParts.Optimizer(this);
        OptionParts.Schedule(this, OptionParts.Lr(this), updatesPerEpoch: 1, decreasing: false);
        OptionParts.Task(this);
        OptionParts.Precision(this);
        OptionParts.Sizes(this);
        OptionParts.Sequences(this, new());
        OptionParts.BatchWeight(this);
        OptionParts.Looks(this);
        OptionParts.Transform(this, new());
        OptionParts.Distillation(this).Check();
        OptionParts.Runtime(this).CheckTraining();
        if (LogHistograms && !LogTensorboard)
            throw new UserException("--log-histograms goes into event files: give --log-tensorboard too.");
        if (MultiLabel && KdModelName.Length > 0)
            throw new UserException("A teacher is of one label an image: --multi-label and --kd-model-name exclude "
                + "each other.");
    }

    /// <summary>What makes a checkpoint the best: the default is of one label, of several it is map.</summary>
    internal string Metric => MultiLabel && EvalMetric == "top1" ? "map" : EvalMetric;

    /// <summary>Whether nobody said what is validated on.</summary>
    internal bool HasDefaultValSplit => ValSplit == DefaultValSplit;

    /// <summary>The data set's place.</summary>
    public string? Root => DataDir ?? Data;
}
