namespace OnnxTimm.Tests;

/// <summary>A layer on the wrong axis is an error, never another network.</summary>
[TestClass]
public sealed class LayoutTests
{
    [TestMethod]
    public void ALayerOnTheLastAxisRefusesAMap()
    {
        Func<Value, Scope, Value>[] layers =
        [
            (x, s) => x.Linear(s, 5), Layers.LayerNorm, Layers.RmsNorm, Layers.SimpleNorm,
            (x, s) => x.LayerScale(s, 1), (x, s) => x.Mlp(s, 8, Ops.Relu), (x, s) => (x.Relu() + 1).Linear(s, 5),
        ];
        foreach (var layer in layers)
            Refuses(layer, Map(8, 8), "ChannelsLast()");
    }

    [TestMethod]
    public void ALayerOnAMapRefusesChannelsLast()
    {
        Func<Value, Scope, Value>[] layers =
        [
            (x, s) => x.Conv(s, 4, k: 1), Layers.BatchNorm, (x, s) => x.LayerScale2d(s, 1),
            (x, s) => x.DepthwiseConv(s, k: 3),
        ];
        foreach (var layer in layers)
            Refuses(layer, Map(8, 8).ChannelsLast().Gelu(), "ChannelsFirst()");
    }

    [TestMethod]
    public void ABatchNormRefusesTokens() => Refuses(Layers.BatchNorm, Map(8, 8).ToTokens(), "OverRows");

    [TestMethod]
    public void RowsOfTokensAreNormed()
    {
        var tokens = Map(2, 3).ToTokens();
        var y = tokens.OverRows(rows => rows.Linear(At(tokens)["linear"], 5, bias: false).BatchNorm(At(tokens)["bn"]));
        Assert.AreEqual(new Shape(Dim.Batch, 6, 5), y.Shape);
    }

    [TestMethod]
    public void AMapKnowsItsSidesInEitherLayout()
    {
        var last = Map(6, 8).ChannelsLast();
        var y = last.Linear(At(last)["linear"], 5).LayerNorm(At(last)["norm"]).Gelu();
        Assert.AreEqual((Layout.ChannelsLast, 5, 6, 8, 5), (y.Layout, y.Channels, y.Height, y.Width, y.Features));
        var first = y.ChannelsFirst();
        Assert.AreEqual((Layout.ChannelsFirst, 5, 6, 8), (first.Layout, first.Channels, first.Height, first.Width));
        Assert.AreSame(last, last.ChannelsLast());
        Assert.AreEqual(new Shape(Dim.Batch, 48, 5), first.ToTokens().Shape);
    }

    static void Refuses(Func<Value, Scope, Value> layer, Value x, string advice) => StringAssert.Contains(
        Assert.ThrowsExactly<InvalidOperationException>(() => layer(x, At(x))).Message, advice);

    static Scope At(Value x) => x.Graph.Root["layer"];

    static Value Map(int height, int width)
    {
        var graph = new Graph();
        return graph.Input("x", DType.Float32, new(Dim.Batch, 3, height, width)).Conv(graph.Root["stem"], 4, k: 3);
    }
}
