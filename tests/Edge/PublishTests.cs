using System.Diagnostics;

namespace OnnxTimm.Tests.Edge;

/// <summary>The program as build.sh publishes it, compiled ahead of time.</summary>
[TestClass]
[TestCategory("all")]
[DoNotParallelize]
[OSCondition(OperatingSystems.Linux)]
public sealed class PublishTests
{
    const long MB = 1_000_000;

    static readonly TempFolder Folder = new();

    static readonly string Photos = Path.Combine(Paths.Root, "demo", "photos");

    [ClassCleanup]
    public static void Clean() => Folder.Dispose();

    [TestMethod]
    public void ItSaysWhatInferSaysAndNeedsOneLibrary()
    {
        var program = Publish("linux-x64");
        var model = Export();
        Cli.Cli.Output("infer", Photos, "--model", model, "--topk", "2", "--results-file", Folder["r.csv"]);
        Assert.AreEqual(File.ReadAllText(Folder["r.csv"]),
            Run(0, program, model, Photos, "--topk", "2", "--format", "csv"));
        var folder = Path.GetDirectoryName(program)!;
        Assert.IsLessThanOrEqualTo(10 * MB, new FileInfo(program).Length);
        Assert.IsLessThanOrEqualTo(41 * MB, new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories)
            .Sum(f => f.Length));
        CollectionAssert.AreEquivalent((string[])["libonnxruntime.so", "onnxtimm-run", "onnxtimm-run@.service"],
            Directory.GetFiles(folder).Select(f => Path.GetFileName(f)).ToArray());
        foreach (var licence in (string[])["onnxtimm", "onnxtimm-notice", "onnxruntime", "onnxruntime-notice", "dotnet",
            "dotnet-notice"])
            Assert.IsTrue(File.Exists(Path.Combine(folder, "licenses", $"{licence}.txt")), licence);
        File.Copy(program, Folder["alone"]);
        Run(1, Folder["alone"], model, Photos);
        Assert.StartsWith("n01774384", Run(0, Folder["alone"], model, Photos, "--runtime", folder));
    }

    /// <summary>By an emulator, with what ONNX Runtime reads of a processor from that of a board.</summary>
    [TestMethod]
    public void Arm64SaysTheSame()
    {
        foreach (var tool in (string[])["/usr/bin/aarch64-linux-gnu-gcc", "/usr/bin/qemu-aarch64-static", "/usr/bin/unshare"])
            if (!File.Exists(tool))
                Assert.Inconclusive($"Skipped: {tool} is not here.");
        if (Environment.UserName != "root")
            Assert.Inconclusive("Skipped: only root can put another /proc/cpuinfo before a program.");
        var (program, model) = (Publish("linux-arm64"), Export());
        File.WriteAllText(Folder["cpuinfo"], """
            processor	: 0
            Features	: fp asimd evtstrm crc32 cpuid
            CPU implementer	: 0x41
            CPU architecture: 8
            CPU variant	: 0x0
            CPU part	: 0xd08
            CPU revision	: 3

            """);
        string Labels(string text) => string.Join('\n', text.Split('\n').Select(line => line.Split('\t')[^1]));
        var emulated = $"mount --bind {Folder["cpuinfo"]} /proc/cpuinfo && exec qemu-aarch64-static "
            + $"-L /usr/aarch64-linux-gnu -cpu cortex-a72 {program} {model} {Photos} --threads 1";
        Assert.AreEqual(Labels(EdgeRun.Run(model, Photos).Out), Labels(Run(0, "unshare", "-m", "sh", "-c", emulated)));
    }

    static string Publish(string rid)
    {
        Run(0, "dotnet", "publish", Path.Combine(Paths.Root, "src", "Edge"), "-c", "Release", "-v", "quiet", "-r", rid,
            "-p:PublishAot=true", "--artifacts-path", Path.Combine(Paths.Root, "artifacts", "edge"), "-o", Folder[rid],
            "-nr:false");
        return Path.Combine(Folder[rid], "onnxtimm-run");
    }

    static string Export()
    {
        if (!File.Exists(Folder["lite0.onnx"]))
            Cli.Cli.Output("export", "tf_efficientnet_lite0", "--checkpoint",
                Path.Combine(Paths.Root, "demo", "tf_efficientnet_lite0.safetensors"), "--output", Folder["lite0.onnx"]);
        return Folder["lite0.onnx"];
    }

    static string Run(int code, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.AreEqual(code, process.ExitCode, error.GetAwaiter().GetResult());
        return output;
    }
}
