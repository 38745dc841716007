using System.Globalization;
using OnnxTimm.Infer;
using OnnxTimm.Models;
using OnnxTimm.Onnx;
using OnnxTimm.Passes;
using OnnxTimm.Train;

namespace OnnxTimm.Benchmarks;

/// <summary>
/// Images a second of a whole training step (forward, backward, AdamW) as a share of ONNX Runtime's inference on the
/// same network, both with 2 threads on ready tensors, batch 16, in turn. Where a Python with PyTorch is at hand, its
/// step is timed in the same turns. Arguments: model names; none is the five networks of the yardstick. With --profile
/// before them, what each operator of the step takes instead; --memory BATCH NAME tells the peak of memory.
/// </summary>
static class Training
{
    public const int Batch = 16;
    public const int Threads = 2;
    const int Rounds = 5;

    static readonly string[] Yardstick =
        ["resnet18", "resnet50", "mobilenetv2_100", "efficientnet_b0", "vit_tiny_patch16_224"];

    public static int Run(string[] models)
    {
        if (models is ["--profile", .. var profiled])
            return StepProfile.Run(profiled.Length > 0 ? profiled : Yardstick);
        if (models is ["--memory", var batch, var one])
            return StepMemory.Run(int.Parse(batch, CultureInfo.InvariantCulture), one);
        Console.WriteLine($"{"model",-24}{"inference",12}{"training",12}{"ratio",9}{"PyTorch",12}");
        foreach (var name in models.Length > 0 ? models : Yardstick)
            Compare(name);
        return 0;
    }

    static void Compare(string name)
    {
        var model = Zoo.Build(name);
        var options = new RuntimeOptions { Threads = Threads };
        using var session = Session.Load(OnnxFile.ToBytes(Export.Optimize(model.Graph).Graph), name, options);
        var (h, w) = (model.Graph.Inputs[0].Height, model.Graph.Inputs[0].Width);
        using var inference = session.Bind([Batch, 3, h, w]);
        var graph = model.Graph;
        using var step = new GradientSession(StepGraph.Gradients(graph), graph.Weights, Batch, options);
        var groups = ParamGroups.ByDecay(new(name, graph), 0.05);
        var update = new BlockUpdate(Optimizers.Create("adamw"), step.Params, step.Grads, groups, 1e-4, Threads);
        Fill(step);
        step.Images.CopyTo(inference.Input<float>());
        using var peer = Peer.Start("training.py", name);

        var (infer, train, torch) = (new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round <= Rounds; round++)
        {
            var times = (Clock.Seconds(inference.Run), Clock.Seconds(() => { step.Run(); update.Apply(1e-4); }),
                peer?.Next());
            if (round == 0)
                continue;
            infer.Add(times.Item1);
            train.Add(times.Item2);
            if (times.Item3 is { } seconds)
                torch.Add(seconds);
        }
        Console.WriteLine($"{name,-24}{Rate(infer),8:F1} im/s{Rate(train),7:F1} "
            + $"im/s{Clock.Median(infer) / Clock.Median(train),9:F3}"
            + (torch.Count > 0 ? $"{Rate(torch),7:F1} im/s" : "           -"));
    }

    /// <summary>Gives a step images and targets of no meaning.</summary>
    public static void Fill(GradientSession step)
    {
        var random = new Random(1);
        foreach (ref var x in step.Images)
            x = random.NextSingle() * 2 - 1;
        step.Targets.Fill(1f / (step.Targets.Length / Batch));
        foreach (var mask in step.Step.Masks)
            step.Input(mask.Input).Fill(1);
    }

    static double Rate(List<double> times) => Batch / Clock.Median(times);
}
