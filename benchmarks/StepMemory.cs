using System.Diagnostics;
using System.Globalization;
using OnnxTimm.Infer;
using OnnxTimm.Models;
using OnnxTimm.Train;

namespace OnnxTimm.Benchmarks;

/// <summary>
/// The largest resident size of a process that trains a network with AdamW, beside what parameters, gradients and
/// states take of it. Arguments: images of a batch, and the network's name; the peak is the process's, so one is told.
/// </summary>
static class StepMemory
{
    const int Steps = 3;

    public static int Run(int batch, string name)
    {
        var graph = Zoo.Build(name).Graph;
        var options = new RuntimeOptions { Threads = Training.Threads };
        using var step = new GradientSession(StepGraph.Gradients(graph), graph.Weights, batch, options);
        var groups = ParamGroups.ByDecay(new(name, graph), 0.05);
        var update = new BlockUpdate(Optimizers.Create("adamw"), step.Params, step.Grads, groups, 1e-4,
            Training.Threads);
        Training.Fill(step);
        var seconds = 0.0;
        for (var i = 0; i < Steps; i++)
            seconds = Clock.Seconds(() =>
            {
                step.Run();
                update.Apply(1e-4);
            });
        using var process = Process.GetCurrentProcess();
        var flat = 4.0 * step.Params.Layout.Length * (2 + update.State.Count);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{name}, batch {batch}: peak {process.PeakWorkingSet64 / 1e6:F0} MB, of them {flat / 1e6:F0} MB ")
            + string.Create(CultureInfo.InvariantCulture,
                $"parameters, gradients and states; {batch / seconds:F1} images/s"));
        return 0;
    }
}
