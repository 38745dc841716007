using System.Diagnostics;
using System.Globalization;
using OnnxTimm.Cli.Results;
using OnnxTimm.Infer;
using OnnxTimm.Models;
using OnnxTimm.Passes;
using OnnxTimm.Train;

namespace OnnxTimm.Cli.Verbs;

sealed partial class BenchmarkVerb
{
    /// <summary>The learning rate: small, so that noise does not become something else than numbers.</summary>
    const double Rate = 1e-4;

    IEnumerable<(string, object?)> Inference(int asked, TextWriter messages)
    {
        using var model = OpenModel(Threads, messages);
        var image = model.Card.Preprocess;
        var batch = InputImage.IsAlone(model.Session) ? 1 : model.FixedBatch ?? asked;
        messages.WriteLine($"Model {model.Name} created, param count: {model.ParamCount}");
        var size = image.Patches is { } cut ? $"{cut}"
            : $"input size ({image.Channels}, {image.Height}, {image.Width})";
        messages.WriteLine($"Running inference benchmark on {model.Name} for {NumBenchIter} steps w/ {size} and batch "
            + $"size {batch}.");
        using var binding = model.Session.Bind(InputImage.Shapes(model.Session, image, batch));
        if (model.Session.Inputs[0].Type == DType.Float32)
            Noise(binding.Input<float>());
        // Those of a square image, as far as they go.
        if (InputImage.IsPatches(model.Session))
            InputImage.PlacePatches(binding, columns: (int)Math.Ceiling(Math.Sqrt(image.Patches?.MaxSeqLen ?? 1)));
        var step = Time("Infer", binding.Run, batch, messages);
        messages.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"Inference benchmark of {model.Name} done. {batch / step:F2} samples/sec, {step * 1e3:F2} ms/step"));
        yield return ("infer_samples_per_sec", Math.Round(batch / step, 2));
        yield return ("infer_step_time", Math.Round(step * 1e3, 3));
        yield return ("infer_batch_size", batch);
        foreach (var field in image.Fields("infer_"))
            yield return field;
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
    IEnumerable<(string, object?)> Training(int batch, TextWriter messages)
    {
        var model = Zoo.Build(Model, Request().Options with
        {
            DropRate = Drop,
            DropPathRate = DropPath,
            DropBlockRate = DropBlock,
        });
        var image = model.Graph.Inputs[0];
        messages.WriteLine($"Running train benchmark on {Model} for {NumBenchIter} steps w/ input size "
            + $"({image.Channels}, {image.Height}, {image.Width}) and batch size {batch}.");
        var options = Runtime(Threads, messages);
        var (step, backward, update) = TimeStep(model, batch, options, messages);
        messages.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"Train benchmark of {Model} done. {batch / step:F2} samples/sec, {step * 1e3:F2} ms/sample"));
        yield return ("train_samples_per_sec", Math.Round(batch / step, 2));
        yield return ("train_step_time", Math.Round(step * 1e3, 3));
        if (Detail)
        {
            var forward = TimeForward(Zoo.Build(Model, Request().Options), batch, options, messages);
            yield return ("train_fwd_time", Math.Round(forward * 1e3, 3));
            yield return ("train_bwd_time", Math.Round(Math.Max(0, backward - forward) * 1e3, 3));
            yield return ("train_opt_time", Math.Round(update * 1e3, 3));
        }
        yield return ("train_batch_size", batch);
        yield return ("train_img_size", image.Height);
        paramCount = model.ParamCount;
    }

    /// <summary>Seconds of a step, of its gradients (forward and backward in one graph), and of its update.</summary>
    (double Step, double Gradients, double Update) TimeStep(
        Model model, int batch, RuntimeOptions options, TextWriter messages)
    {
        var trainee = FineTune.Trainee(model);
        var step = StepGraph.Gradients(model.Graph,
            keeping: GradCheckpointing ? Keepings.Borders(trainee) : Keepings.Costly);
        using var session = new GradientSession(step, model.Graph.Weights, batch, options);
        var groups = ParamGroups.ByDecay(trainee, WeightDecay);
        var update = new BlockUpdate(OptionParts.Optimizer(new()
        {
            Opt = Opt,
            OptEps = OptEps,
            OptBetas = OptBetas,
            Momentum = Momentum,
        }), session.Params, session.Grads, groups, Rate);
        var clip = ClipGrad is { } limit ? GradientSteps.Clip(ClipMode, limit, []) : (_, _, scale) => scale;
        Noise(session.Images);
        session.Targets.Fill(1f / model.Net.NumClasses);
        foreach (var mask in session.Step.Masks)
            session.Input(mask.Input).Fill(1);
        var (clock, warm) = (new Stopwatch(), NumWarmIter);
        var time = Time("Train", () =>
        {
            session.Run();
            if (warm-- <= 0)
                clock.Start();
            update.Apply(Rate, clip(session.Params, session.Grads, 1));
            clock.Stop();
        }, batch, messages);
        var updating = clock.Elapsed.TotalSeconds / Math.Max(1, NumBenchIter);
        return (time, time - updating, updating);
    }

    /// <summary>Seconds of the network alone, with its batch norms, without dropout.</summary>
    double TimeForward(Model model, int batch, RuntimeOptions options, TextWriter messages)
    {
        using var session = GraphSession.Of(model.Graph, Model, options);
        var image = model.Graph.Inputs[0];
        using var binding = session.Bind([batch, image.Channels, image.Height, image.Width]);
        Noise(binding.Input<float>());
        return Time("Forward", binding.Run, batch, messages);
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
