using CommandLine;
using OnnxTimm.Cli.CommandLine;
using OnnxTimm.Data;
using OnnxTimm.Deploy;
using OnnxTimm.Infer;

namespace OnnxTimm.Cli.Verbs;

sealed class VerifyVerb : IVerb
{
    [Value(0, MetaName = "file", Required = true, HelpText = "An .onnx file that export wrote.")]
    public string Input { get; set; } = "";

    [Option("against", MetaValue = "FILE", HelpText = "Compare with this file, image by image of --data-dir.")]
    public string? Against { get; set; }

    [Option("data-dir", MetaValue = "DIR|FILE", HelpText = "Images for --against: a folder or .tar.")]
    public string? DataDir { get; set; }

    [Option("device", Default = "cpu", MetaValue = "DEVICE", HelpText = RunArguments.Devices)]
    public string DeviceName { get; set; } = "cpu";

    [Option("json", HelpText = "Print a JSON object.")]
    public bool AsJson { get; set; }

    [Value(1, Hidden = true)]
    public IEnumerable<string> Surplus { get; set; } = [];

    public int Run(Streams streams)
    {
        if (Against is null != DataDir is null)
            throw new UserException("--against and --data-dir belong together: which file, and on which images.");
        Runtime.Check();
        return Against is null ? Itself(streams) : Both(Against, DataDir!, streams);
    }

    RuntimeOptions Runtime => new() { Device = Device.Parse(DeviceName), Spin = false };

    int Itself(Streams streams)
    {
        var found = Verification.Of(Input, Runtime);
        streams.Out.WriteLine(AsJson ? Json.Object(Fields(found)) : Text(found));
        return found.IsEqual ? ExitCode.Ok : ExitCode.Failed;
    }

    int Both(string against, string folder, Streams streams)
    {
        using var data = Dataset.Open(folder);
        if (data.Count == 0)
            throw new UserException($"There are no images in \"{folder}\".");
        var found = Comparison.Of(against, Input, data, Environment.ProcessorCount, Runtime.Device);
        foreach (var fault in found.Faults)
            streams.Error.WriteLine($"onnxtimm: {fault}");
        var parting = Parting.Of(against, Input, data, found.Tolerance);
        streams.Out.WriteLine(AsJson ? Json.Object(Fields(found, parting)) : Text(found, parting));
        return found.IsEqual ? ExitCode.Ok : ExitCode.Failed;
    }

    static string Text(Verification v) => string.Join('\n',
    [
        $"{v.File}: {(v.IsEqual ? "equal" : "not equal")}",
        .. v.Sealed ? v.Changed.Select(part => $"  its {part}: not what was written")
            : ["  it has no seal: whether it was changed cannot be seen"],
        .. v.Outputs.Select(o =>
            $"  {o.Name}: {o.Distance:0.0e-00} of its deviation off, at most {v.Tolerance} is allowed"),
        .. v.Kernels is not { } far ? Array.Empty<string>()
            : [$"  by this processor's kernels for 8 bits {far:0.0e-00} off"],
        .. v.Outputs.Count > 0 ? Array.Empty<string>() : ["  it has no digest: what it gives was not looked at"],
    ]);

    string Text(Comparison c, Parting? parting) =>
        $"{Input}: {(c.IsEqual ? "equal to" : "not equal to")} {Against}\n"
        + $"  {c.Same} of {c.Images} images have the same class\n"
        + $"  worst: {c.Worst:0.0e-00} of the deviation off, {c.WorstImage}; at most {c.Tolerance} is allowed\n"
        + parting switch
        {
            null => "  their inputs differ: tensors are not compared",
            { Name: null } => $"  {Amount.Of(parting.Shared, "tensor")} of the same name, none parts",
            _ => $"  the first of {Amount.Of(parting.Shared, "tensor")} that parts: {parting.Name} ({parting.Op}), "
                + $"error {parting.Error:0.0e-00}"
                + (parting.Before is { } before ? $", after {before}" : ""),
        };

    static IEnumerable<(string, object?)> Fields(Verification v) =>
    [
        ("file", v.File), ("equal", v.IsEqual), ("sealed", v.Sealed), ("changed", v.Changed),
        ("tolerance", v.Tolerance), ("kernels", v.Kernels),
        ("outputs", v.Outputs.ToDictionary(o => o.Name, o => (object?)o.Distance)),
    ];

    IEnumerable<(string, object?)> Fields(Comparison c, Parting? parting) =>
    [
        ("file", Input), ("against", Against), ("equal", c.IsEqual), ("images", c.Images), ("same", c.Same),
        ("worst", c.Worst), ("worst_image", c.WorstImage), ("tolerance", c.Tolerance), ("tensors", parting?.Shared),
        ("parts_at", parting?.Name), ("error", parting?.Error),
    ];
}
