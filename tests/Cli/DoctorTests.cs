using System.Text.Json;
using OnnxTimm.Infer;

namespace OnnxTimm.Tests.Cli;

[TestClass]
public sealed class DoctorTests
{
    const string NoCuda = "onnxtimm: CUDA is not in this build of ONNX Runtime. Build the program with "
        + "-p:OrtPackage=Microsoft.ML.OnnxRuntime.Gpu.Linux to have it.\n";

    [TestMethod]
    public void ItSaysWhatThereIs()
    {
        var found = JsonDocument.Parse(Cli.Output("doctor", "--json")).RootElement;
        Assert.AreEqual(Microsoft.ML.OnnxRuntime.OrtEnv.Instance().GetVersionString(),
            found.GetProperty("onnxruntime").GetString());
        Assert.AreEqual("CPUExecutionProvider", found.GetProperty("providers")[0].GetString());
        Assert.IsFalse(found.GetProperty("telemetry").GetBoolean());
        Assert.IsGreaterThan(1, found.GetProperty("images_per_second").GetDouble());
        Assert.AreEqual(JsonValueKind.Null, found.GetProperty("fault").ValueKind);
        Assert.Contains("\ntelemetry    off\n", Cli.Output("doctor"));
    }

    /// <summary>The same line of whoever is asked for a device that is not there.</summary>
    [TestMethod]
    [DataRow("doctor")]
    [DataRow("doctor", "--json")]
    [DataRow("infer", "-m", "cifar_resnet20", "--data-dir", "demo/photos")]
    [DataRow("embed", "-m", "cifar_resnet20", "--data-dir", "demo/photos")]
    [DataRow("benchmark", "cifar_resnet20", "--bench", "inference")]
    public void ADeviceThatIsNotThereIsOneLine(params string[] command)
    {
        command = Array.ConvertAll(command, word => word.StartsWith("demo/", StringComparison.Ordinal)
            ? Path.Combine(Paths.Root, word) : word);
        var (code, _, error) = Cli.Run([.. command, "--device", "cuda"]);
        Assert.AreEqual(1, code);
        Assert.EndsWith(NoCuda, error);
    }

    /// <summary>Files of Linux as its documentation has them.</summary>
    [TestMethod]
    [DataRow("/sys/fs/cgroup/memory.max", "268435456\n", 268435456L)]
    [DataRow("/sys/fs/cgroup/memory.max", "max\n", null)]
    [DataRow("/sys/fs/cgroup/memory/memory.limit_in_bytes", "1048576\n", 1048576L)]
    [DataRow("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n", null)]
    public void TheLimitOfAContainerIsRead(string path, string content, long? limit)
    {
        var machine = Machine.Read(p => p == path || p == "/proc/meminfo",
            p => p == path ? content : "MemTotal:        1024000 kB\nMemFree:         9 kB\n", 7);
        Assert.AreEqual(1024000L * 1024, machine.Memory);
        Assert.AreEqual(limit, machine.Limit);
    }
}
