using System.Diagnostics;
using System.Globalization;
using CommandLine;
using OnnxTimm.Cli.CommandLine;
using OnnxTimm.Cli.Results;
using OnnxTimm.Infer;
using OnnxTimm.Models;
using OnnxTimm.Passes;
using OnnxTimm.Train;

namespace OnnxTimm.Cli.Verbs;

sealed class BenchmarkVerb : RunArguments, IVerb
{
    [Option("bench", Default = "both", MetaValue = "MODE",
        HelpText = "inference, train or both; an .onnx file has no training.")]
    public string Bench { get; set; } = "both";

    [Option("opt", Default = "sgd", MetaValue = "NAME", HelpText = "Optimizer of the training step.")]
    public string Opt { get; set; } = "sgd";

    [Option("num-warm-iter", Default = 10, MetaValue = "N", HelpText = "Calls before the clock starts.")]
    public int NumWarmIter { get; set; }

    [Option("num-bench-iter", Default = 40, MetaValue = "N", HelpText = "Calls that are timed.")]
    public int NumBenchIter { get; set; }

    [Option("threads", MetaValue = "N", HelpText = "Threads that share the work of a call. Default: one a core.")]
    public int Threads { get; set; }

    [Option("results-file", MetaValue = "FILE", HelpText = "Write the results there: as .json or .csv.")]
    public string? ResultsFile { get; set; }

    [Option("results-format", MetaValue = "FORMAT", HelpText = "csv or json. Default: by the file's ending.")]
    public string? ResultsFormat { get; set; }

    [Option("json", HelpText = "Print only the JSON of the results.")]
    public bool AsJson { get; set; }

    long? paramCount;

    public int Run(Streams streams)
    {
        string[] modes = ["inference", "train", "both"];
        if (!modes.Contains(Bench))
            throw Nearest.Unknown("benchmark", Bench, modes);
        if (Bench == "train" && IsFile)
            throw new UserException($"\"{Model}\" is a file for inference: training is measured on a model's name.");
        var file = SummaryFile.Of(ResultsFile, ResultsFormat);
        var messages = AsJson ? TextWriter.Null : streams.Error;
        (string, object?)[] fields =
        [
            ("model", Model),
            .. Bench == "train" ? [] : Inference(messages),
            .. Bench == "inference" || IsFile ? [] : Training(messages),
        ];
        fields = [.. fields, ("param_count", paramCount is { } count ? Math.Round(count / 1e6, 2) : null)];
        file?.Save(fields);
        streams.Out.WriteLine(AsJson ? Json.Object(fields) : $"--result\n{Json.Object(fields)}");
        return ExitCode.Ok;
    }

    IEnumerable<(string, object?)> Inference(TextWriter messages)
    {
        using var model = OpenModel(Threads, messages);
        var image = model.Card.Preprocess;
        var batch = model.FixedBatch ?? BatchSize ?? (Device.IsCpu ? 8 : 256);
        messages.WriteLine($"Model {model.Name} created, param count: {model.ParamCount}");
        messages.WriteLine($"Running inference benchmark on {model.Name} for {NumBenchIter} steps w/ input size "
            + $"({image.Channels}, {image.Height}, {image.Width}) and batch size {batch}.");
        using var binding = model.Session.Bind([batch, image.Channels, image.Height, image.Width]);
        Noise(binding.Input<float>());
        var step = Time("Infer", binding.Run, batch, messages);
        messages.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"Inference benchmark of {model.Name} done. {batch / step:F2} samples/sec, {step * 1e3:F2} ms/step"));
        yield return ("infer_samples_per_sec", Math.Round(batch / step, 2));
        yield return ("infer_step_time", Math.Round(step * 1e3, 3));
        yield return ("infer_batch_size", batch);
        yield return ("infer_img_size", image.Height);
        if (!IsFile)
        {
            var options = Request().Options with { ImgSize = (image.Height, image.Width) };
            var cost = Cost.Of(Zoo.Build(Model, options).Graph);
            yield return ("infer_gmacs", Math.Round(cost.Macs / 1e9, 2));
            yield return ("infer_macts", Math.Round(cost.Activations / 1e6, 2));
        }
        paramCount = model.ParamCount;
    }

    /// <summary>Whole steps: forward, backward and the update of all parameters.</summary>
    IEnumerable<(string, object?)> Training(TextWriter messages)
    {
        var model = Zoo.Build(Model, Request().Options);
        var image = model.Graph.Inputs[0];
        var batch = BatchSize ?? (Device.IsCpu ? 8 : 256);
        messages.WriteLine($"Running train benchmark on {Model} for {NumBenchIter} steps w/ input size "
            + $"({image.Channels}, {image.Height}, {image.Width}) and batch size {batch}.");
        var options = new RuntimeOptions { Device = Device, Threads = Threads };
        using var session = new GradientSession(StepGraph.Gradients(model.Graph), model.Graph.Weights, batch, options);
        var groups = ParamGroups.ByDecay(new(Model, model.Graph), 1e-4);
        var update = new ParameterUpdate(Optimizers.Create(Opt), session.Params, session.Grads, groups, 1e-4);
        Noise(session.Images);
        session.Targets.Fill(1f / model.Net.NumClasses);
        foreach (var mask in session.Step.Masks)
            session.Mask(mask).Fill(1);
        var step = Time("Train", () => { session.Run(); update.Apply(1e-4); }, batch, messages);
        messages.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"Train benchmark of {Model} done. {batch / step:F2} samples/sec, {step * 1e3:F2} ms/sample"));
        yield return ("train_samples_per_sec", Math.Round(batch / step, 2));
        yield return ("train_step_time", Math.Round(step * 1e3, 3));
        yield return ("train_batch_size", batch);
        yield return ("train_img_size", image.Height);
        paramCount = model.ParamCount;
    }

    /// <summary>Mean seconds of a call.</summary>
    double Time(string what, Action run, int batch, TextWriter messages)
    {
        for (var i = 0; i < NumWarmIter; i++)
            run();
        var clock = Stopwatch.StartNew();
        for (var i = 1; i <= NumBenchIter; i++)
        {
            run();
            var step = clock.Elapsed.TotalSeconds / i;
            if (i % Math.Max(1, NumBenchIter / 5) == 0)
                messages.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{what} [{i}/{NumBenchIter}]. {batch / step:F2} samples/sec. {step * 1e3:F3} ms/step."));
        }
        return clock.Elapsed.TotalSeconds / Math.Max(1, NumBenchIter);
    }

    static void Noise(Span<float> input)
    {
        var random = new Random(0);
        foreach (ref var x in input)
            x = random.NextSingle() * 2 - 1;
    }
}
