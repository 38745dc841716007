using System.Globalization;
using CommandLine;
using OnnxTimm.Cli.CommandLine;
using OnnxTimm.Infer;

namespace OnnxTimm.Cli.Verbs;

sealed class DoctorVerb : IVerb
{
    [Option("device", Default = "cpu", MetaValue = "DEVICE",
        HelpText = $"What is asked about: {RunArguments.Devices}")]
    public string DeviceName { get; set; } = "cpu";

    [Option("json", HelpText = "Print a JSON object.")]
    public bool AsJson { get; set; }

    [Value(0, Hidden = true)]
    public IEnumerable<string> Surplus { get; set; } = [];

    public int Run(Streams streams)
    {
        var found = Doctor.Look(Device.Parse(DeviceName));
        if (AsJson)
            streams.Out.WriteLine(Json.Object(Fields(found)));
        else
            foreach (var (name, value) in Rows(found))
                streams.Out.WriteLine($"{name,-12} {value}");
        if (found.Fault is null)
            return ExitCode.Ok;
        streams.Error.WriteLine($"onnxtimm: {found.Fault}");
        return ExitCode.Failed;
    }

    static IEnumerable<(string, object?)> Fields(Doctor d) =>
    [
        ("version", d.Version),
        ("onnxruntime", d.Runtime),
        ("providers", d.Compiled),
        ("devices", d.Devices.ToDictionary(row => row.Name, row => (object?)row.Fault)),
        ("system", d.System),
        ("processor", d.Instructions),
        ("int8", Machine.Int8),
        ("processors", d.Machine.Processors),
        ("memory", d.Machine.Memory),
        ("memory_limit", d.Machine.Limit),
        ("caches", d.Caches.Select(c => KeyValuePair.Create(c.Path, (object?)c.Fault))),
        ("telemetry", d.Telemetry),
        ("device", d.Device.ToString()),
        ("fault", d.Fault),
        ("images_per_second", d.Speed),
    ];

    static IEnumerable<(string, string)> Rows(Doctor d)
    {
        yield return ("onnxtimm", d.Version);
        string[] built = [.. d.Compiled.Select(Providers.NameOf)];
        yield return ("onnxruntime", $"{d.Runtime}, built with {string.Join(", ", built)}");
        foreach (var (name, fault) in d.Devices.Where(row => built.Contains(row.Name)))
            if (fault is not null)
                yield return (name, fault);
        yield return ("system", d.System);
        yield return ("processor", $"{d.Machine.Processors} of {d.Instructions}");
        yield return ("int8", Machine.Int8);
        yield return ("memory", Gigabytes(d.Machine.Memory)
            + (d.Machine.Limit is { } limit ? $", of which this process may use {Gigabytes(limit)}" : ""));
        foreach (var (path, fault) in d.Caches)
            yield return ("cache", fault.Length == 0 ? path : $"{path}: {fault}");
        yield return ("telemetry", d.Telemetry ? "on: ORT_DISABLE_TELEMETRY is 0" : "off");
        yield return (d.Device.ToString(), d.Speed is { } speed ? string.Create(CultureInfo.InvariantCulture,
            $"{speed:F0} images/s of cifar_resnet20, one at a time") : "cannot be used");
    }

    static string Gigabytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:F1} GB");
}
