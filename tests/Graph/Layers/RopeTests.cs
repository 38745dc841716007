namespace OnnxTimm.Tests.Graphs;

/// <summary>Positions as sines and cosines: what the layers compute is what timm's functions gave.</summary>
[TestClass]
public sealed class RopeTests
{
    /// <summary>
    /// What timm's apply_rot_embed_cat made of tokens 1 and 5 of sin(0.7 i) [2 x 3 tokens, 8], by the tables of
    /// build_rotary_pos_embed, and of RotaryEmbeddingDinoV3 for the last.
    /// </summary>
    static readonly Dictionary<string, (Func<Graph, Rope> Rope, float[] Tokens)> Grids = new()
    {
        ["a grid of another size, by half a step"] = (g => Rope.Of(g, Rope.Positions((2, 3), (4, 4), 0.5f), Rope.Bands(2, 100)),
        [
            -0.3552231f, -0.5221081f, 0.5550522f, 1.048821f, -0.6457945f, 0.6442928f, -0.1844056f, -0.9349687f,
            -0.2099225f, 0.4470243f, -0.5762695f, -1.191198f, 0.5831313f, 0.02765851f, 0.3413352f, 1.172461f,
        ]),
        ["columns first"] = (g => Rope.Of(g, Rope.Positions((2, 3)), Rope.Bands(2, 100), columnsFirst: true),
        [
            -0.3552231f, -0.5221081f, 0.5550522f, 1.048821f, 0.8545991f, 0.3190989f, -0.3664793f, -0.8796958f,
            0.2627364f, 0.418172f, -0.6923119f, -1.127716f, -0.3828032f, -0.4407594f, 0.6031839f, 1.061764f,
        ]),
        ["pixels"] = (g => Rope.Of(g, Rope.EdgePositions((2, 3)), Rope.PixelBands(2, 32, linear: false)),
        [
            0.6312667f, -0.01681367f, 0.656988f, 0.9881673f, 0.8545991f, 0.3190989f, -0.3664793f, -0.8796958f,
            -0.2709058f, 0.4129265f, -0.9025531f, -0.9676973f, 0.5777157f, -0.08397441f, 0.7061687f, 0.9962428f,
        ]),
        ["pixels, linear bands"] = (g => Rope.Of(g, Rope.EdgePositions((2, 3)), Rope.PixelBands(2, 32, linear: true)),
        [
            0.6312667f, -0.01681367f, 0.656988f, 0.9881673f, 0.8545991f, 0.3190989f, -0.3664793f, -0.8796958f,
            -0.2709058f, 0.4129265f, -0.9025531f, -0.9676973f, 0.5777157f, -0.08397441f, 0.7061687f, 0.9962428f,
        ]),
        ["middles and halves"] = (g => Rope.Of(g, Rope.UnitPositions((2, 3)), Turns(2, 100), RopePairs.Halves),
        [
            0.6312667f, 0.1145977f, 0.6569866f, 0.9881682f, -0.8545992f, 0.2982854f, -0.3664793f, -0.8796958f,
            -0.2709059f, -0.418666f, 1.062839f, -1.289242f, 0.5777157f, -0.04773685f, 0.4285497f, 0.5165148f,
        ]),
    };

    public static IEnumerable<object[]> Names => Grids.Keys.Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void AGridTurnsAsTimms(string name)
    {
        var (rope, expected) = Grids[name];
        var turned = Turned(rope, 1);
        Near(expected, [.. turned[8..16], .. turned[40..48]]);
    }

    /// <summary>Frequencies cos(0.9 i) [axis, head, 4]; token 4 of two heads.</summary>
    [TestMethod]
    public void LearnedFrequenciesTurnAsTimms()
    {
        float[] expected =
        [
            0.9094831f, -0.363664f, -0.684886f, -0.9083103f, 0.6584238f, 0.2299112f, 0.5874847f, -1.152672f,
            -0.1069657f, 0.5322604f, 0.2585751f, 1.224133f, -0.2379256f, 0.7637091f, 0.9469555f, -0.4653758f,
        ];
        var turned = Turned(g => Rope.Mixed(Frequencies(g, 0), Frequencies(g, 8), (2, 3), 0, columnsFirst: true), 2);
        Near(expected, [.. turned[32..40], .. turned[80..88]]);
    }

    [TestMethod]
    public void TokensBeforeTheGridAreNotTurned()
    {
        var graph = new Graph();
        var x = graph.Input("x", DType.Float32, new(Dim.Batch, 1, 8, 8));
        var positions = Rope.Positions((2, 3));
        graph.Output("y", Rope.Of(graph, positions, Rope.Bands(2, 100), prefix: 2).Rotate(x));
        graph.Output("mixed", Rope.Mixed(Frequencies(graph, 0), Frequencies(graph, 8), (2, 3), 2, false).Rotate(x));
        graph.Output("grid", Rope.Of(graph, positions, Rope.Bands(2, 100)).Rotate(x.Slice(2, 2, 8)));
        var values = Fill.Input("x", [1, 1, 8, 8]);
        var y = Ort.Run(graph, ("x", values, [1, 1, 8, 8]));
        CollectionAssert.AreEqual(values[..16], y["y"][..16]);
        CollectionAssert.AreEqual(values[..16], y["mixed"][..16]);
        CollectionAssert.AreEqual(y["grid"], y["y"][16..]);
    }

    /// <summary>Tokens 1 and 5 of build_sincos2d_pos_embed([2, 3], 8, 100).</summary>
    [TestMethod]
    public void PositionsAreTimms()
    {
        Near(
            [
                0f, 0f, 0.841471f, 0.09983342f, 1f, 1f, 0.5403023f, 0.9950042f, 0.841471f, 0.09983342f, 0.9092974f,
                0.1986693f, 0.5403023f, 0.9950042f, -0.4161468f, 0.9800666f,
            ], Tokens(g => g.SinCosPositions((2, 3), 8, 100)));
        Near(
            [
                0f, 0f, 1f, 1f, 0.841471f, 0.09983342f, 0.5403023f, 0.9950042f, 0.841471f, 0.09983342f, 0.5403023f,
                0.9950042f, 0.9092974f, 0.1986693f, -0.4161468f, 0.9800666f,
            ], Tokens(g => g.SinCosPositions((2, 3), 8, 100, byAxis: true)));
    }

    static float[] Tokens(Func<Graph, Value> make)
    {
        var all = make(new Graph()).Data!.ToFloats();
        return [.. all[8..16], .. all[40..48]];
    }

    static float[] Turned(Func<Graph, Rope> make, int heads)
    {
        var graph = new Graph();
        var x = graph.Input("x", DType.Float32, new(Dim.Batch, heads, 6, 8));
        graph.Output("y", make(graph).Rotate(x));
        float[] tokens = [.. Enumerable.Range(0, heads * 48).Select(i => MathF.Sin(i * 0.7f))];
        return Ort.Run(graph, ("x", tokens, [1, heads, 6, 8]))["y"];
    }

    /// <summary>Angles of whole turns, as DINOv3 counts them.</summary>
    static float[] Turns(int count, double temperature) =>
        [.. Rope.Bands(count, temperature).Select(b => 2 * MathF.PI * b)];

    static Value Frequencies(Graph graph, int from) => graph.Const(Tensor.Of(
        [.. Enumerable.Range(from, 8).Select(i => MathF.Cos(i * 0.9f))], 2, 1, 4));

    static void Near(float[] expected, float[] got)
    {
        Assert.HasCount(expected.Length, got);
        foreach (var (i, (a, b)) in expected.Zip(got).Index())
            Assert.AreEqual(a, b, Tolerances.Get("graph/layers"), $"[{i}]");
    }
}
