namespace OnnxTimm.Tests.Graphs;

/// <summary>Links of attentions against loops over their definitions; whole attentions are compared with timm's.</summary>
[TestClass]
public sealed class AttentionTests
{
    /// <summary>softmax(q k' / sqrt(d) + bias) v of two heads, three queries and four keys of other widths.</summary>
    [TestMethod]
    public void AttentionWeighsValues()
    {
        var graph = new Graph();
        var (q, k, v) = (Input(graph, "q", 3, 4), Input(graph, "k", 4, 4), Input(graph, "v", 4, 6));
        var bias = graph.Const(Tensor.Of(Fill.Uniform("bias", 2 * 3 * 4), 2, 3, 4));
        graph.Output("y", Qkv.Of(q, k, v, heads: 2).Attend(bias).MergeHeads());
        var got = Ort.Run(graph, Data("q", 3, 4), Data("k", 4, 4), Data("v", 4, 6))["y"];
        var (dq, dk, dv, db) = (Of("q", 3, 4), Of("k", 4, 4), Of("v", 4, 6), Fill.Uniform("bias", 24));
        for (var head = 0; head < 2; head++)
            for (var i = 0; i < 3; i++)
            {
                var weights = Enumerable.Range(0, 4).Select(j => Math.Exp(db[(head * 3 + i) * 4 + j]
                    + Enumerable.Range(2 * head, 2).Sum(c => dq[i * 4 + c] * dk[j * 4 + c]) / Math.Sqrt(2))).ToArray();
                for (var c = 3 * head; c < 3 * head + 3; c++)
                    Assert.AreEqual(weights.Select((w, j) => w * dv[j * 6 + c]).Sum() / weights.Sum(),
                        got[i * 6 + c], Tolerances.Get("graph/layers"));
            }
    }

    [TestMethod]
    [DataRow(QkvBias.All, "qkv.weight qkv.bias")]
    [DataRow(QkvBias.None, "qkv.weight")]
    [DataRow(QkvBias.WithoutKey, "q_bias v_bias qkv.weight")]
    public void ABiasMayBeOfSome(QkvBias bias, string names)
    {
        var graph = new Graph();
        var qkv = Input(graph, "x", 3, 4).Qkv(graph.Root, 2, bias, width: 8);
        Assert.AreEqual(names, string.Join(' ', graph.Weights.Select(w => w.Name)));
        Assert.AreEqual(new Shape(Dim.Batch, 2, 3, 4), qkv.V.Shape);
    }

    /// <summary>Each new head is a mixture of all.</summary>
    [TestMethod]
    public void HeadsTalk()
    {
        var graph = new Graph();
        graph.Output("y", graph.Input("x", DType.Float32, new(Dim.Batch, 2, 3, 3)).OverHeads(graph.Root["proj_l"]));
        var x = Fill.Input("x", [1, 2, 3, 3]);
        var (w, b) = (Data("proj_l.weight"), Data("proj_l.bias"));
        var y = Ort.Run(graph, ("x", x, [1, 2, 3, 3]))["y"];
        for (var i = 0; i < 18; i++)
            Assert.AreEqual(w[i / 9 * 2] * x[i % 9] + w[i / 9 * 2 + 1] * x[9 + i % 9] + b[i / 9], y[i],
                Tolerances.Get("graph/layers"));

        float[] Data(string name) => graph.Find(name)!.Data!.ToFloats();
    }

    [TestMethod]
    public void CosinesAreOfUnitVectors()
    {
        var graph = new Graph();
        graph.Output("y", graph.Input("x", DType.Float32, new(2, 2)).L2Normalize());
        var y = Ort.Run(graph, ("x", [3, -4, 0, 0], [2, 2]))["y"];
        CollectionAssert.AreEqual(new[] { 0.6f, -0.8f, 0, 0 }, y);
    }

    static Value Input(Graph graph, string name, int length, int width) =>
        graph.Input(name, DType.Float32, new(Dim.Batch, length, width));

    static float[] Of(string name, int length, int width) => Fill.Input(name, [1, length, width]);

    static (string, float[], long[]) Data(string name, int length, int width) =>
        (name, Of(name, length, width), [1, length, width]);
}
