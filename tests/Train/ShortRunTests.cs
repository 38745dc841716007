using System.Text.Json;
using OnnxTimm.Models;
using OnnxTimm.Train;

namespace OnnxTimm.Tests.Train;

/// <summary>Level 4: five updates of whole models end where PyTorch's and timm's end.</summary>
[TestClass]
public sealed class ShortRunTests
{
    public static IEnumerable<object[]> Names => Rows().Select(r => r.GetProperty("name").GetString()!)
        .Where(Zoo.Names.Contains).Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void FiveUpdatesEndWherePyTorchEnds(string name) => Check(name, portable: false);

    [TestMethod]
    [TestCategory("all")]
    [DynamicData(nameof(Names))]
    public void FiveUpdatesOfThePortableStepEndThereToo(string name) => Check(name, portable: true);

    static void Check(string name, bool portable)
    {
        var (start, bound) = (Tolerances.Get($"train.start/{name}"), Tolerances.Get($"train.run/{name}"));
        var row = Rows().Single(r => r.GetProperty("name").GetString() == name);
        var trainee = Trainees.Of(Zoo.Build(name, new() { NumClasses = 10, ImgSize = Size(row) }));
        Fill.Weights(trainee.Graph, 1);
        using var session = new GradientSession(StepGraph.Gradients(trainee.Graph), trainee.Graph.Weights, 4, new(),
            portable);
        var update = new BlockUpdate(Optimizers.Create(row.GetProperty("opt").GetString()!), session.Params,
            session.Grads,
            ParamGroups.ByDecay(trainee, row.GetProperty("weight_decay").GetDouble()),
                row.GetProperty("lr").GetDouble());
        foreach (var (step, loss) in row.GetProperty("loss").EnumerateArray().Index())
        {
            Fill.Input($"input:{step}", session.Images.Length).CopyTo(session.Images);
            Targets.Smooth([.. Enumerable.Range(0, 4).Select(k => (long)(step + k) % 10)], 0.1, session.Targets);
            Assert.AreEqual(loss.GetDouble(), session.Run(), (step < 3 ? start : bound) * loss.GetDouble(),
                $"loss {step}");
            update.Apply(row.GetProperty("lr").GetDouble());
        }
        var errors = row.GetProperty("params").EnumerateObject()
            .Select(p => (p.Name, Error: Error(p.Value, session.Params[p.Name].ToArray(), $"param:{p.Name}")))
            .OrderBy(p => p.Error).ToArray();
        Assert.IsLessThanOrEqualTo(bound, errors[errors.Length / 2].Error, "median over the parameters");
        Assert.IsLessThanOrEqualTo(Math.Max(Tolerances.Get("train.run.worst"), 2 * bound), errors[^1].Error,
            errors[^1].Name);
    }

    /// <summary>Difference of norm and projection, relative to the norm.</summary>
    static double Error(JsonElement expected, float[] values, string direction)
    {
        var norm = Math.Sqrt(values.Sum(v => (double)v * v));
        var dot = values.Zip(Fill.Uniform(direction, values.Length), (v, u) => (double)v * u).Sum();
        return Math.Max(Math.Abs(norm - expected[0].GetDouble()), Math.Abs(dot - expected[1].GetDouble())) / norm;
    }

    static (int, int) Size(JsonElement row) => (row.GetProperty("input")[2].GetInt32(),
        row.GetProperty("input")[3].GetInt32());

    static JsonElement[] Rows() => [.. Golden.Json("training", "short_runs.json.gz").EnumerateArray()];
}
