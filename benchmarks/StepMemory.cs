using System.Diagnostics;
using System.Globalization;
using OnnxTimm.Infer;
using OnnxTimm.Models;
using OnnxTimm.Train;

namespace OnnxTimm.Benchmarks;

/// <summary>
/// The largest resident size of a process that trains a network with AdamW, beside what parameters, gradients and
/// states take of it. Arguments: images of a batch, the network's name, and what the step keeps: <c>costly</c> as by
/// default, <c>all</c>, or <c>borders</c> as by --grad-checkpointing; the peak is the process's, so one is told.
/// </summary>
static class StepMemory
{
    const int Steps = 3;

    public static int Run(int batch, string name, string kept = "costly")
    {
        var model = Zoo.Build(name);
        var keeping = kept switch
        {
            "all" => Keepings.All,
            "borders" => Keepings.Borders(new(name, model.Graph)
            {
                Stem = model.Facts.Groups.Stem,
                Blocks = model.Facts.Groups.Blocks,
                Head = model.ClassifierParams,
            }),
            _ => Keepings.Costly,
        };
        using var step = new WholeStep(name, model.Graph, batch, new RuntimeOptions { Threads = Training.Threads },
            keeping);
        var seconds = 0.0;
        for (var i = 0; i < Steps; i++)
            seconds = Clock.Seconds(step.Run);
        using var process = Process.GetCurrentProcess();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{name}, batch {batch}: peak {process.PeakWorkingSet64 / 1e6:F0} MB, of them {step.StateBytes / 1e6:F0} MB ")
            + string.Create(CultureInfo.InvariantCulture,
                $"parameters, gradients and states; {batch / seconds:F1} images/s"));
        return 0;
    }
}
