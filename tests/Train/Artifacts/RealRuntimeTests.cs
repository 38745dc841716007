using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json.Nodes;
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
    [DataRow("mobilenetv2_050", 64)]
    public void SmallNetworksTrain(string name, int size) =>
        Check(Network(name, size, batch: 4), specify: null, "--fit-steps", "40");

    /// <summary>
    /// The loss of the first step is an evaluation's, and one update by AdamW's formulas leads to the next.
    /// </summary>
    [TestMethod]
    public void FrozenNormsTrainWithTheirStatistics()
    {
        var set = ArtifactSet.Of(Fill.Weights(Small(new()), gain: 1), new() { Frozen = ["*running_*"] });
        using var run = new ArtifactRun(set);
        var evaluated = run.EvalStep(0);
        run.AdamW(run.TrainStep(0), step: 1, rate: 0.001, epsilon: 1e-8);
        var expected = new JsonObject
        {
            ["lr"] = 0.001,
            ["steps"] = 1,
            ["train_losses"] = new JsonArray(evaluated),
            ["eval_loss"] = run.EvalStep(1),
        };
        Assert.Contains("losses equal the expected ones", Check(set, spec => spec["runs"] = new JsonArray(expected)));
    }

    /// <summary>The consumer feeds ones as the specification says; told of two classes, zeros and ones.</summary>
    [TestMethod]
    public void MasksOfZerosAndOnesTrain()
    {
        var model = Small(new() { DropRate = 0.5, DropPathRate = 0.5 });
        Check(ArtifactSet.Of(Fill.Weights(model, gain: 1), new()), spec =>
        {
            JsonNode[] masks = [.. spec["inputs"]!.AsArray().OfType<JsonNode>().Where(i => i["ratio"] is not null)];
            Assert.HasCount(4, masks, "three blocks and the classifier");
            foreach (var mask in masks)
                (mask["fill"], mask["classes"]) = (null, 2);
        });
    }

    [TestMethod]
    [TestCategory("all")]
    [DataRow("resnet18", 2)]
    [DataRow("resnet50", 2)]
    [DataRow("seresnet50", 4)] // of two images, one lies so near to a kink that differences see both of its slopes
    [DataRow("efficientnet_lite0", 2)]
    [DataRow("mixnet_s", 2)]
    [DataRow("vit_tiny_patch16_224", 2)]
    [DataRow("resnet50_gn", 2)]
    public void LargerNetworksTrain(string name, int batch) =>
        Check(Network(name, size: 64, batch), specify: null, "--fit-steps", "40");

    /// <summary>The function that docs/artifacts.md shows.</summary>
    [TestMethod]
    public void TheSampleForTheWebLearns()
    {
        var set = ArtifactSet.Of(Small(new()), new());
        Assert.Contains("->", Script(set, null, "sample.mjs", "32", "4"));
    }

    static ArtifactSet Network(string name, int size, int batch)
    {
        var model = Zoo.Build(name, new() { NumClasses = 10, ImgSize = (size, size), BatchSize = batch });
        // Initial biases are zero, where a norm takes back what the one before it scales: gradients of rounding alone.
        return ArtifactSet.Of(Fill.Weights(model.Graph, gain: 1), new());
    }

    static Graph Small(ModelOptions options) =>
        Zoo.Build("test_resnet", options with { NumClasses = 4, ImgSize = (32, 32) }).Graph;

    /// <summary>What the consumer says of a set, with another specification where there is one.</summary>
    static string Check(ArtifactSet set, Action<JsonNode>? specify = null, params string[] arguments)
    {
        var output = Script(set, specify, "consume.mjs", arguments);
        StringAssert.EndsWith(output.TrimEnd(), "PASS");
        return output;
    }

    /// <summary>What a script says of a set; it must succeed.</summary>
    static string Script(ArtifactSet set, Action<JsonNode>? specify, string script, params string[] arguments)
    {
        if (Consumer.Value is null)
            Assert.Inconclusive("Skipped: there is no Node 20, or its packages cannot be fetched.");
        using var temp = new TempFolder();
        set.Write(temp["set"]);
        var file = Path.Combine(temp["set"], "reference.json");
        var spec = JsonNode.Parse(File.ReadAllText(file))!;
        specify?.Invoke(spec);
        File.WriteAllText(file, spec.ToJsonString());
        var (code, output) = Run("node", Consumer.Value!, [Path.Combine(Consumer.Value!, script), temp["set"],
            .. arguments]);
        Assert.AreEqual(0, code, output);
        return output;
    }

    /// <summary>
    /// The consumer with its packages, below the folder of what is built; null where they cannot be had.
    /// </summary>
    static string? Install()
    {
        var folder = Path.Combine(Paths.Root, "artifacts", "consumer");
        Directory.CreateDirectory(folder);
        foreach (var file in new[] { "package.json", "package-lock.json", "consume.mjs", "sample.mjs" })
            File.Copy(Path.Combine(Paths.Root, "tests", "consumer", file), Path.Combine(folder, file), overwrite: true);
        File.Copy(Path.Combine(Paths.Root, "docs", "samples", "train.mjs"), Path.Combine(folder, "train.mjs"),
            overwrite: true);
        try
        {
            return Directory.Exists(Path.Combine(folder, "node_modules", "onnxruntime-web"))
                || Run(OperatingSystem.IsWindows() ? "npm.cmd" : "npm", folder, "ci", "--ignore-scripts",
                    "--no-audit", "--no-fund").Code == 0
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
