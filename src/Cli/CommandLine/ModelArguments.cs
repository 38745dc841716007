using System.Globalization;
using CommandLine;
using OnnxTimm.Data;

namespace OnnxTimm.Cli.CommandLine;

/// <summary>The flags that say which network is meant and what of a checkpoint it takes.</summary>
abstract class NetworkArguments
{
    public abstract string Model { get; set; }

    [Value(1, Hidden = true)]
    public IEnumerable<string> Surplus { get; set; } = [];

    [Option("use-ema", HelpText = "Use the averaged weights of the checkpoint, if it has them.")]
    public bool UseEma { get; set; }

    [Option("no-use-ema", HelpText = "Use the weights themselves where the best checkpoint of a training would give "
        + "their average.")]
    public bool NoUseEma { get; set; }

    [Option("num-classes", MetaValue = "N",
        HelpText = "Classes of the head; 0 gives features. Default: the model's own.")]
    public int? NumClasses { get; set; }

    [Option("img-size", MetaValue = "N", HelpText = "Height and width of the image. Default: the model's own.")]
    public int? ImgSize { get; set; }

    [Option("input-size", MetaValue = "N", HelpText = "Channels, height and width of the image: three numbers.")]
    public IEnumerable<int> InputSize { get; set; } = [];

    [Option("in-chans", MetaValue = "N", HelpText = "Channels of the image. Default: the model's own.")]
    public int? InChans { get; set; }

    [Option("gp", MetaValue = "POOL",
        HelpText = "Global pooling: avg, max, avgmax, catavgmax; of tokens also token, map. "
        + "Also --global-pool. Default: the model's own.")]
    public string? Gp { get; set; }

    [Option("model-kwargs", MetaValue = "KEY=VALUE",
        HelpText = "What else the network can be asked for: output_stride=8, 16 or 32, which dilates its last stages.")]
    public IEnumerable<string> ModelKwargs { get; set; } = [];

    /// <summary>True for a model that lies in a file, with all that it needs.</summary>
    protected bool IsFile => IsModelFile(Model);

    /// <summary>Whether a model is the name of a file by its ending.</summary>
    internal static bool IsModelFile(string model) =>
        Path.GetExtension(model).ToLowerInvariant() is ".onnx" or ".ort";

    /// <summary>Whether averaged weights are asked for; null leaves it to the checkpoint.</summary>
    protected bool? Ema => (UseEma, NoUseEma) switch
    {
        (true, true) => throw new UserException("Either --use-ema or --no-use-ema, not both."),
        (false, false) => null,
        _ => UseEma,
    };

    (int? Channels, (int, int)? Image) Size => SizeOf(InputSize, ImgSize, InChans);

    /// <summary>Channels, and height and width; the image's size alone comes before the whole input's.</summary>
    internal static (int? Channels, (int, int)? Image) SizeOf(
        IEnumerable<int> inputSize, int? imgSize, int? inChans) => inputSize.ToArray() switch
        {
            [] => (inChans, imgSize is { } side ? (side, side) : null),
            [var channels, var height, var width] =>
                (inChans ?? channels, imgSize is { } side ? (side, side) : (height, width)),
            var list => throw new UserException(
                $"--input-size takes channels, height and width, not {list.Length} numbers."),
        };

    /// <summary>What the flags ask of <see cref="ModelLoader"/>.</summary>
    protected virtual ModelRequest Request() => new(Model)
    {
        UseEma = Ema,
        Options = new()
        {
            NumClasses = NumClasses,
            ImgSize = Size.Image,
            InChans = Size.Channels,
            GlobalPool = Gp,
            OutputStride = StrideOf(ModelKwargs),
        },
    };

    /// <summary>The most patches of an image; null for a network that takes images.</summary>
    /// <exception cref="UserException">How many is said, but not of what.</exception>
    internal static int? MaxSeqLenOf(bool naflex, int? most) => naflex ? most ?? PatchConfig.DefaultMaxSeqLen
        : most is null ? null : throw new UserException("--naflex-max-seq-len belongs to --naflex.");

    /// <exception cref="UserException">A keyword is not known, or its value is no number.</exception>
    internal static int? StrideOf(IEnumerable<string> pairs) => pairs.Select(p => p.Split('=', 2)).Select(k => k switch
    {
        ["output_stride", var value] when int.TryParse(value, CultureInfo.InvariantCulture, out var stride) =>
            (int?)stride,
        ["output_stride", ..] => throw new UserException(
            $"--model-kwargs: output_stride is a number, as in output_stride=16, not \"{string.Join('=', k)}\"."),
        _ => throw new UserException($"--model-kwargs: no keyword \"{k[0]}\"."
            + $"{Nearest.Hint(k[0], ["output_stride"])} There is: output_stride."),
    }).LastOrDefault();
}

/// <summary>The same with the flags that say where the weights come from.</summary>
abstract class ModelArguments : NetworkArguments
{
    [Option("checkpoint", MetaValue = "FILE", HelpText = "Weights: a file of PyTorch, safetensors, MXNet, Flax, NumPy, "
        + "ONNX Runtime Training or ONNX, or a folder of them.")]
    public string? Checkpoint { get; set; }

    [Option("pretrained", HelpText = "Use the pretrained weights of the model's tag, from the cache or the hub.")]
    public bool Pretrained { get; set; }

    /// <summary>The model as a file, which has all that shapes a network.</summary>
    protected string CompleteFile => Checkpoint is null && !Pretrained && NumClasses is null && InChans is null
        && Gp is null && !ModelKwargs.Any()
            ? Model
            : throw new UserException($"\"{Model}\" is complete: --checkpoint, --pretrained, --num-classes, "
                + "--in-chans, --gp and --model-kwargs belong to a model's name.");

    /// <exception cref="UserException">Weights come from two places, or the flag needs a file.</exception>
    protected override ModelRequest Request() => (Checkpoint, Pretrained, Ema) switch
    {
        (not null, true, _) => throw new UserException("Either --checkpoint or --pretrained gives the weights, not "
            + "both."),
        (null, _, { } ema) => throw new UserException($"--{(ema ? "" : "no-")}use-ema belongs to a --checkpoint."),
        _ => base.Request() with { Checkpoint = Checkpoint, Pretrained = Pretrained },
    };
}
