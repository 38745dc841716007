using System.Text.Json;

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
}
