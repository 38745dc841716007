using System.Diagnostics;
using System.Globalization;
using CommandLine;
using OnnxTimm.Cli.CommandLine;
using OnnxTimm.Cli.Results;
using OnnxTimm.Infer;
using OnnxTimm.Models;
using OnnxTimm.Passes;

namespace OnnxTimm.Cli.Verbs;

sealed class BenchmarkVerb : RunArguments, IVerb
{
    [Option("bench", Default = "inference", MetaValue = "MODE", HelpText = "inference.")]
    public string Bench { get; set; } = "inference";

    [Option("num-warm-iter", Default = 10, MetaValue = "N", HelpText = "Calls before the clock starts.")]
    public int NumWarmIter { get; set; }

    [Option("num-bench-iter", Default = 40, MetaValue = "N", HelpText = "Calls that are timed.")]
    public int NumBenchIter { get; set; }

    [Option("threads", MetaValue = "N", HelpText = "Threads that share the work of a call. Default: one a core.")]
    public int Threads { get; set; }

    [Option("results-file", MetaValue = "FILE", HelpText = "Write the results there: JSON for .json, else CSV.")]
    public string? ResultsFile { get; set; }

    [Option("results-format", MetaValue = "FORMAT", HelpText = "csv or json. Default: by the file's extension.")]
    public string? ResultsFormat { get; set; }

    [Option("json", HelpText = "Print only the JSON of the results.")]
    public bool AsJson { get; set; }

    public int Run(Streams streams)
    {
        if (Bench != "inference")
            throw new UserException($"No benchmark \"{Bench}\": there is inference.");
        var messages = AsJson ? TextWriter.Null : streams.Error;
        (string, object?)[] fields = [("model", Model), .. Inference(messages)];
        if (ResultsFile is { } file)
            SummaryFile.Save(file, ResultsFormat, fields);
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
        var step = Time(binding, batch, messages);
        messages.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"Inference benchmark of {model.Name} done. {batch / step:F2} samples/sec, {step * 1e3:F2} ms/step"));
        yield return ("infer_samples_per_sec", Math.Round(batch / step, 2));
        yield return ("infer_step_time", Math.Round(step * 1e3, 3));
        yield return ("infer_batch_size", batch);
        yield return ("infer_img_size", image.Height);
        if (!IsFile)
        {
            var cost = Cost.Of(Zoo.Build(Model, Request().Options with { ImgSize = (image.Height, image.Width) }).Graph);
            yield return ("infer_gmacs", Math.Round(cost.Macs / 1e9, 2));
            yield return ("infer_macts", Math.Round(cost.Activations / 1e6, 2));
        }
        yield return ("param_count", model.ParamCount is { } n ? Math.Round(n / 1e6, 2) : null);
    }

    /// <summary>Mean seconds of a call.</summary>
    double Time(Binding binding, int batch, TextWriter messages)
    {
        for (var i = 0; i < NumWarmIter; i++)
            binding.Run();
        var clock = Stopwatch.StartNew();
        for (var i = 1; i <= NumBenchIter; i++)
        {
            binding.Run();
            var step = clock.Elapsed.TotalSeconds / i;
            if (i % Math.Max(1, NumBenchIter / 5) == 0)
                messages.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"Infer [{i}/{NumBenchIter}]. {batch / step:F2} samples/sec. {step * 1e3:F3} ms/step."));
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
