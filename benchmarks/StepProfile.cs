using System.Globalization;
using System.Text.Json;
using OnnxTimm.Infer;
using OnnxTimm.Models;

namespace OnnxTimm.Benchmarks;

/// <summary>
/// What each operator of a training step takes on the CPU: time, arithmetic and bytes (each operand once), and their
/// shares of what the machine can do at most, by ONNX Runtime's own record of its nodes.
/// </summary>
static class StepProfile
{
    const int Runs = 5;

    public static int Run(string[] models)
    {
        var (peak, copy) = (Peak.Arithmetic(Training.Threads), Peak.Copy(Training.Threads));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"At most {peak / 1e9:F0} GFLOP/s and {copy / 1e9:F1} GB/s with {Training.Threads} threads."));
        foreach (var name in models.Length > 0 ? models : Training.Yardstick)
            Tell(name, peak, copy);
        return 0;
    }

    static void Tell(string name, double peak, double copy)
    {
        var nodes = Record(name);
        var total = nodes.Sum(n => n.Seconds);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"\n{name}: {total / Runs * 1e3:F0} ms a step of {Training.Batch} images in nodes"));
        Console.WriteLine($"{"operator",-36}{"nodes",7}{"ms",9}{"share",8}"
            + $"{"GFLOP/s",9}{"of peak",9}{"GB/s",7}{"of copy",9}");
        foreach (var group in nodes.GroupBy(n => n.Operator).OrderByDescending(g => g.Sum(n => n.Seconds)).Take(20))
        {
            var (seconds, flops, bytes) = (group.Sum(n => n.Seconds), group.Sum(n => n.Flops), group.Sum(n => n.Bytes));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{group.Key,-36}{group.Count() / Runs,7}{seconds / Runs * 1e3,9:F1}{seconds / total,8:P1}")
                + string.Create(CultureInfo.InvariantCulture,
                $"{flops / seconds / 1e9,9:F1}{flops / seconds / peak,9:P0}{bytes / seconds / 1e9,7:F1}")
                + string.Create(CultureInfo.InvariantCulture, $"{bytes / seconds / copy,9:P0}"));
        }
    }

    sealed record NodeTime(string Operator, double Seconds, double Flops, double Bytes);

    static List<NodeTime> Record(string name)
    {
        var folder = Directory.CreateTempSubdirectory("onnxtimm");
        try
        {
            var graph = Zoo.Build(name).Graph;
            var options = new RuntimeOptions
            {
                Threads = Training.Threads,
                ProfilePrefix = Path.Combine(folder.FullName, "step"),
            };
            using (var step = new WholeStep(name, graph, Training.Batch, options))
                for (var run = 0; run < Training.WarmUp + Runs; run++)
                    step.Run();
            using var trace = JsonDocument.Parse(File.ReadAllBytes(folder.GetFiles()[0].FullName));
            var times = trace.RootElement.EnumerateArray().Where(IsKernel).ToList();
            return [.. times.Skip(times.Count / (Training.WarmUp + Runs) * Training.WarmUp).Select(Read)];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    static bool IsKernel(JsonElement e) =>
        e.GetProperty("name").GetString()!.EndsWith("_kernel_time", StringComparison.Ordinal);

    static NodeTime Read(JsonElement e)
    {
        var args = e.GetProperty("args");
        var name = args.GetProperty("op_name").GetString()!;
        // A kernel of the project's own is its operator and a number.
        var type = name.Split('_')[0];
        var (inputs, outputs) = (Shapes(args, "input_type_shape"), Shapes(args, "output_type_shape"));
        var window = type switch
        {
            "Conv" or "FusedConv" or "ConvInputGrad" => Window(inputs[1]),
            "ConvWeightGrad" => Window(outputs[0]),
            _ => "",
        };
        return new((type == name ? name : $"{type} (own)") + window, e.GetProperty("dur").GetDouble() / 1e6,
            Flops(type, inputs, outputs), 4 * inputs.Concat(outputs).Sum(Count));
    }

    /// <summary>What weights of so many outputs, inputs, rows and columns go over.</summary>
    static string Window(long[] weight) => $" {weight[2]}x{weight[3]}{(weight is [> 1, 1, ..] ? " depthwise" : "")}";

    static List<long[]> Shapes(JsonElement args, string key) =>
        [.. args.GetProperty(key).EnumerateArray()
            .Select(t => t.EnumerateObject().First().Value.EnumerateArray().Select(d => d.GetInt64()).ToArray())];

    static double Count(long[] shape) => shape.Aggregate(1.0, (n, d) => n * d);

    static double Flops(string type, List<long[]> inputs, List<long[]> outputs) => type switch
    {
        "Conv" or "FusedConv" => 2 * Count(outputs[0]) * Count(inputs[1]) / inputs[1][0],
        "ConvInputGrad" => 2 * Count(inputs[0]) * Count(inputs[1]) / inputs[1][0],
        "ConvWeightGrad" => 2 * Count(inputs[1]) * Count(outputs[0]) / outputs[0][0],
        "ConvTranspose" => 2 * Count(inputs[0]) * Count(inputs[1]) / inputs[1][0],
        // Whichever operand is turned: k = root of (m k)(k n) / (m n).
        "MatMul" or "FusedMatMul" or "Gemm" => 2 * Count(outputs[0])
            * Math.Sqrt(Count(inputs[0][^2..]) * Count(inputs[1][^2..]) / Count(outputs[0][^2..])),
        _ => 0,
    };
}
