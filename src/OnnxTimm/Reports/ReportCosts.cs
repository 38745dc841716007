using System.Diagnostics;
using OnnxTimm.Infer;

namespace OnnxTimm;

/// <summary>What work cost, in words.</summary>
static class ReportCosts
{
    /// <summary>Device and memory of this program.</summary>
    public static IEnumerable<(string Name, string Value)> OfProcess(Device device)
    {
        using var process = Process.GetCurrentProcess();
        yield return ("memory", $"{Html.Number(process.PeakWorkingSet64 / 1e6, "0")} MB at most");
        yield return ("device", device.IsCpu ? $"cpu, {Environment.ProcessorCount} cores" : $"{device}");
    }

    /// <summary>Speed, device and memory of a run over images.</summary>
    public static (string Name, string Value)[] OfRun(int images, double seconds, Device device) =>
    [
        ("time", $"{Time(TimeSpan.FromSeconds(seconds))}, {Html.Number(images / seconds, "0.#")} images a second"),
        .. OfProcess(device),
    ];

    /// <summary>A time as people say it.</summary>
    public static string Time(TimeSpan time) =>
        time.TotalHours >= 1 ? $"{(int)time.TotalHours} h {time.Minutes} min"
            : time.TotalMinutes >= 1 ? $"{time.Minutes} min {time.Seconds} s"
            : $"{Html.Number(time.TotalSeconds, "0.#")} s";
}
