using System.ComponentModel;
using System.Diagnostics;
using OnnxTimm.Conversion;
using OnnxTimm.Models;
using OnnxTimm.Train.Artifacts;

namespace OnnxTimm.Tests.Train.Artifacts;

/// <summary>
/// The real ONNX Runtime 1.19.2 trains with our sets: its build for the web, run by Node without a browser
/// (tests/consumer). It checks interface, losses, every gradient against differences of the loss, and that it learns.
/// </summary>
[TestClass]
public sealed class RealRuntimeTests
{
    static readonly Lazy<string?> Consumer = new(Install);

    [TestMethod]
    public void TheGoldenNetworkTrains() => Check(GoldenSet.Of(GoldenSet.AdamW));

    [TestMethod]
    public void TheGoldenNetworkTrainsBySgd() => Check(GoldenSet.Of(GoldenSet.Sgd));

    [TestMethod]
    public void ACheckpointOfTheRuntimeTrainsOn()
    {
        using var saved = OrtCheckpoint.Read(Paths.Golden("ort-training", "checkpoint_after"));
        Check(GoldenSet.Of(GoldenSet.AdamW) with { Checkpoint = saved });
    }

    [TestMethod]
    [DataRow("cifar_resnet20", 32)]
    [DataRow("test_vit", 64)]
    public void SmallNetworksTrain(string name, int size) =>
        Check(ArtifactSet.Of(Zoo.Build(name, new() { NumClasses = 10, ImgSize = (size, size) }).Graph, new()));

    [TestMethod]
    [TestCategory("all")]
    [DataRow("resnet18", 64)]
    [DataRow("resnet50", 64)]
    [DataRow("seresnet50", 64)]
    [DataRow("mobilenetv2_050", 64)]
    [DataRow("efficientnet_lite0", 64)]
    [DataRow("mixnet_s", 64)]
    [DataRow("vit_tiny_patch16_224", 64)]
    [DataRow("resnet50_gn", 64)]
    public void LargerNetworksTrain(string name, int size) => SmallNetworksTrain(name, size);

    static void Check(ArtifactSet set)
    {
        if (Consumer.Value is not { } folder)
        {
            Assert.Inconclusive("Skipped: there is no Node 20, or its packages cannot be fetched.");
            return;
        }
        using var temp = new TempFolder();
        set.Write(temp["set"]);
        var (code, output) = Run("node", folder, Path.Combine(folder, "consume.mjs"), temp["set"]);
        Assert.AreEqual(0, code, output);
        StringAssert.EndsWith(output.TrimEnd(), "PASS");
    }

    /// <summary>The consumer with its packages, below the folder of what is built; null where they cannot be had.</summary>
    static string? Install()
    {
        var folder = Path.Combine(Paths.Root, "artifacts", "consumer");
        Directory.CreateDirectory(folder);
        foreach (var file in new[] { "package.json", "package-lock.json", "consume.mjs" })
            File.Copy(Path.Combine(Paths.Root, "tests", "consumer", file), Path.Combine(folder, file), overwrite: true);
        try
        {
            return Directory.Exists(Path.Combine(folder, "node_modules", "onnxruntime-web"))
                || Run(OperatingSystem.IsWindows() ? "npm.cmd" : "npm", folder, "ci", "--ignore-scripts", "--no-audit", "--no-fund").Code == 0
                    ? folder
                    : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    static (int Code, string Output) Run(string program, string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + error.Result);
    }
}
