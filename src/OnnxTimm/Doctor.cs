using System.Diagnostics;
using System.Runtime.InteropServices;
using OnnxTimm.Conversion;
using OnnxTimm.Infer;

namespace OnnxTimm;

/// <summary>What this machine has to run networks with, and what is wrong with it.</summary>
public sealed record Doctor
{
    /// <summary>The network that is timed: 41 million products an image of 32x32.</summary>
    const string Timed = "cifar_resnet20";

    /// <summary>How long it is timed.</summary>
    static readonly TimeSpan Span = TimeSpan.FromSeconds(1);

    /// <summary>Release of OnnxTimm.</summary>
    public string Version { get; } = typeof(Doctor).Assembly.GetName().Version!.ToString(3);

    /// <summary>Release of ONNX Runtime.</summary>
    public string Runtime { get; } = Providers.Release;

    /// <summary>What the runtime was built with, by its own names.</summary>
    public IReadOnlyList<string> Compiled { get; } = Providers.Compiled;

    /// <summary>All devices by their names, and why each cannot be used here; null where it can.</summary>
    public IReadOnlyList<(string Name, string? Fault)> Devices { get; } =
        [.. Providers.Table.Select(row => (row.Name, Providers.Fault(Device.Parse(row.Name))))];

    /// <summary>The system.</summary>
    public string System { get; } = string.Join(", ", RuntimeInformation.OSDescription,
        RuntimeInformation.RuntimeIdentifier, RuntimeInformation.FrameworkDescription);

    /// <summary>Instructions for 8-bit numbers.</summary>
    public string Instructions { get; } = OptimizedFile.Kind;

    /// <summary>Memory and processors.</summary>
    public Machine Machine { get; } = Machine.This;

    /// <summary>Folders that keep what was downloaded, and what is wrong with each; empty for nothing.</summary>
    public IReadOnlyList<(string Path, string Fault)> Caches { get; } =
        [.. Folders(HubSettings.FromEnvironment()).Select(path => (path, FaultOf(path)))];

    /// <summary>Whether ONNX Runtime tells its maker that it is used: nobody but the user can have it so.</summary>
    public bool Telemetry { get; } = Providers.Tells;

    /// <summary>The device that was asked about.</summary>
    public required Device Device { get; init; }

    /// <summary>Why the device cannot be used; null where it can.</summary>
    public required string? Fault { get; init; }

    /// <summary>Images a second of a small network on the device; null where it cannot be used.</summary>
    public required double? Speed { get; init; }

    /// <summary>Looks at the machine and times the device for a second.</summary>
    /// <param name="device">The device.</param>
    public static Doctor Look(Device device)
    {
        var fault = Providers.Fault(device);
        return new() { Device = device, Fault = fault, Speed = fault is null ? Time(device) : null };
    }

    static double Time(Device device)
    {
        using var loaded = ModelLoader.Load(new(Timed));
        using var model = ModelSession.Of(loaded, Timed, new() { Device = device });
        using var binding = model.Session.Bind([1, 3, 32, 32]);
        binding.Run();
        var (clock, images) = (Stopwatch.StartNew(), 0);
        for (; clock.Elapsed < Span; images++)
            binding.Run();
        return images / clock.Elapsed.TotalSeconds;
    }

    static string[] Folders(HubSettings hub) => [hub.Cache, hub.UrlCache];

    static string FaultOf(string folder)
    {
        try
        {
            var there = folder;
            while (!Directory.Exists(there))
                there = Path.GetDirectoryName(Path.GetFullPath(there)) ?? "/";
            File.Create(Path.Combine(there, Path.GetRandomFileName()), 1, FileOptions.DeleteOnClose).Dispose();
            return "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }
}
