using Microsoft.ML.OnnxRuntime;
using OnnxTimm.Conversion;
using OnnxTimm.Onnx;

namespace OnnxTimm.Tests.Cli;

/// <summary>The command that writes a training step as one file.</summary>
[TestClass]
public sealed class ArtifactsStepTests
{
    /// <summary>Its own start and one batch are all that it takes.</summary>
    [TestMethod]
    [DataRow("adafactor")]
    [DataRow("lookahead_muon")]
    public void AStepOfAnyOptimizerRuns(string opt)
    {
        using var folder = new TempFolder();
        var output = Cli.Output("artifacts", "test_resnet", "--num-classes", "4", "--img-size", "32", "--form", "step",
            "--opt", opt, "--weight-decay", "0.05", "--output", folder["step"]);
        Assert.Contains("input  target Float32[N, 4]", output);
        using var start = Checkpoint.Open(Path.Combine(folder["step"], "train_start.safetensors"), false);
        var outputs = FirstStep(folder["step"]);
        var moved = outputs.Keys.Where(name => name.StartsWith("next:param:", StringComparison.Ordinal)).ToArray();
        Assert.IsTrue(moved.All(name => outputs[name].All(float.IsFinite)));
        foreach (var name in new[] { "next:param:fc.weight", "next:param:fc.bias" })
            CollectionAssert.AreNotEqual(start[name[5..]].ToFloats(), outputs[name]);
    }

    /// <summary>The file has more nodes, and gives the same bits.</summary>
    [TestMethod]
    public void AStepComputesBlocksAgain()
    {
        using var folder = new TempFolder();
        string[] words = ["artifacts", "test_vit", "--num-classes", "4", "--img-size", "32", "--drop-path", "0.1",
            "--form", "step", "--output"];
        Cli.Output([.. words, folder["kept"]]);
        Cli.Output([.. words, folder["again"], "--grad-checkpointing"]);
        var (kept, again) = (FirstStep(folder["kept"]), FirstStep(folder["again"]));
        foreach (var (name, values) in kept)
            CollectionAssert.AreEqual(values, again[name], name);
        // Of all six blocks but the last.
        Assert.AreEqual(Softmaxes("kept") + 5, Softmaxes("again"));

        int Softmaxes(string name) => OnnxFile.Read(folder[$"{name}/train_step.onnx"]).Nodes
            .Count(n => n.Op == "Softmax");
    }

    /// <summary>What a step file gives for its own start and one batch.</summary>
    static Dictionary<string, float[]> FirstStep(string folder)
    {
        using var start = Checkpoint.Open(Path.Combine(folder, "train_start.safetensors"), false);
        using var session = new InferenceSession(Path.Combine(folder, "train_step.onnx"));
        return Ort.Run(session, [.. session.InputMetadata.Select(input =>
        {
            long[] shape = [.. input.Value.Dimensions.Select(d => d < 0 ? 2L : d)];
            var count = shape.Aggregate(1L, (a, b) => a * b);
            return (input.Key, start.TryGetValue(input.Key, out var tensor) ? tensor.ToFloats()
                : [.. Fill.Uniform(input.Key, count).Select(Math.Abs)], shape);
        })]);
    }
}
