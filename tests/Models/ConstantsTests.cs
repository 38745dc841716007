using System.Text.Json;
using OnnxTimm.Data;
using OnnxTimm.Models;
using OnnxTimm.Passes;
using OnnxTimm.Train;

namespace OnnxTimm.Tests.Models;

/// <summary>Numbers that files have and nobody learns, and those that a training draws anew, against timm.</summary>
[TestClass]
public sealed class ConstantsTests
{
    /// <summary>
    /// Gemma's bounds of what goes into and comes out of linear layers, and how its largest encoder moves and scales
    /// its tokens: narrow encoders.
    /// </summary>
    [TestMethod]
    public void GemmaKeepsItsBounds()
    {
        foreach (var row in Rows("bounds.json"))
        {
            var (name, expected) = (row.GetProperty("name").GetString()!, Floats(row, "values"));
            var graph = Fill.Weights(Gemma(name), 1);
            foreach (var (key, constant) in graph.StateDict.Where(w => !Fill.IsFilled(w.Name, w.Weight)))
                constant.Data = Tensor.Of(Constant(key, constant.Shape.Count.Size), constant.Shape.Sizes);
            long[] image = [2, 3, 48, 96];
            Close(expected, Ort.Run(graph, ("input", Fill.Input(image), image))["y"], "zoo/bounds");
        }
    }

    /// <summary>Where no file says anything there is no bound, and none in an export.</summary>
    [TestMethod]
    public void WithoutAFileThereIsNoBound()
    {
        var graph = Gemma("gemma4_vit_167m");
        Assert.AreEqual(2 * 2 * 7, graph.Nodes.Count(n => n.Op == "Clip"));
        Assert.AreEqual(float.PositiveInfinity,
            graph.Find("encoder.blocks.0.attn.q_proj.input_max")!.Data!.ToFloats().Single());
        Assert.IsFalse(StripTraining.Apply(graph).Nodes.Any(n => n.Op == "Clip"));
    }

    /// <summary>An average of weights among which such bounds are.</summary>
    [TestMethod]
    public void WhatIsInfiniteStaysSoInAnAverage()
    {
        var weights = new FlatTensors(new([("bound", []), ("weight", [1])]));
        (weights["bound"].Span[0], weights["weight"].Span[0]) = (float.NegativeInfinity, 1);
        var ema = new Ema(new(0.5), weights);
        ema.Update(1);
        weights["weight"].Span[0] = 3;
        ema.Update(2);
        Assert.AreEqual((float.NegativeInfinity, 2f),
            (ema.Average[0]["bound"].Span[0], ema.Average[0]["weight"].Span[0]));
    }

    /// <summary>Coordinates of Sapiens' networks times a factor that each step draws (rescale_coords).</summary>
    [TestMethod]
    public void RotationsAreRescaledInTraining()
    {
        var graph = new Graph("rope");
        float[] bands = [.. Rope.Bands(4, 100).Select(b => 2 * MathF.PI * b)];
        var plain = Rope.Of(graph, Rope.UnitPositions((2, 3)), bands, RopePairs.Halves);
        var rope = plain.RescaledInTraining(most: 2);
        graph.Output("sin", rope.Sin);
        graph.Output("cos", rope.Cos);
        var step = Lowering.Of(graph);
        Assert.AreEqual(new FactorMask("mask:0", 2), step.Masks.Single());
        foreach (var row in Rows("rescaled.json"))
        {
            var got = Ort.Run(step.Graph, ("mask:0", [(float)row.GetProperty("factor").GetDouble()], []));
            Close(Floats(row, "sin"), got["sin"], "zoo/rescaled");
            Close(Floats(row, "cos"), got["cos"], "zoo/rescaled");
        }
        var still = StripTraining.Apply(graph);
        Assert.IsFalse(still.Nodes.Any(n => n.Op is "Rescaled" or "Sin" or "Cos"));
        CollectionAssert.AreEqual(plain.Sin.Data!.ToFloats(), Ort.Run(still)["sin"]);
    }

    [TestMethod]
    public void FactorsAreLogUniform()
    {
        var (mask, random, draws) = (new FactorMask("mask:0", 2), new CounterRandom(1), new float[4000]);
        for (var i = 0; i < draws.Length; i++)
            mask.Draw(random.At(0, i), draws.AsSpan(i, 1));
        Assert.IsTrue(draws.All(x => x is >= 0.5f and <= 2));
        // Four standard errors of a mean of logarithms, of their quarters' share likewise.
        Assert.AreEqual(0, draws.Average(x => Math.Log2(x)), 4 / Math.Sqrt(3 * draws.Length));
        Assert.AreEqual(0.25, draws.Count(x => x < Math.Sqrt(0.5)) / (double)draws.Length,
            4 * Math.Sqrt(0.1875 / draws.Length));
    }

    /// <summary>All networks of Sapiens' have the factor in training, none of their siblings has.</summary>
    [TestMethod]
    public void SapiensDrawsItsFactor()
    {
        var drawn = Zoo.List("vit_base_patch16_*", "eva").Where(name => Zoo.Build(name).Graph.Nodes
            .Any(n => n.Op == "Rescaled"));
        CollectionAssert.AreEqual(new[] { "vit_base_patch16_sapiens2" }, drawn.ToArray());
    }

    static Graph Gemma(string name)
    {
        var isEncoder = name.EndsWith("_enc", StringComparison.Ordinal);
        var graph = new Graph(name);
        var net = new Net(new() { NumClasses = isEncoder ? 0 : 5 }, Pretrained.Default(name));
        var image = graph.Input("input", DType.Float32, new(Dim.Batch, 3, 48, 96));
        var narrow = Gemma4Vit.Family[name] with { Size = new(32, 2, 2, 64) };
        graph.Output("y", Gemma4Vit.Family.Build(narrow, net, graph.Root, image));
        return graph;
    }

    /// <summary>Bounds that many values meet, and numbers near the initial ones: those of the reference.</summary>
    static float[] Constant(string key, long count)
    {
        var u = Fill.Uniform(key, count);
        return key[(key.LastIndexOf('.') + 1)..] switch
        {
            "input_min" or "output_min" => [-0.6f - 0.2f * u[0]],
            "input_max" or "output_max" => [0.5f + 0.2f * u[0]],
            "std_bias" => [.. u.Select(x => 0.1f * x)],
            _ => [.. u.Select(x => 0.2f * x + 1)],
        };
    }

    static JsonElement.ArrayEnumerator Rows(string file) =>
        JsonDocument.Parse(File.ReadAllText(Paths.Golden("zoo", file))).RootElement.EnumerateArray();

    static double[] Floats(JsonElement row, string name) =>
        [.. row.GetProperty(name).EnumerateArray().Select(v => v.GetDouble())];

    static void Close(double[] expected, float[] got, string tolerance)
    {
        Assert.HasCount(expected.Length, got);
        Assert.IsLessThan(Tolerances.Get(tolerance) * expected.Max(Math.Abs),
            expected.Zip(got, (a, b) => Math.Abs(a - b)).Max());
    }
}
