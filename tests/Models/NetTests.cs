using OnnxTimm.Models;

namespace OnnxTimm.Tests.Models;

/// <summary>Where blocks stand and how networks end, whatever the family.</summary>
[TestClass]
public sealed class NetTests
{
    static readonly Pretrained Record = Pretrained.Default("net");

    [TestMethod]
    public void PlacesCountBlocksAndStages()
    {
        var places = new Net(new() { ProjDropRate = 0.1, AttnDropRate = 0.2 }, Record).Blocks([2, 1]).ToArray();
        CollectionAssert.AreEqual(new[] { (0, 0, 0, true, false), (0, 1, 1, false, true), (1, 0, 2, true, true) },
            places.Select(p => (p.Stage, p.Index, p.Number, p.IsFirst, p.IsLast)).ToArray());
        Assert.IsTrue(places.All(p => (p.ProjDrop, p.AttnDrop) == (0.1, 0.2)));
    }

    /// <summary>timm's rules over blocks [2, 1, 1] at 0.3.</summary>
    [TestMethod]
    public void StochasticDepthGrowsByItsRule()
    {
        (Func<double, Place, double> Rule, double[] Rates)[] rules =
        [
            (DropPathRule.Linear, [0, 0.1, 0.2, 0.3]), (DropPathRule.ByShare, [0, 0.075, 0.15, 0.225]),
            (DropPathRule.Stagewise, [0, 0, 0.15, 0.3]), (DropPathRule.Constant, [0.3, 0.3, 0.3, 0.3]),
        ];
        foreach (var (rule, rates) in rules)
            CollectionAssert.AreEqual(rates, new Net(new() { DropPathRate = 0.3 }, Record).Blocks([2, 1, 1], rule)
                .Select(p => Math.Round(p.DropPath, 9)).ToArray());
    }

    /// <summary>timm's make_blocks: the first window of a stage still has the dilation of the map before it.</summary>
    [TestMethod]
    [DataRow("resnet26", 8, 28, "1 1 1 1 1 2 2 4")]
    [DataRow("resnet26", 16, 14, "1 1 1 1 1 1 1 2")]
    [DataRow("resnet26", 32, 7, "1 1 1 1 1 1 1 1")]
    [DataRow("resnetv2_18", 8, 28, "1 1 1 1 1 1 1 1 1 2 2 2 2 4 4 4")]
    public void AStageDilatesWhereItMustNotDivide(string name, int stride, int side, string dilations)
    {
        var model = Zoo.Build(name, new() { OutputStride = stride });
        Assert.AreEqual((side, side), (model.Net.Features[0].Height, model.Net.Features[0].Width));
        var windows = model.Graph.Nodes.Where(n => n.Op == "Conv" && n.Ints("kernel_shape") is [3, 3]);
        Assert.AreEqual(dilations, string.Join(" ", windows.Select(n => n.Ints("dilations")![0])));
        CollectionAssert.AreEqual(Zoo.Build(name).Graph.Weights.Select(w => w.ToString()).ToArray(),
            model.Graph.Weights.Select(w => w.ToString()).ToArray());
    }

    [TestMethod]
    public void ANetworkThatDoesNotDilateSaysSo() => StringAssert.Contains(Assert.ThrowsExactly<UserException>(
        () => Zoo.Build("vit_tiny_patch16_224", new() { OutputStride = 16 })).Message, "has no output_stride");

    [TestMethod]
    [DataRow("avg", 4)]
    [DataRow("max", 4)]
    [DataRow("fastavgmax", 4)]
    [DataRow("catavgmax", 8)]
    public void AMapOfEitherLayoutIsPooled(string pool, int width)
    {
        foreach (var last in new[] { false, true })
        {
            var (net, map) = Over(new() { GlobalPool = pool, NumClasses = 5 });
            var logits = net.Head(last ? map.ChannelsLast() : map, new(map.Graph.Root["head"]));
            Assert.AreEqual(new Shape(Dim.Batch, width), net.PreLogits[0].Shape);
            Assert.AreEqual(new Shape(Dim.Batch, 5), logits.Shape);
        }
    }

    [TestMethod]
    [DataRow("avgg")]
    [DataRow("token")]
    public void AnUnknownPoolIsSaid(string pool)
    {
        var (net, map) = Over(new() { GlobalPool = pool });
        StringAssert.Contains(Assert.ThrowsExactly<UserException>(() =>
            net.Head(map, new(map.Graph.Root["head"]))).Message, $"No global pool \"{pool}\" of this network.");
    }

    [TestMethod]
    public void AHeadConvolvesAndNormsAfterThePool()
    {
        var (net, map) = Over(new() { NumClasses = 5 });
        var s = map.Graph.Root;
        net.Head(map, new(s["head"])
        {
            Pooled = x => x.Conv(s["conv_head"], 6, k: 1).Relu(),
            Norm = x => x.LayerNorm(s["norm"]),
            Hidden = x => x.Linear(s["fc"], 7).Gelu(),
        });
        CollectionAssert.AreEqual(new[] { "[6, 4, 1, 1]", "[6]", "[6]", "[6]", "[7, 6]", "[7]", "[5, 7]", "[5]" },
            map.Graph.Weights.SkipWhile(w => !w.Name.StartsWith("conv_head", StringComparison.Ordinal))
                .Select(w => w.Shape.ToString()).ToArray());
        CollectionAssert.AreEqual(new[] { "head" }, net.Classifiers.ToArray());
    }

    /// <summary>DeiT's: the mean of two heads, of each of which the logits are kept.</summary>
    [TestMethod]
    public void SeveralHeadsAreAveraged()
    {
        var (net, map) = Over(new() { NumClasses = 3 });
        var (s, x) = (map.Graph.Root, map.GlobalAveragePool().Flatten());
        var mean = net.Heads([(new(s["head"]), x), (new(s["head_dist"]), x)]);
        foreach (var (i, weight) in map.Graph.Weights.Index())
            weight.Data = Tensor.Of(Fill.Uniform($"w{i}", weight.Data!.Count), weight.Shape.Sizes);
        (string Name, Value Value)[] outputs = [("mean", mean), ("a", net.Logits[0]), ("b", net.Logits[1])];
        foreach (var (name, value) in outputs)
            map.Graph.Output(name, value);
        var got = Ort.Run(map.Graph, ("x", Fill.Input([2, 3, 4, 4]), [2, 3, 4, 4]));
        for (var i = 0; i < got["mean"].Length; i++)
            Assert.AreEqual((got["a"][i] + got["b"][i]) / 2, got["mean"][i], 1e-6);
        CollectionAssert.AreEqual(new[] { "head", "head_dist" }, net.Classifiers.ToArray());
    }

    /// <summary>LeViT's: the classifier's name is that of the linear layer, and the dropout is behind the norm.</summary>
    [TestMethod]
    public void AHeadNormsBeforeItsLinearLayer()
    {
        var (net, map) = Over(new() { NumClasses = 3, DropRate = 0.5 });
        var s = map.Graph.Root["head"];
        net.Head(map, new(s["linear"]) { Classifier = Head.NormLinear(s["bn"]) });
        CollectionAssert.AreEqual(new[] { "head.linear" }, net.Classifiers.ToArray());
        Assert.AreEqual("Conv GlobalAveragePool Flatten BatchNormalization Dropout Gemm",
            string.Join(" ", map.Graph.Nodes.Select(n => n.Op)));
    }

    [TestMethod]
    public void WithoutClassesSeveralHeadsGiveWhatTheyRead()
    {
        var (net, map) = Over(new() { NumClasses = 0 });
        var (s, x) = (map.Graph.Root, map.GlobalAveragePool().Flatten());
        var y = net.Heads([(new(s["a"]), x), (new(s["b"]), x)], read => read.Concat(1));
        Assert.AreEqual(new Shape(Dim.Batch, 8), y.Shape);
        Assert.IsFalse(map.Graph.Weights.Any(w => w.Name.StartsWith("a.", StringComparison.Ordinal)));
    }

    static (Net Net, Value Map) Over(ModelOptions options)
    {
        var graph = new Graph();
        var image = graph.Input("x", DType.Float32, new(Dim.Batch, 3, 4, 4));
        return (new Net(options, Record), image.Conv(graph.Root["stem"], 4, k: 3));
    }
}
