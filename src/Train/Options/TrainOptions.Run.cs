using CommandLine;

namespace OnnxTimm.Train;

public partial class TrainOptions
{
    [Option('c', "config", HelpText = "YAML file of options; flags override it.")]
    public string Config { get; set; } = "";

    [Option("seed", HelpText = "Seed of everything random.")]
    public int Seed { get; set; } = 42;

    [Option("log-interval", HelpText = "Updates between two lines.")]
    public int LogInterval { get; set; } = 50;

    [Option("val-interval", HelpText = "Epochs between two validations and checkpoints.")]
    public int ValInterval { get; set; } = 1;

    [Option("recovery-interval", HelpText = "Updates between two checkpoints within an epoch; 0 for none.")]
    public int RecoveryInterval { get; set; }

    [Option("checkpoint-hist", HelpText = "Checkpoints that are kept.")]
    public int CheckpointHist { get; set; } = 10;

    [Option("output", HelpText = "Folder of all runs.")]
    public string Output { get; set; } = "";

    [Option("experiment", HelpText = "Name of the run's folder; made of time and model by default.")]
    public string Experiment { get; set; } = "";

    [Option("eval-metric", HelpText = "What makes a checkpoint the best: top1, top5 or loss.")]
    public string EvalMetric { get; set; } = "top1";

    /// <summary>The data set's place.</summary>
    public string? Root => DataDir ?? Data;
}
