using System.Globalization;
using OnnxTimm.Deploy;

namespace OnnxTimm.Cli.Results;

/// <summary>The table of targets, for a reader.</summary>
static class TargetList
{
    /// <summary>A line a target: name, what it is, highest opset and IR, batch, and which program has run it.</summary>
    public static void Write(TextWriter output)
    {
        output.WriteLine($"{"target",-10} {"opset",5} {"IR",3} {"batch",6}  {"run by",-24} what it is");
        foreach (var target in TargetTable.All)
            output.WriteLine($"{target.Name,-10} {target.Opset,5} {target.Ir,3} "
                + $"{target.BatchSize?.ToString(CultureInfo.InvariantCulture) ?? "any",6}  "
                + $"{(target.Tried.Length > 0 ? target.Tried : "not run"),-24} {target.Runs}");
    }
}
