using CommandLine;
using OnnxTimm.Infer;

namespace OnnxTimm.Cli.CommandLine;

/// <summary>The flags of commands that run a model: where and how.</summary>
abstract class RunArguments : ModelArguments
{
    [Option('m', "model", Required = true, MetaValue = "MODEL", HelpText = "A model's name, or an .onnx file.")]
    public override string Model { get; set; } = "";

    [Option('b', "batch-size", MetaValue = "N",
        HelpText = "Images of one call. Default on the processor: 1, where more "
        + "gain nothing (benchmark: 8); elsewhere 64 (benchmark: 256).")]
    public int? BatchSize { get; set; }

    /// <summary>What --device takes, for help.</summary>
    internal const string Devices = "cpu, cuda, cuda:N, tensorrt, tensorrt:N, openvino, dnnl or xnnpack.";

    [Option("device", Default = "cpu", MetaValue = "DEVICE", HelpText = Devices)]
    public string DeviceName { get; set; } = "cpu";

    [Option("ort", MetaValue = "KEY=VALUE", HelpText = "Settings of ONNX Runtime's session (with a dot in the key) and "
        + "options of the device, such as trt_fp16_enable=1; several.")]
    public IEnumerable<string> Ort { get; set; } = [];

    [Option("placement", HelpText = "Say which provider computes how many nodes of the network.")]
    public bool Placement { get; set; }

    [Option("no-spin", HelpText = "Idle threads sleep at once instead of waiting busily.")]
    public bool NoSpin { get; set; }

    [Option("use-train-size", HelpText = "Use the size of training where the model has a larger one for evaluation.")]
    public bool UseTrainSize { get; set; }

    protected Device Device => Device.Parse(DeviceName);

    protected override ModelRequest Request() => base.Request() with { UseTestSize = !UseTrainSize };

    /// <summary>Loads the model, from the zoo or from a file.</summary>
    /// <param name="threads">Threads that share the work of a call; 0 for all cores.</param>
    /// <param name="messages">Takes remarks for the user.</param>
    protected ModelSession OpenModel(int threads, TextWriter messages)
    {
        void Note(string text) => messages.WriteLine($"onnxtimm: {text}");
        if (IsFile)
            return ModelSession.Open(CompleteFile, Runtime(threads, messages), ImgSize, Note);
        using var loaded = ModelLoader.Load(Request(), new Streams(TextWriter.Null, messages));
        var classifier = ModelSession.Of(loaded, Model, Runtime(threads, messages));
        loaded.Tell(messages);
        return classifier;
    }

    /// <summary>Says what is wrong with the device before anything is read.</summary>
    public virtual void CheckDevice() => Runtime(1, TextWriter.Null).Check();

    /// <summary>How the session runs when each call may use some threads.</summary>
    protected RuntimeOptions Runtime(int threads, TextWriter messages) => new RuntimeOptions
    {
        Device = Device,
        Threads = threads,
        Spin = !NoSpin,
    }.With(Ort).Telling(Placement, line => messages.WriteLine($"onnxtimm: {line}"));
}
