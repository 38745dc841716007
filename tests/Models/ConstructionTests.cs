using System.Text.Json;
using OnnxTimm.Models;

namespace OnnxTimm.Tests.Models;

/// <summary>
/// What timm's constructors decide beside the structure, against rows of the smallest name of each module: how
/// parameters begin, where stochastic depth lands, what a new head changes. All names that are asked for, else a sample
/// that changes daily.
/// </summary>
[TestClass]
public sealed class ConstructionTests
{
    /// <summary>
    /// Mean and deviation of a parameter of n elements as timm's within what n draws vary, bounds within a tenth where
    /// the distribution has some; constants to the six digits of the rows.
    /// </summary>
    [TestMethod]
    public void ParametersBeginAsTimms() => Check("init.jsonl.gz", 8, row =>
    {
        var graph = Zoo.Build(Name(row)).Graph;
        return row.GetProperty("params").EnumerateObject().SelectMany(p =>
            graph.Find(p.Name) is { } weight ? Begins(weight.Data!.ToFloats(), p) : [$"{p.Name} is not here"]);
    });

    static IEnumerable<string> Begins(float[] values, JsonProperty expected)
    {
        if (expected.Value.ValueKind == JsonValueKind.Object)
        {
            var constant = (float)expected.Value.GetProperty("const").GetDouble();
            return values.All(v => Math.Abs(v - constant) <= 5e-6f * Math.Abs(constant))
                || (values.Length == 1 && IsDrawn(constant)) ? []
                : [$"{expected.Name}: {values[0]}, timm {constant}"];
        }
        if (values.Length < Few)
            return [];
        double[] timm = [.. expected.Value.EnumerateArray().Select(v => v.GetDouble())];
        var (mean, spread) = (values.Average(v => (double)v), Math.Sqrt(2.0 / values.Length));
        var deviation = Math.Sqrt(values.Average(v => (v - mean) * (v - mean)));
        var isBounded = values.Length >= 1000 && timm[3] - timm[2] < 5 * timm[1];
        var holds = Math.Abs(mean - timm[0]) <= 5 * timm[1] * spread
            && Math.Abs(deviation - timm[1]) <= (5 * spread + 0.01) * timm[1]
            && (!isBounded || Math.Abs((values.Max() - values.Min()) / (timm[3] - timm[2]) - 1) < 0.1);
        return holds ? [] : [$"{expected.Name} of {values.Length}: mean {mean:g4}, deviation {deviation:g4}, "
            + $"{values.Min():g4} to {values.Max():g4}; timm {string.Join(", ", timm.Select(v => $"{v:g4}"))}"];
    }

    /// <summary>Fewer draws say nothing of what they were drawn from.</summary>
    const int Few = 8;

    /// <summary>Whether a parameter of one value was drawn: nobody writes such a constant.</summary>
    static bool IsDrawn(float constant) => float.Parse($"{constant:g4}") != constant;

    /// <summary>
    /// Modules with blocks that have no identity to fall back on, and resnest, which drops a value that nothing reads:
    /// timm gives them a rate that they never use.
    /// </summary>
    static readonly string[] WithUnusedRates =
    [
        "cpubone", "efficientnet", "hardcorenas", "hgnet", "lowformer", "mobilenetv3", "mobilenetv5", "mobilevit",
        "resnest", "rexnet", "xception_aligned",
    ];

    /// <summary>
    /// The rates of stochastic depth, without an argument and with 0.1: the set of them, since a module of timm's may
    /// serve two branches.
    /// </summary>
    [TestMethod]
    public void StochasticDepthIsTimms() => Check("drop_path.jsonl.gz", 20, row =>
        new[] { ("default", (double?)null), ("drop_path_rate", 0.1) }.SelectMany(asked =>
        {
            if (row.GetProperty(asked.Item1) is not { ValueKind: JsonValueKind.Array } list)
                return Enumerable.Empty<string>();
            var timm = list.EnumerateArray().Select(entry => entry[1].GetDouble()).Where(rate => rate > 0).Order();
            var graph = Zoo.Build(Name(row), new() { DropPathRate = asked.Item2 }).Graph;
            var here = graph.Nodes.Where(n => n.Op == "DropPath").Select(n => (double)n.Float("ratio")).Order();
            var mayMiss = WithUnusedRates.Contains(row.GetProperty("module").GetString());
            return Lacking(here, timm).Select(rate => $"{asked.Item1}: {rate} is not timm's")
                .Concat(Lacking(timm, here).Where(_ => !mayMiss).Select(rate => $"{asked.Item1}: {rate} is missing"));
        }));

    static double[] Lacking(IEnumerable<double> rates, IEnumerable<double> others) =>
        [.. rates.Distinct().Where(rate => others.All(other => Math.Abs(other - rate) > 1e-6))];

    /// <summary>For 7 classes, for none, and for none without a pool: shapes, what is left out, what is refused.</summary>
    [TestMethod]
    public void ANewHeadIsTimms() => Check("reset.json", 12, row => Heads.SelectMany(asked =>
    {
        if (!row.TryGetProperty(asked.Key, out var timm))
            return [];
        var options = new ModelOptions { NumClasses = asked.Classes, GlobalPool = asked.Pool };
        if (timm.TryGetProperty("error", out var error))
            return Refuses(() => Zoo.Build(Name(row), options)) ? [] : [$"{asked.Key}: timm refuses: {error}"];
        return Changes(Zoo.Build(Name(row), options).Graph, timm).Select(fault => $"{asked.Key}: {fault}");
    }));

    static IEnumerable<string> Changes(Graph graph, JsonElement timm)
    {
        foreach (var (name, shape) in timm.GetProperty("changed").EnumerateObject().Select(p => (p.Name, p.Value)))
            if (graph.Find(name)?.Shape.ToString() is var got && got != $"[{string.Join(", ", shape.EnumerateArray())}]")
                yield return $"{name} {got}, timm {shape}";
        // timm's reset to other classes drops RepViT's second head, which its constructor makes: compared for none.
        foreach (var name in timm.GetProperty("num_classes").GetInt32() > 0 ? [] : timm.GetProperty("removed").EnumerateArray().Select(v => v.GetString()!))
            if (graph.Find(name) is not null)
                yield return $"{name} stays";
        if (timm.TryGetProperty("output", out var output) && output[0].ValueKind == JsonValueKind.Number)
        {
            var got = graph.Outputs[0].Shape.Skip(1).Select(d => d.Size);
            var expected = output.EnumerateArray().Skip(1).Select(v => v.GetInt64());
            if (!got.SequenceEqual(expected))
                yield return $"gives {graph.Outputs[0].Shape}, timm {output}";
        }
    }

    static readonly (string Key, int Classes, string? Pool)[] Heads = [("7", 7, null), ("0", 0, null), ("0, ''", 0, "")];

    static bool Refuses(Action build)
    {
        try
        {
            build();
            return false;
        }
        catch (UserException)
        {
            return true;
        }
    }

    static string Name(JsonElement row) => row.GetProperty("name").GetString()!;

    static void Check(string file, int sample, Func<JsonElement, IEnumerable<string>> faults)
    {
        var path = Paths.Shared("golden", "training", file);
        JsonElement[] all = file.EndsWith(".gz") ? [.. GoldenZoo.Read(path).Values]
            : [.. JsonDocument.Parse(File.ReadAllText(path)).RootElement.GetProperty("rows").EnumerateArray()];
        string[] found = [.. Asked.Sample(all, Name, sample)
            .SelectMany(row => faults(row).Take(6).Select(fault => $"{Name(row)}: {fault}"))];
        Assert.IsEmpty(found, $"{found.Length} faults:\n{string.Join("\n", found)}");
    }
}
