using OnnxTimm.Deploy;
using OnnxTimm.Models;

namespace OnnxTimm.Tests.Deploy;

/// <summary>What stays in float beside codes, and in which form.</summary>
[TestClass]
public sealed class FloatPartTests
{
    static readonly HashSet<string> Nothing = [];

    /// <summary>Between codes a GELU is one kernel, in whatever order its factors were multiplied.</summary>
    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(2)]
    public void AGeluBetweenCodesIsOneKernel(int order)
    {
        var graph = new Graph("small");
        var x = graph.Input("input", DType.Float32, new(Dim.Batch, 3, 32, 32)).Conv(graph.Root["first"], 32, k: 3);
        var y = order switch
        {
            0 => x * ((x / Math.Sqrt(2)).Erf() + 1) * 0.5,
            1 => x * 0.5 * ((x / Math.Sqrt(2)).Erf() + 1),
            _ => (1 + (x * (1 / Math.Sqrt(2))).Erf()) * 0.5 * x,
        };
        graph.Output("logits", y.Conv(graph.Root["second"], 32, k: 3).GlobalAveragePool().Flatten()
            .Linear(graph.Root["fc"], 10));
        var quantization = Measured(graph);
        var operators = RuntimeGraph.Of(quantization.Write(Nothing)).Operators;
        Assert.AreEqual(1, operators["com.microsoft.Gelu"], string.Join(", ", operators));
        Assert.IsFalse(operators.ContainsKey("Erf"));
        var pixels = Fill.Input(1, 3, 32, 32);
        var (before, after) = (Ort.Run(graph, ("input", pixels, [1, 3, 32, 32]))["logits"],
            Ort.Run(quantization.Float, ("input", pixels, [1, 3, 32, 32]))["logits"]);
        for (var i = 0; i < before.Length; i++)
            Assert.AreEqual(before[i], after[i], before.Max(Math.Abs) * Tolerances.Get("deploy/equalized"));
    }

    /// <summary>
    /// Wide maps of few channels with hard swishes are slower on codes: the network begins in float. Before it was cut,
    /// all of it was 0.7 times as fast as in float.
    /// </summary>
    [TestMethod]
    public void ANetworkThatIsSlowerOnCodesKeepsABeginInFloat()
    {
        var quantization = Measured(Zoo.Build("lcnet_050").Graph);
        Node[] all = [.. quantization.Float.Nodes.Where(n => n.Op == "Conv")];
        var coded = quantization.Place(Nothing).Nodes.Select(n => n.Name).ToHashSet();
        Assert.IsFalse(all.Take(3).Any(n => coded.Contains(n.Name)));
        Assert.IsGreaterThan(all.Length / 3, all.Count(n => coded.Contains(n.Name)));
    }

    /// <summary>
    /// Each group of a convolution gathers windows of its own, which takes longer than the products of few channels:
    /// dla46x_c was 0.57 times as fast on codes as in float.
    /// </summary>
    [TestMethod]
    public void GroupsOfFewChannelsStayInFloat()
    {
        var quantization = Measured(Zoo.Build("dla46x_c").Graph);
        var coded = quantization.Place(Nothing).Nodes.Select(n => n.Name).ToHashSet();
        foreach (var n in quantization.Float.Nodes.Where(n => n.Op == "Conv" && n.Int("group", 1) > 1))
            Assert.AreEqual(n[1].Shape[1].Size > 4, coded.Contains(n.Name), $"{n.Name} {n[1].Shape}");
    }

    /// <summary>
    /// The runtime takes codes before a pool whose result becomes codes, and its kernel on codes is slow where channels
    /// come first: no pool behind a layer in float is followed by codes. halonet_h1's took 7.5 ms in place of 0.3.
    /// </summary>
    [TestMethod]
    public void NoPoolIsLeftBetweenNumbersAndCodes()
    {
        var graph = new Graph("small");
        var x = graph.Input("input", DType.Float32, new(Dim.Batch, 3, 128, 128)).Conv(graph.Root["stem"], 16, k: 7)
            .Relu().MaxPool(3, 2);
        for (var i = 0; i < 3; i++)
            x = x.Conv(graph.Root[$"layer{i}"], 128, k: 1).Relu();
        graph.Output("logits", x.GlobalAveragePool().Flatten().Linear(graph.Root["fc"], 10));
        var written = Measured(graph).Write(Nothing);
        var pool = written.Nodes.Single(n => n.Op == "MaxPool");
        Assert.AreEqual(pool[0].Producer!.Op == "DequantizeLinear",
            written.Nodes.Any(n => n.Op == "QuantizeLinear" && n[0] == pool.Out));
        Assert.IsTrue(written.Nodes.Any(n => n.Op == "QuantizeLinear"));
    }

    /// <summary>Averages of windows are slow on codes: those of wide maps are taken of numbers.</summary>
    [TestMethod]
    public void AnAverageOfAWideMapIsTakenOfNumbers()
    {
        var quantization = Measured(Zoo.Build("test_coatnet").Graph);
        var widest = quantization.Float.Nodes.Where(n => n.Op == "AveragePool").MaxBy(n => n.Out.Shape[2].Size)!;
        Assert.IsFalse(quantization.Place(Nothing).Nodes.Any(n => n.Name == widest.Name), widest.Name);
    }

    static Quantization Measured(Graph graph) => Quantization.Begin(graph, new(), Noise.For(graph, 4));
}
