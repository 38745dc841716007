using OnnxTimm.Deploy;
using OnnxTimm.Models;
using OnnxTimm.Onnx;

namespace OnnxTimm.Tests.Deploy;

/// <summary>Where codes begin and end.</summary>
[TestClass]
public sealed class PlacementTests
{
    static readonly HashSet<string> Nothing = [];

    /// <summary>
    /// What the runtime makes of a whole network: no number goes to codes or back between the image and the logits.
    /// </summary>
    [TestMethod]
    [DataRow("cifar_resnet20", 32)]
    [DataRow("resnet18", 32)]
    [DataRow("mobilenetv2_035", 32)]
    [DataRow("repvgg_a0", 32)]
    [DataRow("mobilenetv3_small_050", 32)]
    [DataRow("resnetv2_18", 32)]
    public void ConvolutionalNetworksLeaveNothingOver(string name, int size)
    {
        var quantization = Measured(Zoo.Build(name, new() { ImgSize = (size, size) }).Graph);
        var graph = RuntimeGraph.Of(quantization.Write(Nothing));
        Assert.AreEqual(0, graph.LeftOver, string.Join(", ", graph.Operators));
        Assert.IsFalse(graph.Operators.ContainsKey("Conv"), string.Join(", ", graph.Operators));
    }

    /// <summary>The clamp is gone, and its input has the range of its result.</summary>
    [TestMethod]
    public void AClampBecomesSaturation()
    {
        var graph = Small(x => x.Relu6());
        var written = Measured(graph).Write(Nothing);
        Assert.IsFalse(written.Nodes.Any(n => n.Op == "Clip"));
        var first = Convolution(written, "first");
        var q = written.Nodes.Single(n => n.Op == "QuantizeLinear" && n[0] == first.Out);
        Assert.AreEqual((byte)0, q[2].Data!.Span<byte>()[0]);
        Assert.IsLessThanOrEqualTo(6f / 255, q[1].Data!.Span<float>()[0]);
    }

    /// <summary>A clamp beside another reader cuts codes off: its input keeps its negative numbers.</summary>
    [TestMethod]
    public void AClampBesideAnotherReaderIsOfCodes()
    {
        var graph = Small(x => x.Relu() + x);
        var written = Measured(graph).Write(Nothing);
        Assert.AreEqual(DType.UInt8, written.Nodes.Single(n => n.Op == "Clip").Out.Type);
        Assert.AreEqual(0, RuntimeGraph.Of(written).LeftOver);
    }

    /// <summary>Pools and views have the codes of what they read.</summary>
    [TestMethod]
    public void WhatMovesNumbersSharesTheirGrid()
    {
        var written = Measured(Small(x => x.MaxPool(3, 1, 1))).Write(Nothing);
        var pool = written.Nodes.Single(n => n.Op == "MaxPool");
        Assert.AreSame(pool[0].Producer![1], written.Nodes.Single(n => n[0] == pool.Out)[1]);
    }

    [TestMethod]
    public void WhatIsExcludedStaysInFloat()
    {
        var graph = Small(x => x.Relu().Conv(x.Graph.Root["third"], 32, k: 3));
        var written = Measured(graph, new() { Exclude = ["second*"] }).Write(Nothing);
        Assert.IsNotNull(Convolution(written, "second")[1].Data);
        Assert.IsNull(Convolution(written, "third")[1].Data);
    }

    /// <summary>
    /// The runtime takes a layer between codes of one step to codes itself, with one step for all weights.
    /// </summary>
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void WhatIsExcludedIsComputedInFloat(bool isClamped)
    {
        var graph = Small(x =>
        {
            var before = x.Conv(x.Graph.Root["before"], 32, k: 3);
            return (isClamped ? before.Relu() : before).Conv(x.Graph.Root["third"], 32, k: 3).Relu();
        });
        var quantization = Measured(graph, new() { Exclude = ["third*"] });
        var written = quantization.Write(Nothing);
        Assert.AreEqual("DequantizeLinear", Convolution(written, "third")[0].Producer!.Op);
        var operators = RuntimeGraph.Of(written).Operators;
        Assert.AreEqual(quantization.Place(Nothing).Nodes.Count(n => n.Op == "Conv"),
            operators["com.microsoft.QLinearConv"], string.Join(", ", operators));
    }

    /// <summary>A layer in float costs one way to codes: sums behind it read the same codes as the layers do.</summary>
    [TestMethod]
    public void OneLayerInFloatLeavesTheOthersAsTheyAre()
    {
        var quantization = Measured(Zoo.Build("cifar_resnet20").Graph);
        var written = quantization.Write(new HashSet<string> { "conv1/Conv" });
        Assert.AreEqual(1, RuntimeGraph.Of(written).LeftOver);
    }

    /// <summary>Layer norms and attention stay in float; products have codes whose range is found at each call.</summary>
    [TestMethod]
    public void TransformersFindTheirRangesAtEachCall()
    {
        var graph = Zoo.Build("vit_tiny_patch16_224", new() { ImgSize = (32, 32), NumClasses = 10 }).Graph;
        var quantization = Quantization.Begin(graph, new(), null);
        Assert.AreEqual("cpu-vit", quantization.Recipe.Name);
        var operators = RuntimeGraph.Of(quantization.Write(Nothing)).Operators;
        // Of twelve blocks the four linear layers.
        Assert.AreEqual(48, operators.Where(o => o.Key is "com.microsoft.DynamicQuantizeMatMul"
            or "com.microsoft.MatMulIntegerToFloat").Sum(o => o.Value),
            string.Join(", ", operators));
    }

    /// <summary>Zero point 0, a pair of its own before each convolution, none behind it, biases in float.</summary>
    [TestMethod]
    public void TensorRtHasSymmetricPairsBeforeConvolutions()
    {
        var written = Measured(Small(x => x.Relu()), new() { Recipe = Recipe.Named("tensorrt") }).Write(Nothing);
        foreach (var conv in written.Nodes.Where(n => n.Op == "Conv"))
        {
            Assert.AreEqual((sbyte)0, conv[0].Producer![2].Data!.Span<sbyte>()[0]);
            Assert.AreEqual("QuantizeLinear", conv[0].Producer![0].Producer!.Op);
            Assert.AreEqual(DType.Float32, conv[2].Type);
        }
        Assert.AreEqual(3, written.Nodes.Count(n => n.Op == "QuantizeLinear"), "two convolutions and a product");
        Assert.AreEqual(1, written.Nodes.Count(n => n.Op == "Relu"));
    }

    /// <summary>A quarter of the bytes, and operators in float32 that the runtime has as before.</summary>
    [TestMethod]
    public void WeightsAloneLeaveTheArithmeticAsItWas()
    {
        var graph = Zoo.Build("cifar_resnet20").Graph;
        var quantization = Quantization.Begin(graph, new() { Recipe = Recipe.Named("weights-int8") }, null);
        var written = quantization.Write(Nothing);
        Assert.IsLessThan(0.3, written.Stored.Sum(v => v.Data!.ByteCount)
            / (double)quantization.Float.Stored.Sum(v => v.Data!.ByteCount));
        CollectionAssert.AreEquivalent(RuntimeGraph.Of(quantization.Float).Operators.ToArray(),
            RuntimeGraph.Of(written).Operators.ToArray());
    }

    /// <summary>What stands for a tensor has its name, and so the one who looks for an error finds it.</summary>
    [TestMethod]
    public void TensorsKeepTheirNames()
    {
        var quantization = Measured(Small(x => (x + x.MaxPool(3, 1, 1)).Relu() + x));
        var written = quantization.Write(Nothing);
        foreach (var n in quantization.Float.Nodes.Where(n => n.Op is "Relu" or "MaxPool" or "GlobalAveragePool"))
            Assert.AreEqual("DequantizeLinear", written.Find(n.Out.Name)!.Producer!.Op, n.Out.Name);
    }

    [TestMethod]
    public void TheNumberOfThreadsChangesNothing()
    {
        var graph = Small(x => x.Relu6());
        byte[][] files = [.. new[] { 1, 3 }.Select(workers => OnnxFile.ToBytes(
            Quantization.Begin(graph, new() { Equalizes = true }, Noise.For(graph, 7, workers)).Write(Nothing)))];
        CollectionAssert.AreEqual(files[0], files[1]);
    }

    /// <summary>Groups that would cost more than they save stay in float.</summary>
    [TestMethod]
    public void AConvolutionOfFewProductsStaysInFloat()
    {
        var graph = new Graph("depthwise");
        var x = graph.Input("input", DType.Float32, new(Dim.Batch, 3, 32, 32));
        graph.Output("map", x.DepthwiseConv(graph.Root["conv"], 3).Gelu());
        Assert.Contains("nothing", Assert.Throws<UserException>(() => Measured(graph).Write(Nothing)).Message);
    }

    /// <summary>The convolution with the weight of a name, as numbers or as codes.</summary>
    static Node Convolution(Graph graph, string name) => graph.Nodes.Single(n => n.Op == "Conv"
        && (n[1].Producer?[0] ?? n[1]).Name.StartsWith(name, StringComparison.Ordinal));

    static Graph Small(Func<Value, Value> between)
    {
        var graph = new Graph("small");
        var x = graph.Input("input", DType.Float32, new(Dim.Batch, 3, 32, 32));
        var y = between(x.Conv(graph.Root["first"], 32, k: 3)).Conv(graph.Root["second"], 32, k: 3);
        graph.Output("logits", y.GlobalAveragePool().Flatten().Linear(graph.Root["fc"], 10));
        return graph;
    }

    static Quantization Measured(Graph graph, QuantizeOptions? options = null) =>
        Quantization.Begin(graph, options ?? new(), Noise.For(graph, 4));
}
