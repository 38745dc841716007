using System.Text.Json.Nodes;
using OnnxTimm.Data;
using OnnxTimm.Models;
using OnnxTimm.Train;
using OnnxTimm.Train.Artifacts;

namespace OnnxTimm.Tests.Train.Artifacts;

/// <summary>What the options make of a set.</summary>
[TestClass]
public sealed class ArtifactOptionTests
{
    static readonly Model Small = Zoo.Build("test_resnet", new() { NumClasses = 4, ImgSize = (32, 32) });

    [TestMethod]
    public void OnlyTheHeadIsTrained()
    {
        var set = ArtifactSet.Of(Small.Graph, new() { Only = ["fc"] });
        CollectionAssert.AreEqual(new[] { "fc.weight", "fc.bias" }, set.Checkpoint.Trainable.Select(t =>
            t.Key).ToArray());
        Assert.IsFalse(Accumulators.Of(set.Training).Any(a => a.Weight.Contains("running")));
    }

    [TestMethod]
    public void FrozenWeightsAreInputsWithoutGradient()
    {
        var set = ArtifactSet.Of(Small.Graph, new() { Frozen = ["conv1.*", "layer1.*.running_*"] });
        CollectionAssert.Contains(set.Checkpoint.Frozen.Select(t => t.Key).ToArray(), "conv1.0.weight");
        Assert.IsNotNull(set.Training.Find("conv1.0.weight"));
        Assert.IsNull(set.Training.Find("conv1.0.weight_grad"));
        var moved = Accumulators.Of(set.Training).Select(a => a.Weight).Where(name =>
            name.Contains("running")).ToArray();
        Assert.IsFalse(moved.Any(name => name.StartsWith("layer1")));
        Assert.IsTrue(moved.Any(name => name.StartsWith("layer2")));
    }

    [TestMethod]
    public void AFailureLeavesTheFolderAsItWas()
    {
        using var folder = new TempFolder();
        ArtifactSet.Of(Small.Graph, new()).Write(folder["set"]);
        var files = Directory.GetFileSystemEntries(folder["set"]).ToDictionary(f => f, File.ReadAllBytes);
        var broken = Zoo.Build("test_resnet", new() { NumClasses = 5, ImgSize = (32, 32) }).Graph;
        broken.Find("fc.weight")!.Data = new(DType.Float32, broken.Find("fc.weight")!.Shape.Sizes, () =>
            throw new IOException("the disk is gone"));
        Assert.Contains("the disk is gone", Assert.ThrowsExactly<UserException>(
            () => ArtifactSet.Of(broken, new()).Write(folder["set"])).Message);
        CollectionAssert.AreEquivalent(files.Keys, Directory.GetFileSystemEntries(folder["set"]));
        foreach (var (file, content) in files)
            CollectionAssert.AreEqual(content, File.ReadAllBytes(file));
    }

    [TestMethod]
    public void AFileIsNoFolder()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["file"], "");
        var set = ArtifactSet.Of(Small.Graph, new());
        Assert.Contains("it is a file", Assert.ThrowsExactly<UserException>(() => set.Write(folder["file"])).Message);
        Assert.Contains("has no name", Assert.ThrowsExactly<UserException>(() => set.Write("")).Message);
    }

    [TestMethod]
    public void AWildcardThatFitsNothingHasItsHint()
    {
        var error = Assert.ThrowsExactly<UserException>(() => ArtifactSet.Of(Small.Graph,
            new() { Frozen = ["fc.weigth"] }));
        Assert.Contains("Did you mean \"fc.weight\"?", error.Message);
        Assert.Contains("left to be trained", Assert.ThrowsExactly<UserException>(
            () => ArtifactSet.Of(Small.Graph, new() { Frozen = ["*"] })).Message);
    }

    [TestMethod]
    [DataRow("ce", "labels Int64[N]")]
    [DataRow("bce", "target Float32[N, 4]")]
    [DataRow("soft", "target Float32[N, 4]")]
    [DataRow("asl", "labels Int64[N]")]
    [DataRow("poly", "labels Int64[N]")]
    [DataRow("bce", "target Float32[N, 4]", true)]
    [DataRow("asl", "target Float32[N, 4]", true)]
    [DataRow("poly", "target Float32[N, 4]", true)]
    [DataRow("twoway", "target Float32[N, 4]", true)]
    [DataRow("zlpr", "target Float32[N, 4]", true)]
    public void EachLossHasItsInput(string loss, string input, bool multiLabel = false)
    {
        var set = ArtifactSet.Of(Small.Graph, new() { Loss = ArtifactLoss.Parse(loss, multiLabel) });
        CollectionAssert.AreEqual(new[] { "input Float32[N, 3, 32, 32]", input },
            set.UserInputs.Select(v => $"{v}").ToArray());
        Assert.AreEqual(input, $"{set.Eval.Inputs[1]}");
    }

    [TestMethod]
    public void LabelsAndTheirRowsHaveOneLoss()
    {
        using var hard = new ArtifactRun(ArtifactSet.Of(Small.Graph, new()));
        using var soft = new ArtifactRun(ArtifactSet.Of(Small.Graph, new() { Loss = ArtifactLoss.Parse("soft") }));
        var labels = Fill.Uniform("labels.0", 8).Select(u => (int)((u + 1) / 2 * 4)).ToArray();
        soft.Fixed["target"] = [.. labels.SelectMany(label => Enumerable.Range(0, 4).Select(c => c == label ? 1f
            : 0f))];
        Assert.AreEqual(hard.EvalStep(0), soft.EvalStep(0), 1e-6f);
    }

    [TestMethod]
    public void MasksAreInputsOfTheTrainingModelAlone()
    {
        var model = Zoo.Build("test_resnet", new()
        {
            NumClasses = 4,
            ImgSize = (32, 32),
            DropRate = 0.5,
            DropPathRate = 0.2
        });
        var set = ArtifactSet.Of(model.Graph, new());
        Assert.IsGreaterThan(1, set.Masks.Count);
        CollectionAssert.AreEqual(
            new[] { "input", "labels" }.Concat(set.Masks.Select((_, i) => $"mask:{i}")).ToArray(),
            set.UserInputs.Select(v => v.Name).ToArray());
        Assert.IsFalse(set.Eval.Inputs.Any(v => v.Name.StartsWith("mask")));
    }

    /// <summary>Field by field as docs/artifacts.md has it, in the order of TrainStep.</summary>
    [TestMethod]
    public void TheSpecificationSaysWhatToFeed()
    {
        using var folder = new TempFolder();
        var model = Zoo.Build("test_resnet", new() { NumClasses = 4, ImgSize = (32, 32), DropRate = 0.25 }).Graph;
        ArtifactSet.Of(model, new()).Write(folder["set"], "p_");
        var spec = JsonNode.Parse(File.ReadAllText(Path.Combine(folder["set"], "p_reference.json")))!;
        var features = model.Find("fc.weight")!.Shape[1];
        CollectionAssert.AreEqual(new[]
        {
            """{"name":"input","type":"float32","shape":["N",3,32,32]}""",
            """{"name":"labels","type":"int64","shape":["N"],"classes":4}""",
            $$"""{"name":"mask:0","type":"float32","shape":["N",{{features}}],"fill":"ones","ratio":0.25}""",
        }, spec["inputs"]!.AsArray().Select(input => input!.ToJsonString()).ToArray());
        Assert.AreEqual("train: p_training_model.onnx, eval: p_eval_model.onnx, optimizer: p_optimizer_model.onnx, "
            + "checkpoint: p_checkpoint",
            string.Join(", ", spec["files"]!.AsObject().Select(f => $"{f.Key}: {f.Value}")));
        Assert.AreEqual((8, "logits"), ((int)spec["batch"]!, (string?)spec["logits"]));
    }

    /// <summary>torch.optim.AdamW's defaults, but for the decay.</summary>
    [TestMethod]
    public void UnlessGivenTheOptimizerIsPyTorchs()
    {
        var adamw = ArtifactSet.Of(Small.Graph, new()).Optimizer.Nodes.Single();
        Assert.AreEqual((0.9f, 0.999f, 1e-8f, 0f, 0), (adamw.Float("alpha"), adamw.Float("beta"),
            adamw.Float("epsilon"), adamw.Float("weight_decay"), adamw.Int("adam_mode")));
    }

    [TestMethod]
    public void AMaskHasItsShareOfZerosAndAMeanOfOne()
    {
        var mask = new float[100_000];
        new DropMask("mask:0", new(Dim.Batch), 0.2).Draw(new CounterRandom(1).At(0, 0), mask);
        CollectionAssert.AreEquivalent(new[] { 0f, 1.25f }, mask.Distinct().ToArray());
        Assert.AreEqual(1, mask.Average(), 0.01);
    }

    [TestMethod]
    public void AnUnknownLossHasItsHint() => Assert.Contains("Did you mean \"soft\"?",
        Assert.ThrowsExactly<UserException>(() => ArtifactLoss.Parse("sotf")).Message);
}
