using System.Text.Json;
using OnnxTimm.Models;
using OnnxTimm.Tests.Models;
using OnnxTimm.Train;

namespace OnnxTimm.Tests.Train;

/// <summary>Level 4: loss, gradients and statistics of whole models in train mode equal PyTorch's.</summary>
[TestClass]
public sealed class ModelGradientTests
{
    /// <summary>The step in standard operators, and with the CPU trainer's kernels.</summary>
    public enum Dialect
    {
        Portable,
        Cpu,
    }

    public static IEnumerable<object[]> Small =>
        from name in new[] { "resnet18", "test_resnet", "test_efficientnet", "test_vit" }
        from dialect in Enum.GetValues<Dialect>()
        select new object[] { name, dialect };

    [TestMethod]
    [DynamicData(nameof(Small))]
    public void GradientsEqualPyTorch(string name, Dialect dialect) =>
        Check(name, GoldenZoo.Shared("training", "gradients.jsonl.gz")[name], dialect);

    [TestMethod]
    [DataRow(Dialect.Portable)]
    [DataRow(Dialect.Cpu)]
    [TestCategory("all")]
    public void GradientsOfEveryModelEqualPyTorch(Dialect dialect)
    {
        var faults = new List<string>();
        foreach (var (name, row) in GoldenZoo.Shared("training", "gradients.jsonl.gz").Where(r =>
            Asked.Has(r.Key)))
            try
            {
                Check(name, row, dialect);
            }
            catch (Exception e)
            {
                faults.Add($"{name}: {e.Message}");
            }
        Assert.IsEmpty(faults, string.Join("\n", faults));
    }

    static void Check(string name, JsonElement row, Dialect dialect)
    {
        var shape = Shape(row);
        var model = Zoo.Build(name, new() { NumClasses = 10, ImgSize = ((int)shape[2], (int)shape[3]) });
        // Nothing is dropped.
        Check(name, model.Graph, row, dialect, mask => [.. Enumerable.Repeat(1f, (int)mask.Shape.Count.Size)]);
    }

    internal static long[] Shape(JsonElement row) =>
        [.. row.GetProperty("input").EnumerateArray().Select(d => d.GetInt64())];

    /// <param name="name">What tolerances call it.</param>
    /// <param name="model">The network.</param>
    /// <param name="row">The reference.</param>
    /// <param name="dialect">How the step is run.</param>
    /// <param name="mask">The content of a mask.</param>
    internal static void Check(string name, Graph model, JsonElement row, Dialect dialect, Func<Value, float[]> mask)
    {
        var step = StepGraph.Gradients(model);
        var weights = model.StateDict.GroupBy(entry => entry.Weight.Name)
            .ToDictionary(group => group.Key, group => Filling(group.Last()));
        var outputs = Run(step, weights, row, dialect, mask);

        var noise = row.GetProperty("noise");
        var loss = row.GetProperty("loss").GetDouble();
        var bound = Tolerances.Find($"train.loss/{name}/{dialect}")
            ?? Math.Max(5 * noise.GetProperty("loss").GetDouble(), 1e-6 * Math.Abs(loss));
        Assert.AreEqual(loss, outputs["loss"][0], bound, "loss");
        CheckGradients(row.GetProperty("grads"), noise.GetProperty("grad").GetDouble(), outputs);
        foreach (var stat in row.GetProperty("stats").EnumerateObject())
        {
            var (norm, dot) = (stat.Value[0].GetDouble(), stat.Value[1].GetDouble());
            var (gotNorm, gotDot) = Project(outputs[$"next:stat:{stat.Name}"], $"stat:{stat.Name}");
            var tolerance = Tolerances.Get("train.stats") * Math.Max(norm, 1e-3);
            Assert.AreEqual(norm, gotNorm, tolerance, $"norm of {stat.Name}");
            Assert.AreEqual(dot, gotDot, tolerance, $"projection of {stat.Name}");
        }
    }

    static void CheckGradients(JsonElement grads, double noise, Dictionary<string, float[]> outputs)
    {
        var rows = grads.EnumerateObject().Where(g => g.Value.ValueKind != JsonValueKind.Null).ToArray();
        var total = Math.Sqrt(rows.Sum(g => Math.Pow(g.Value[0].GetDouble(), 2)));
        var errors = new List<(string Name, double Error)>();
        foreach (var g in rows)
        {
            var (norm, dot) = (g.Value[0].GetDouble(), g.Value[1].GetDouble());
            var (gotNorm, gotDot) = Project(outputs[$"grad:{g.Name}"], $"grad:{g.Name}");
            var unit = norm + 1e-3 * total;
            errors.Add((g.Name, Math.Max(Math.Abs(norm - gotNorm), Math.Abs(dot - gotDot)) / unit));
        }
        var (worst, error) = errors.MaxBy(e => e.Error);
        var median = errors.Select(e => e.Error).Order().ElementAt(errors.Count / 2);
        Assert.IsLessThanOrEqualTo(5 * noise, error, $"gradient of {worst} (median {median})");
        Assert.IsLessThanOrEqualTo(noise, median, "median over the parameters");
    }

    /// <summary>As the reference filled it, a weight of several names by the last; a constant stays as it is.</summary>
    static Func<float[]> Filling((string Name, Value Weight) entry) => Fill.IsFilled(entry.Name, entry.Weight)
        ? () => Fill.Weight(entry.Name, entry.Weight.Shape.Sizes, 1) : entry.Weight.Data!.ToFloats;

    /// <param name="step">The step.</param>
    /// <param name="weights">What is in each weight.</param>
    /// <param name="row">The reference.</param>
    /// <param name="dialect">How the step is run.</param>
    /// <param name="mask">The content of a mask.</param>
    static Dictionary<string, float[]> Run(StepGraph step, Dictionary<string, Func<float[]>> weights, JsonElement row,
        Dialect dialect, Func<Value, float[]> mask)
    {
        var shape = Shape(row);
        int[] labels = [.. row.GetProperty("targets").EnumerateArray().Select(label => label.GetInt32())];
        var named = step.Graph.Inputs.Where(i => i.Name.Contains(':'))
            .Select(i => (i.Name, Content(i), Sizes(i)));
        (string, float[], long[])[] inputs =
        [
            ("input", Fill.Input(shape), shape),
            ("target", SmoothTargets(labels, 10, 0.1f), [shape[0], 10]), .. named,
        ];
        return dialect == Dialect.Cpu ? Ort.RunOnKernels(step.Graph, inputs)
            : Ort.Run(Fused.Expand(step.Graph), inputs);

        long[] Sizes(Value input) => [.. input.Shape.Select((d, axis) => d.IsFixed ? d.Size : shape[axis])];

        float[] Content(Value input) => input.Name.Split(':', 2) is ["mask", _] ? mask(input)
            : weights[input.Name.Split(':', 2)[1]]();
    }

    static float[] SmoothTargets(int[] labels, int classes, float smoothing)
    {
        var targets = Enumerable.Repeat(smoothing / classes, labels.Length * classes).ToArray();
        foreach (var (i, label) in labels.Index())
            targets[i * classes + label] += 1 - smoothing;
        return targets;
    }

    static (double Norm, double Dot) Project(float[] values, string name)
    {
        var direction = Fill.Uniform(name, values.Length);
        return (Math.Sqrt(values.Sum(v => (double)v * v)), values.Zip(direction, (v, d) => (double)v * d).Sum());
    }
}
