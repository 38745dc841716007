using static OnnxTimm.Train.TimmFlag;

namespace OnnxTimm.Train;

/// <summary>
/// The answers to those flags of timm's scripts (1.0) that are no flags of the commands in their place; all others are
/// flags here, under timm's names. Source: the add_argument calls of the scripts.
/// </summary>
public static class TimmFlags
{
    const string Runs = "validate infer embed benchmark", Every = "train " + Runs,
        OneProcess = "a training is one process on one device today; --grad-accum-steps gives the batches of several",
        Float32 = "weights and sums are float32; a file of export --dtype float16 is run as it is";

    /// <summary>Second names of flags, and those of timm before 1.0, with what they are called.</summary>
    public static readonly IReadOnlyDictionary<string, string> Aliases = new Dictionary<string, string>
    {
        ["--global-pool"] = "--gp",
        ["-vb"] = "--validation-batch-size",
        ["--dr"] = "--decay-rate",
        ["--train-steps-per-epoch"] = "--train-batches-per-epoch",
        ["--native-amp"] = "--amp",
        ["--apex-amp"] = "--amp",
        ["--jsd"] = "--jsd-loss",
        ["-h"] = "--help",
    };

    /// <summary>The answers: of PyTorch's machine, data, networks, several processes, and the rest.</summary>
    public static readonly IReadOnlyList<TimmFlag> All =
    [
        new Taken(Every, "--channels-last", "", "ONNX Runtime chooses how values lie in memory"),
        new Taken(Every, "--fuser", "1", "ONNX Runtime fuses what it can"),
        new Taken(Every, "--torchscript", "", "every network is compiled to an ONNX graph"),
        new Taken(Every, "--torchcompile", "?", "every network is compiled to an ONNX graph"),
        new Taken(Every, "--torchcompile-mode", "1", "it belongs to --torchcompile"),
        new Taken(Every, "--aot-autograd", "", "it belongs to --torchcompile"),
        new Taken("train", "--dynamo", "", "every network is compiled to an ONNX graph"),
        new Taken("train", "--dynamo-backend", "1", "it belongs to --dynamo"),
        new Taken("train", "--amp-impl", "1", "there is one way to compute in half precision"),
        new Taken("train", "--force-cpu", "", "the processor is the default: --device"),
        new Taken(Every, "--fast-norm", "", "ONNX Runtime chooses how norms are computed"),
        new Taken("train", "--synchronize-step", "", "a step has ended when the next begins"),

        new Taken(Every, "--pin-mem", "", "images are decoded into the memory that the network reads"),
        new Taken(Every, "--no-prefetcher", "", "images are finished one by one, as without timm's prefetcher"),
        new Taken("train", "--use-multi-epochs-loader", "", "readers are threads, which start at no cost"),
        new Taken("train", "--worker-seeding", "1", "what is random in an image depends on its number, not its reader"),
        new Refused("train validate", "--dataset-download", "", "give the folder of the data set as --data-dir"),
        new Taken("train validate", "--dataset-trust-remote-code", "", "no code of a data set is ever run"),
        new Refused("validate", "--tf-preprocessing", "", "--interpolation, --crop-mode and --crop-pct say how images "
            + "are prepared"),
        new Taken("validate", "--seed", "1", "nothing in a validation is random"),
        new Refused("validate", "--naflex-loader", "", "--naflex, as infer and export have it"),
        new Refused("train", "--naflex-patchify-channels-first", "", "networks that take patches here, naflexvit's, "
            + "want the colours of a pixel side by side"),
        new Refused("train", "--tta", "1", "each image is validated once; timm means the outputs of neighbours"),

        new Refused("train", "--drop-connect", "1", "--drop-path is its name today; timm's train.py passes it over"),
        new Refused("train", "--bn-tf", "", "--bn-momentum 0.01 --bn-eps 1e-3 are what it means"),
        new Taken("train", "--model-ema-force-cpu", "", "the average lies in the host's memory, and is validated"),
        new Taken("validate infer embed", "--amp", "", "float32 is computed, which half precision comes near to"),
        new Refused("benchmark", "--amp", "", Float32),
        new Taken(Runs, "--amp-dtype", "1", "it belongs to --amp"),
        new Refused("train", "--model-dtype", "1", "weights are kept in float32; --amp with --amp-dtype float16 or "
            + "bfloat16 computes in half precision", Same: "float32"),
        new Refused("validate infer embed", "--model-dtype", "1", Float32, Same: "float32"),
        new Refused("benchmark", "--precision", "1", Float32, Same: "float32"),
        new Taken("validate", "--reparam", "", "branches give the same numbers as what they merge into"),
        new Refused("benchmark", "--reparam", "", "export merges branches: give its file as --model"),
        new Taken("export", "--reparam", "", "branches are merged unless --no-fold is given"),
        new Refused("validate infer", "--test-pool", "", "the head pools the whole map, of any --img-size"),
        new Taken("benchmark", "--smoothing", "1", "targets are dense anyhow, and take the same time"),

        new Refused("train", "--sync-bn", "", OneProcess),
        new Taken("train", "--dist-bn", "1", "one process has nothing to bring together"),
        new Refused("train", "--no-ddp-bb", "", OneProcess),
        new Refused("train", "--local_rank", "1", OneProcess),
        new Refused("train", "--device-modules", "+", OneProcess),
        new Refused("validate infer", "--num-gpu", "1", "one process runs on one device", Same: "1"),

        new Refused("train", "--log-wandb", "", "--log-tensorboard writes event files into the run's folder"),
        new Taken("train", "--wandb-project", "1", "it belongs to --log-wandb"),
        new Taken("train", "--wandb-tags", "+", "it belongs to --log-wandb"),
        new Taken("train", "--wandb-resume-id", "1", "it belongs to --log-wandb"),
        new Taken("infer", "--fullname", "", "images are called by their path below the folder"),
        new Taken("infer", "--include-index", "", "classes always have their index"),
        new Taken("infer", "--results-separate-col", "", "several classes have columns of their own in CSV"),

        new Taken("average clean", "--safetensors", "", "weights are always written as safetensors"),
        new Taken("bulk", "--start_method", "1", "each network has a new process"),
        new Refused("bulk", "--no_python", "1", "bulk runs the commands of this program"),
        new Refused("bulk", "--module", "1", "bulk runs the commands of this program"),
        new Refused("export", "--keep-init", "", "weights are no inputs: that was for Caffe2"),
        new Taken("export", "--aten-fallback", "", "no operator of PyTorch is in a file"),
        new Taken("export", "--dynamo", "", "graphs are built, not traced"),
        new Refused("export", "--check-forward", "", "verify compares the file with the network"),
        new Refused("export", "--training", "", "artifacts writes what trains"),
        new Taken("export", "--verbose", "", "all that there is to say is said"),
        new Refused("export", "--mean", "+", "a file has the model's; validate and infer take others"),
        new Refused("export", "--std", "+", "a file has the model's; validate and infer take others"),
    ];

    /// <summary>The answers that concern a command.</summary>
    public static IEnumerable<TimmFlag> Of(string verb) => All.Where(flag => flag.IsOf(verb));
}
