using System.Text.Json;
using OnnxTimm.Conversion;
using OnnxTimm.Models;
using OnnxTimm.Train.Artifacts;

namespace OnnxTimm.Tests.Train.Artifacts;

/// <summary>
/// Our sets of the golden network compute what the library's set computed in the runtime for training.
/// </summary>
[TestClass]
public sealed class ArtifactRunTests
{
    const int Steps = 5;
    const double Rate = 0.001;

    static readonly double Tolerance = Tolerances.Get("ort-training/run");

    [TestMethod]
    public void FiveStepsOfAdamWEqualTheRuntimes()
    {
        using var run = new ArtifactRun(GoldenSet.Of(GoldenSet.AdamW));
        Check(run, Expected("adamw.json", Rate), (g, step) => run.AdamW(g, step, Rate, 1e-6));
    }

    [TestMethod]
    public void FiveStepsOfSgdEqualTheRuntimes()
    {
        using var run = new ArtifactRun(GoldenSet.Of(GoldenSet.Sgd));
        Check(run, Expected("sgd.json", Rate), (g, _) => run.Sgd(g, Rate, 0.5));
    }

    /// <summary>The moments that a checkpoint of the runtime's holds are those of its run.</summary>
    [TestMethod]
    public void MomentsOfTheCheckpointAreThoseOfTheRun()
    {
        using var run = new ArtifactRun(GoldenSet.Of(GoldenSet.AdamW));
        for (var step = 1; step <= Steps; step++)
            run.AdamW(run.TrainStep(step - 1), step, 0.05, 1e-6);
        using var saved = OrtCheckpoint.Read(Paths.Golden("ort-training", "checkpoint_after"));
        foreach (var (name, moments) in saved.Optimizer!.Moments)
        {
            Alike(moments[0].ToFloats(), run.Moments[name].First, $"first moment of {name}");
            Alike(moments[1].ToFloats(), run.Moments[name].Second, $"second moment of {name}");
        }

        static void Alike(float[] expected, float[] got, string what) =>
            Same(expected, got, what, Tolerances.Get("ort-training/moments") * expected.Max(MathF.Abs));
    }

    /// <summary>In PyTorch's way the variance is n / (n - 1) of the library's; the mean is the same.</summary>
    [TestMethod]
    public void TheVarianceIsUnbiasedByDefault()
    {
        using var run = new ArtifactRun(GoldenSet.Of(new()));
        var before = run.Weights["bn1.running_var"].ToArray();
        run.TrainStep(0);
        const double count = 8 * 32 * 32;
        var stats = Expected("adamw.json", Rate).GetProperty("running_stats_after_first_train_step");
        Values(stats.GetProperty("bn1.running_mean"), run.Weights["bn1.running_mean"], "mean");
        var row = stats.GetProperty("bn1.running_var");
        foreach (var (at, value) in row.GetProperty("at").EnumerateArray()
            .Zip(row.GetProperty("values").EnumerateArray()))
        {
            var i = at.GetInt32();
            var biased = (value.GetDouble() - 0.9 * before[i]) / 0.1;
            Assert.AreEqual(0.9 * before[i] + 0.1 * biased * count / (count - 1), run.Weights["bn1.running_var"][i],
                2e-6);
        }
    }

    [TestMethod]
    public void AFrozenNormUsesItsStatistics()
    {
        var set = GoldenSet.Of(new() { Frozen = ["bn1.running_*"], OutputLogits = true });
        using var run = new ArtifactRun(set);
        var before = run.Weights["bn1.running_var"].ToArray();
        var loss = run.TrainStep(0)[ArtifactLoss.Output][0];
        Assert.AreEqual(run.EvalStep(0), loss, 1e-6f);
        CollectionAssert.AreEqual(before, run.Weights["bn1.running_var"]);
    }

    /// <summary>Without any feature the classifier gives its bias; without its residual a block learns nothing.</summary>
    [TestMethod]
    public void WhatAMaskDropsIsGone()
    {
        var model = Zoo.Build("test_resnet", new()
        {
            NumClasses = 4,
            ImgSize = (32, 32),
            DropRate = 0.5,
            DropPathRate = 0.5
        });
        using var run = new ArtifactRun(ArtifactSet.Of(
            Fill.Weights(model.Graph, gain: 1), new() { OutputLogits = true }));
        var features = (int)model.Graph.Find("fc.weight")!.Shape[1].Size;
        (run.Fixed["mask:2"], run.Fixed["mask:3"]) = (new float[8], Enumerable.Repeat(1f, 8 * features).ToArray());
        var outputs = run.TrainStep(0);
        Assert.IsTrue(outputs["layer4.0.conv1.weight"].All(g => g == 0));
        Assert.IsTrue(outputs["layer3.0.conv1.weight"].Any(g => g != 0));
        run.Fixed["mask:3"] = new float[8 * features];
        foreach (var logits in run.TrainStep(0)["logits"].Chunk(4))
            CollectionAssert.AreEqual(run.Weights["fc.bias"], logits);
    }

    static void Check(ArtifactRun run, JsonElement expected, Action<Dictionary<string, float[]>, int> update)
    {
        var losses = expected.GetProperty("train_losses");
        for (var step = 1; step <= Steps; step++)
        {
            var outputs = run.TrainStep(step - 1);
            Assert.AreEqual(losses[step - 1].GetDouble(), outputs[ArtifactLoss.Output][0], Tolerance, $"loss {step}");
            if (step == 1)
                CheckFirst(run, expected, outputs);
            update(outputs, step);
        }
        Assert.AreEqual(expected.GetProperty("eval_loss").GetDouble(), run.EvalStep(Steps), Tolerance, "eval loss");
        foreach (var p in expected.GetProperty("parameters_after").EnumerateObject())
            Values(p.Value, run.Weights[p.Name], p.Name);
    }

    static void CheckFirst(ArtifactRun run, JsonElement expected, Dictionary<string, float[]> outputs)
    {
        foreach (var p in expected.GetProperty("first_step_gradients").EnumerateObject())
            Values(p.Value, outputs[p.Name], $"gradient of {p.Name}");
        foreach (var p in expected.GetProperty("running_stats_after_first_train_step").EnumerateObject())
            Values(p.Value, run.Weights[p.Name], p.Name);
        if (expected.GetProperty("first_step_logits") is { ValueKind: JsonValueKind.Array } logits)
            Same([.. logits.EnumerateArray().SelectMany(row => row.EnumerateArray()).Select(v => v.GetSingle())],
                outputs["logits"],
                "logits", Tolerance);
    }

    static void Values(JsonElement row, float[] got, string what)
    {
        foreach (var (at, value) in row.GetProperty("at").EnumerateArray()
            .Zip(row.GetProperty("values").EnumerateArray()))
            Assert.AreEqual(value.GetDouble(), got[at.GetInt32()], Tolerance, what);
        Assert.AreEqual(row.GetProperty("norm").GetDouble(), Math.Sqrt(got.Sum(v => (double)v * v)), 10 * Tolerance,
            $"norm of {what}");
    }

    static void Same(float[] expected, float[] got, string what, double tolerance)
    {
        Assert.HasCount(expected.Length, got, what);
        for (var i = 0; i < got.Length; i++)
            Assert.AreEqual(expected[i], got[i], tolerance, what);
    }

    static JsonElement Expected(string file, double rate) => Golden.Json("ort-training",
        file).GetProperty("runs").EnumerateArray()
        .Single(run => Math.Abs(run.GetProperty("lr").GetDouble() - rate) < 1e-9);
}
