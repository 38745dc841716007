using System.Text.Json;
using OnnxTimm.Infer;

namespace OnnxTimm.Tests.Cli;

[TestClass]
public sealed class BenchmarkTests
{
    [TestMethod]
    public void ResultsHaveTimmsColumns()
    {
        var output = Cli.Output("benchmark", "-m", "cifar_resnet20", "--num-bench-iter", "5", "--num-warm-iter", "1",
            "-b", "2", "--json");
        var result = JsonDocument.Parse(output).RootElement;
        var timm = File.ReadLines(Paths.Golden("cli", "bench.csv")).First().Split(',');
        string[] got = [.. result.EnumerateObject().Select(p => p.Name).Except(["infer_gmacs", "infer_macts"])];
        CollectionAssert.AreEqual(timm, got);
        Assert.AreEqual(2000 / result.GetProperty("infer_step_time").GetDouble(),
            result.GetProperty("infer_samples_per_sec").GetDouble(),
                0.05 * result.GetProperty("infer_samples_per_sec").GetDouble());
    }

    /// <summary>The parts of a step are its whole, in timm's columns behind the whole.</summary>
    [TestMethod]
    public void AStepHasItsParts()
    {
        var result = JsonDocument.Parse(Cli.Output([.. Quick, "-m", "test_resnet", "--bench", "train", "--detail",
            "--opt", "adamw", "--opt-betas", "0.9", "0.99", "--opt-eps", "1e-8", "--weight-decay", "0.05",
            "--clip-grad", "1", "--drop", "0.1", "--drop-path", "0.1"])).RootElement;
        string[] columns = ["model", "train_samples_per_sec", "train_step_time", "train_fwd_time", "train_bwd_time",
            "train_opt_time", "train_batch_size", "train_img_size", "param_count"];
        CollectionAssert.AreEqual(columns, result.EnumerateObject().Select(p => p.Name).ToArray());
        double Time(string name) => result.GetProperty($"train_{name}_time").GetDouble();
        Assert.IsTrue(Time("fwd") > 0 && Time("opt") > 0);
        Assert.IsLessThanOrEqualTo(Math.Max(Time("step"), Time("fwd") + Time("opt")) + 0.01,
            Time("fwd") + Time("bwd") + Time("opt"));
    }

    [TestMethod]
    public void SeveralModelsAreRowsAndOneThatFailsIsLeftOut()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["list.txt"], "test_vit\ntest_resnet\ntest_vit2\n");
        var (code, output, error) = Cli.Run([.. Quick, "--model-list", folder["list.txt"], "--bench", "inference",
            "--gp", "token", "--results-file", folder["b.csv"]]);
        Assert.AreEqual(2, code, error);
        StringAssert.Contains(error, "test_resnet failed: ");
        var rows = JsonDocument.Parse(output).RootElement.EnumerateArray().ToArray();
        CollectionAssert.AreEquivalent(new[] { "test_vit", "test_vit2" },
            rows.Select(row => row.GetProperty("model").GetString()).ToArray());
        Assert.IsGreaterThanOrEqualTo(rows[1].GetProperty("infer_samples_per_sec").GetDouble(),
            rows[0].GetProperty("infer_samples_per_sec").GetDouble());
        var lines = File.ReadAllLines(folder["b.csv"]);
        Assert.HasCount(3, lines);
        StringAssert.StartsWith(lines[0], "model,infer_samples_per_sec,infer_step_time,");
        StringAssert.Contains(Cli.Error("benchmark", "--bench", "train"), "Say which model");
    }

    /// <summary>The batches of timm/utils/decay_batch.py, by its own comment.</summary>
    [TestMethod]
    public void ABatchThatIsTooLargeIsTriedSmaller()
    {
        var (tried, said) = (new List<int>(), new List<string>());
        var done = BatchDecay.Run(64, batch =>
        {
            tried.Add(batch);
            return batch > 1 ? throw new InsufficientMemoryException("full") : batch;
        }, said.Add);
        CollectionAssert.AreEqual(new[] { 64, 48, 32, 24, 16, 12, 8, 6, 4, 3, 2, 1 }, tried);
        Assert.AreEqual((1, 11, "full A batch of 48 is tried instead of 64."), (done, said.Count, said[0]));
        Assert.ThrowsExactly<InsufficientMemoryException>(() => BatchDecay.Run<int>(1,
            _ => throw new InsufficientMemoryException(), _ => { }));
        Assert.ThrowsExactly<UserException>(() => BatchDecay.Run<int>(4, _ => throw new UserException("no such file"),
            _ => Assert.Fail()));
    }

    static readonly string[] Quick =
        ["benchmark", "--num-bench-iter", "2", "--num-warm-iter", "1", "-b", "2", "--json"];
}
