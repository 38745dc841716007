using System.Text.Json;
using OnnxTimm.Models;
using OnnxTimm.Train;

namespace OnnxTimm.Tests.Train;

/// <summary>DropBlock and batch norms of each look: loss, gradients and statistics equal timm's.</summary>
[TestClass]
public sealed class RegularizationTests
{
    static readonly JsonElement[] References =
        [.. Golden.Json("training", "regularization.json.gz").GetProperty("rows").EnumerateArray()];

    public static IEnumerable<object[]> Rows =>
        from i in Enumerable.Range(0, References.Length)
        from dialect in Enum.GetValues<ModelGradientTests.Dialect>()
        select new object[] { i, dialect };

    [TestMethod]
    [DynamicData(nameof(Rows))]
    public void StepsEqualTimms(int i, ModelGradientTests.Dialect dialect)
    {
        var (row, drops) = (References[i], References[i].GetProperty("drops").EnumerateArray().ToArray());
        ModelGradientTests.Check($"regularization/{i}", Network(row), row, dialect, mask =>
        {
            var drop = drops[int.Parse(mask.Name.Split(':')[1])];
            var shape = drop.GetProperty("shape").EnumerateArray().Select(d => d.GetInt64());
            float[] values = [.. Enumerable.Repeat(2f, (int)shape.Aggregate((a, b) => a * b))];
            foreach (var seed in drop.GetProperty("seeds").EnumerateArray())
                values[seed.GetInt32()] = 0;
            return values;
        });
    }

    /// <summary>The host draws as timm does: in that order, of that shape, with that probability.</summary>
    [TestMethod]
    public void MasksAreThoseThatTimmDraws()
    {
        foreach (var row in References)
        {
            var drops = row.GetProperty("drops").EnumerateArray().ToArray();
            var masks = StepGraph.Gradients(Network(row)).Masks;
            Assert.HasCount(drops.Length, masks);
            foreach (var (drop, mask) in drops.Zip(masks))
            {
                Assert.AreEqual(drop.GetProperty("gamma").GetDouble(), ((DropMask)mask).Ratio, 1e-7);
                CollectionAssert.AreEqual(drop.GetProperty("shape").EnumerateArray().Skip(1)
                    .Select(d => d.GetInt64()).ToArray(), mask.Shape.Skip(1).Select(d => d.Size).ToArray());
            }
        }
    }

    /// <summary>What only training has is gone: the first look's norms are the network.</summary>
    [TestMethod]
    public void NothingIsLeftInDeployment()
    {
        var plain = Zoo.Build("test_resnet", new() { NumClasses = 10 }).Graph;
        var trained = Zoo.Build("test_resnet", new() { NumClasses = 10, DropBlockRate = 0.5 }).Graph;
        var split = SplitBatchNorm.Apply(trained, 2);
        Assert.AreEqual(2 * plain.Weights.Count(w => w.Role == Role.Stat),
            split.Weights.Count(w => w.Role == Role.Stat));
        var (expected, got) = (new Trainee("", plain).Inference([]), new Trainee("", split).Inference([]));
        CollectionAssert.AreEqual(expected.Nodes.Select(n => n.Op).ToArray(), got.Nodes.Select(n => n.Op).ToArray());
        CollectionAssert.AreEqual(expected.Stored.Select(v => v.Name).ToArray(),
            got.Stored.Select(v => v.Name).ToArray());
    }

    /// <summary>Norms of the second half learn apart, are stored, and are left out by whoever only infers.</summary>
    [TestMethod]
    public void ATrainingStoresNormsOfEachLook()
    {
        using var folder = new TempFolder();
        var options = TinyTraining.Options(folder[""], "run", o =>
            (o.Epochs, o.WarmupEpochs, o.Resplit, o.SplitBn) = (1, 0, true, true));
        using (var trainer = new Trainer(TinyTraining.Parts(options, new TinyTraining.View())))
            Assert.IsTrue(trainer.Run());
        using (var stored = TrainCheckpoint.Read(folder["run/last.safetensors"]))
            foreach (var name in new[] { "weight", "bias", "running_mean", "running_var" })
                CollectionAssert.AreNotEqual(stored[$"bn1.{name}"].ToFloats(),
                    stored[$"bn1.aux_bn.0.{name}"].ToFloats(), name);
        Assert.IsTrue(File.Exists(folder["run/model_best.onnx"]));
        Cli.Cli.Output("export", "test_resnet", "--checkpoint", folder["run/last.safetensors"], "--num-classes", "4",
            "--img-size", "32", "--output", folder["net.onnx"]);
    }

    [TestMethod]
    [DataRow("vit_tiny_patch16_224")]
    [DataRow("efficientnet_b0")]
    [DataRow("regnetz_b16_evos")]
    public void NetworksThatDropNoBlocksSaySo(string name) =>
        StringAssert.Contains(Assert.ThrowsExactly<UserException>(
            () => Zoo.Build(name, new() { DropBlockRate = 0.1 })).Message, $"{name} has no drop_block_rate");

    [TestMethod]
    public void BatchesThatCannotBeSplitAreRefused()
    {
        Refuse("give --aug-splits 2 or more, or --resplit", o => { });
        Refuse("--batch-size 3 is odd", o => (o.Resplit, o.BatchSize) = (true, 3));
        Refuse("--freeze-bn", o => (o.AugSplits, o.FreezeBn) = (2, true));

        static void Refuse(string message, Action<TrainOptions> change)
        {
            var options = new TrainOptions { SplitBn = true, Model = "test_resnet" };
            change(options);
            StringAssert.Contains(Assert.ThrowsExactly<UserException>(options.Check).Message, message);
        }
    }

    static Graph Network(JsonElement row)
    {
        var (shape, splits) = (ModelGradientTests.Shape(row), row.GetProperty("splits").GetInt32());
        var graph = Zoo.Build(row.GetProperty("model").GetString()!, new()
        {
            NumClasses = 10,
            ImgSize = ((int)shape[2], (int)shape[3]),
            DropBlockRate = row.GetProperty("kwargs").TryGetProperty("drop_block_rate", out var rate)
                ? rate.GetDouble() : 0,
        }).Graph;
        return splits == 0 ? graph : SplitBatchNorm.Apply(graph, splits);
    }
}
