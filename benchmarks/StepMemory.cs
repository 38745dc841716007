using System.Diagnostics;
using System.Globalization;
using OnnxTimm.Infer;
using OnnxTimm.Models;

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
        using var step = new WholeStep(name, graph, batch, new RuntimeOptions { Threads = Training.Threads });
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
