using OnnxTimm.Infer;
using OnnxTimm.Passes;

namespace OnnxTimm.Cli.CommandLine;

/// <summary>What the library's calls gave, as lines for the user.</summary>
static class Printing
{
    /// <summary>Says what a checkpoint decided and where initial values stayed.</summary>
    /// <param name="loaded">The model.</param>
    /// <param name="messages">Takes the lines.</param>
    /// <param name="flags">The flags that give trained weights.</param>
    public static void Tell(
        this LoadedModel loaded, TextWriter messages, string flags = "--checkpoint or --pretrained")
    {
        if (loaded.Note.Length > 0)
            messages.WriteLine($"onnxtimm: {loaded.Note}");
        if (loaded.Result is null)
            messages.WriteLine($"onnxtimm: {loaded.Card.Architecture} has its initial weights: {flags} "
                + "gives it trained ones.");
        else if (loaded.Result.Missing.Count > 0)
            messages.WriteLine($"onnxtimm: initial values stay in {string.Join(", ", loaded.Result.Missing)}");
    }

    /// <summary>Says what was written.</summary>
    public static void Tell(this ExportResult file, Streams streams)
    {
        var (graph, folded) = (file.Network.Graph, file.Network);
        streams.Out.WriteLine($"{file.Path}: {graph.Name}, opset {graph.Opset}, {file.Bytes / 1e6:F1} MB");
        if (folded.Count > 0)
            streams.Out.WriteLine(
                $"  {Amount.Of(folded.Count, "batch norm")} folded, largest error of a weight {folded.Error:0.0e-00}");
        if (folded.Branches > 0)
            streams.Out.WriteLine($"  {folded.Branches} sums of branches merged");
        if (file.Optimized is not null)
            streams.Out.WriteLine($"  {OptimizedFile.Note(file.Optimized)}: this kind of processor alone, and this "
                + "release");
        if (file.Dtype == DType.Float16)
            streams.Out.WriteLine($"  float16, but for {Amount.Of(HalfPrecision.CountExact(graph), "node")} in float32"
                + (file.Distance is { } far ? $"; {far:0.0e-00} of the outputs' deviation off float32" : ""));
        else if (file.Dtype == DType.BFloat16)
            streams.Out.WriteLine(
                "  weights in bfloat16, arithmetic in float32: ONNX Runtime has no other on processors");
        foreach (var norm in folded.Refused)
            streams.Error.WriteLine($"onnxtimm: not folded, since it would cost accuracy: {norm}");
        foreach (var input in graph.Inputs)
            streams.Out.WriteLine($"  input  {input.Name} {input.Shape}");
        foreach (var output in graph.Outputs)
            streams.Out.WriteLine($"  output {output.Name} {output.Shape}");
    }

    /// <summary>Names what could not be read, and gives the exit code.</summary>
    public static int Finish(this RunReport report, TextWriter messages)
    {
        foreach (var fault in report.Faults)
            messages.WriteLine($"onnxtimm: {fault}");
        messages.WriteLine(
            $"{Amount.Of(report.Done, "image")} in {report.Seconds:F2} s, {report.Done / report.Seconds:F1}/s");
        if (report.Faults.Count == 0)
            return ExitCode.Ok;
        messages.WriteLine($"onnxtimm: {report.Faults.Count} of {report.Images} images could not be read.");
        return ExitCode.Partial;
    }
}
