using System.Globalization;
using OnnxTimm.Deploy;
using OnnxTimm.Infer;
using OnnxTimm.Models;
using OnnxTimm.Onnx;
using OnnxTimm.Tests.Deploy;

namespace OnnxTimm.Benchmarks;

/// <summary>
/// What becomes of networks by the recipe that is chosen for each: megabytes of the file, milliseconds of an image with
/// one thread in float32 and with codes, and QuantizeLinear and DequantizeLinear nodes that the runtime has left over.
/// Weights are initial ones and ranges those of noise: neither changes a speed. Arguments: model names; none is the one
/// with the fewest parameters of each module.
/// </summary>
static class Quantized
{
    const int Images = 2;

    public static int Run(string[] models)
    {
        Console.WriteLine($"{string.Join(" ", Processor.Instructions)}, ONNX Runtime with one thread");
        Console.WriteLine("| module | network | recipe | MB float32 | MB codes | ms float32 | ms codes | times | left over |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|");
        foreach (var name in models.Length > 0 ? models : Smallest())
            Tell(name);
        return 0;
    }

    static IEnumerable<string> Smallest() =>
        Zoo.Find(new() { Order = ZooOrder.Params }).DistinctBy(row => row.Module)
            .OrderBy(row => row.Module, StringComparer.Ordinal).Select(row => row.Name);

    /// <summary>A row; of a network that has none, why.</summary>
    static void Tell(string name)
    {
        try
        {
            Console.WriteLine(Row(name));
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Console.WriteLine($"| {name} | {e.Message.ReplaceLineEndings(" ")} |");
        }
    }

    static string Row(string name)
    {
        var graph = Zoo.Build(name).Graph;
        var quantization = Quantization.Begin(graph, new(), Noise.For(graph, Images, Environment.ProcessorCount));
        var written = quantization.Write(new HashSet<string>());
        var speed = Speed.Of(quantization.Float, written, threads: 1);
        return string.Create(CultureInfo.InvariantCulture,
            $"| {Zoo.FamilyOf(name).Module} | `{name}` | `{quantization.Recipe.Name}` | {MB(quantization.Float):F1} | {MB(written):F1} ")
            + string.Create(CultureInfo.InvariantCulture,
            $"| {speed.Before:F2} | {speed.After:F2} | {speed.Factor:F2} | {RuntimeGraph.Of(written).LeftOver} |");
    }

    static double MB(Graph graph) => OnnxFile.ToBytes(graph).Length / 1e6;
}
