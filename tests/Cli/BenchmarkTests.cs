using System.Text.Json;

namespace OnnxTimm.Tests.Cli;

[TestClass]
public sealed class BenchmarkTests
{
    /// <summary>Those of timm's columns that are about inference.</summary>
    [TestMethod]
    public void ResultsHaveTimmsColumns()
    {
        var output = Cli.Output("benchmark", "-m", "cifar_resnet20", "--num-bench-iter", "5", "--num-warm-iter", "1", "-b", "2", "--json");
        var result = JsonDocument.Parse(output).RootElement;
        var timm = File.ReadLines(Paths.Golden("cli", "bench.csv")).First().Split(',').Where(c => !c.StartsWith("train_", StringComparison.Ordinal));
        string[] got = [.. result.EnumerateObject().Select(p => p.Name).Except(["infer_gmacs", "infer_macts"])];
        CollectionAssert.AreEqual(timm.ToArray(), got);
        Assert.AreEqual(2000 / result.GetProperty("infer_step_time").GetDouble(),
            result.GetProperty("infer_samples_per_sec").GetDouble(), 0.05 * result.GetProperty("infer_samples_per_sec").GetDouble());
    }
}
