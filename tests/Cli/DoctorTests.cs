using System.Text.Json;
using OnnxTimm.Infer;

namespace OnnxTimm.Tests.Cli;

[TestClass]
public sealed class DoctorTests
{
    const string None = " is not in this ONNX Runtime";

    const string Gpu = "which has cpu. The package Microsoft.ML.OnnxRuntime.Gpu.Linux has it: ./build.sh publish --gpu "
        + "makes a program with that.";

    [TestMethod]
    public void ItSaysWhatThereIs()
    {
        var found = JsonDocument.Parse(Cli.Output("doctor", "--json")).RootElement;
        Assert.AreEqual(Microsoft.ML.OnnxRuntime.OrtEnv.Instance().GetVersionString(),
            found.GetProperty("onnxruntime").GetString());
        Assert.AreEqual("CPUExecutionProvider", found.GetProperty("providers")[0].GetString());
        Assert.AreEqual(JsonValueKind.Null, found.GetProperty("devices").GetProperty("cpu").ValueKind);
        Assert.Contains(None, found.GetProperty("devices").GetProperty("tensorrt").GetString()!);
        Assert.IsFalse(found.GetProperty("telemetry").GetBoolean());
        Assert.IsGreaterThan(1, found.GetProperty("images_per_second").GetDouble());
        Assert.AreEqual(JsonValueKind.Null, found.GetProperty("fault").ValueKind);
        Assert.Contains("\ntelemetry    off\n", Cli.Output("doctor"));
    }

    /// <summary>The same line of whoever is asked for a device that is not there, before anything is read.</summary>
    [TestMethod]
    [DataRow("doctor")]
    [DataRow("doctor", "--json")]
    [DataRow("infer", "-m", "nothing.onnx", "--data-dir", "nowhere")]
    [DataRow("embed", "-m", "nothing.onnx", "--data-dir", "nowhere")]
    [DataRow("validate", "-m", "nothing.onnx", "--data-dir", "nowhere")]
    [DataRow("benchmark", "nothing.onnx", "--bench", "inference")]
    [DataRow("bulk", "--model-list", "test_*", "validate", "--data-dir", "nowhere")]
    [DataRow("verify", "nothing.onnx", "--against", "other.onnx", "--data-dir", "nowhere")]
    [DataRow("train", "--data-dir", "nowhere")]
    public void ADeviceThatIsNotThereIsOneLine(params string[] command)
    {
        var error = Cli.Error([.. command, "--device", "cuda"]);
        Assert.StartsWith($"onnxtimm: cuda{None}", error);
        Assert.EndsWith($"{Gpu}\n", error);
    }

    [TestMethod]
    [DataRow("tensorrt", "The package Microsoft.ML.OnnxRuntime.Gpu.Linux has it")]
    [DataRow("openvino", "A build of ONNX Runtime with --use_openvino has it.")]
    [DataRow("dnnl", "A build of ONNX Runtime with --use_dnnl has it.")]
    [DataRow("xnnpack", "A build of ONNX Runtime with --use_xnnpack has it.")]
    public void WhereARuntimeWithADeviceComesFromIsSaid(string device, string origin)
    {
        var error = Cli.Error("infer", "-m", "nothing.onnx", "--data-dir", "nowhere", "--device", device);
        Assert.StartsWith($"onnxtimm: {device}{None}", error);
        Assert.Contains(origin, error);
    }

    /// <summary>A setting without a value, an option of another device: one line, before anything is read.</summary>
    [TestMethod]
    [DataRow("\"trt_fp16_enable\" is no setting of ONNX Runtime: write key=value.", "trt_fp16_enable")]
    [DataRow("No setting of ONNX Runtime \"use_tf32\"", "use_tf32=1")]
    public void AnOptionThatIsNoneIsOneLine(string message, string setting)
    {
        foreach (var verb in (string[])["infer", "validate", "embed"])
            Assert.Contains(message, Cli.Error(verb, "-m", "nothing.onnx", "--data-dir", "nowhere", "--ort", setting));
        Assert.Contains(message, Cli.Error("train", "--data-dir", "nowhere", "--ort", setting));
        Assert.Contains(message, Cli.Error("benchmark", "nothing.onnx", "--ort", setting));
    }

    /// <summary>Also other flags of which nothing has to be read to see that they are wrong.</summary>
    [TestMethod]
    [DataRow("Either --use-ema or --no-use-ema", "infer", "--use-ema", "--no-use-ema")]
    [DataRow("tensorrt runs networks but does not train them: cpu and cuda do.", "train", "--device", "tensorrt")]
    [DataRow("tensorrt runs networks but does not train them: give --bench inference.", "benchmark", "--device",
        "tensorrt")]
    [DataRow("Cannot read \"absent\"", "infer", "--labels", "absent")]
    [DataRow("Cannot read \"absent\"", "validate", "--real-labels", "absent")]
    [DataRow("Cannot read \"absent\"", "validate", "--valid-labels", "absent")]
    public void WhatIsWrongIsSaidBeforeAnythingIsRead(string message, string verb, params string[] flags) =>
        Assert.StartsWith($"onnxtimm: {message}", Cli.Error([verb, .. verb switch
        {
            "benchmark" => (string[])["cifar_resnet20"],
            "train" => ["--data-dir", "nowhere"],
            _ => ["-m", "nothing.onnx", "--data-dir", "nowhere"],
        }, .. flags]));

    [TestMethod]
    public void ThePlacementIsPrintedWhereItIsAskedFor()
    {
        string[] command = ["benchmark", "cifar_resnet20", "--bench", "inference", "--num-warm-iter", "0",
            "--num-bench-iter", "1", "--batch-size", "1"];
        StringAssert.Matches(
            Cli.Run([.. command, "--placement"]).Error, new(@"(?m)^onnxtimm: cpu has (\d+) of \1 nodes$"));
        Assert.DoesNotContain("nodes", Cli.Run(command).Error);
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
