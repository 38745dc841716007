using OnnxTimm.Infer;
using OnnxTimm.Models;
using OnnxTimm.Onnx;
using OnnxTimm.Passes;

namespace OnnxTimm.Benchmarks;

/// <summary>
/// Images a second of a whole training step (forward, backward, AdamW) as a share of ONNX Runtime's inference on the
/// same network, both with 2 threads on ready tensors, batch 16, in turn. Where a Python with PyTorch is at hand, its
/// step is timed in the same turns. Arguments: <c>--rounds N</c> and model names; none
/// is the five networks of the yardstick.
/// </summary>
static class Training
{
    public const int Batch = 16;
    public const int Threads = 2;

    /// <summary>Steps before any counts: the first takes its memory piece by piece, the second a block.</summary>
    public const int WarmUp = 2;

    /// <summary>The networks that are told of where none is named.</summary>
    public static readonly string[] Yardstick =
        ["resnet18", "resnet50", "mobilenetv2_100", "efficientnet_b0", "vit_tiny_patch16_224"];

    public static int Run(string[] models, int rounds = 5)
    {
        Console.WriteLine($"{"model",-24}{"inference",12}{"training",12}{"ratio",9}{"PyTorch",12}");
        foreach (var name in models.Length > 0 ? models : Yardstick)
            Compare(name, rounds);
        return 0;
    }

    static void Compare(string name, int rounds)
    {
        var model = Zoo.Build(name);
        var options = new RuntimeOptions { Threads = Threads };
        using var session = Session.Load(OnnxFile.ToBytes(Export.Optimize(model.Graph).Graph), name, options);
        var (h, w) = (model.Graph.Inputs[0].Height, model.Graph.Inputs[0].Width);
        using var inference = session.Bind([Batch, 3, h, w]);
        using var step = new WholeStep(name, model.Graph, Batch, options);
        step.Session.Images.CopyTo(inference.Input<float>());
        using var peer = Peer.Start("training.py", name);

        var (infer, train, torch) = (new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round < WarmUp + rounds; round++)
        {
            var times = (Clock.Seconds(inference.Run), Clock.Seconds(step.Run), peer?.Next());
            if (round < WarmUp)
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

    static double Rate(List<double> times) => Batch / Clock.Median(times);
}
