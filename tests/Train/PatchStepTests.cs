using System.Numerics.Tensors;
using System.Text.Json;
using OnnxTimm.Train;

namespace OnnxTimm.Tests.Train;

/// <summary>A step on patches of images of several shapes has timm's loss and gradients.</summary>
[TestClass]
public sealed class PatchStepTests
{
    public static IEnumerable<object[]> Rows =>
        from row in Golden.Json("training", "naflex.json.gz").Get("gradients").EnumerateArray()
        from portable in new[] { true, false }
        select new object[] { row.Text("name"), row.Get("side").GetInt32(), portable, row.ToString() };

    /// <summary>Of the network's own patches and of others, in both dialects.</summary>
    [TestMethod]
    [DynamicData(nameof(Rows))]
    public void GradientsAreTimms(string name, int side, bool portable, string json)
    {
        var row = JsonDocument.Parse(json).RootElement;
        using var session = Session(name, side, portable, row);
        var noise = row.Get("noise");
        var expected = row.Get("loss").GetDouble();
        Assert.AreEqual(expected, session.Run(), Math.Max(5 * noise.Get("loss").GetDouble(), 1e-6 * expected));
        var grads = row.Get("grads").EnumerateObject().ToArray();
        CollectionAssert.AreEquivalent(session.Grads.Layout.Names.ToArray(), grads.Select(g => g.Name).ToArray());
        var total = Math.Sqrt(grads.Sum(g => Math.Pow(g.Value[0].GetDouble(), 2)));
        foreach (var (parameter, value) in grads.Select(g => (g.Name, g.Value)))
        {
            var values = session.Grads[parameter].ToArray();
            var direction = Fill.Uniform($"grad:{parameter}", values.Length);
            var (norm, dot) = (value[0].GetDouble(), value[1].GetDouble());
            var bound = 5 * noise.Get("grad").GetDouble() * (norm + 1e-3 * total);
            Assert.AreEqual(norm, Math.Sqrt(values.Sum(v => (double)v * v)), bound, parameter);
            Assert.AreEqual(dot, values.Zip(direction, (v, d) => (double)v * d).Sum(), bound, parameter);
        }
    }

    /// <summary>What stands in the padding changes neither the loss nor any gradient, not even what is no number.</summary>
    [TestMethod]
    [DataRow("naflexvit_base_patch16_gap")]
    [DataRow("naflexvit_base_patch16_map")]
    [DataRow("naflexvit_large_patch16_radio_v3")]
    public void PaddingDoesNotMatter(string name)
    {
        var row = Golden.Json("training", "naflex.json.gz").Get("gradients").EnumerateArray()
            .First(r => r.Text("name") == name);
        using var session = Session(name, NarrowNaFlex.Patch, portable: false, row);
        var (loss, grads) = (session.Run(), session.Grads.All.ToArray());
        var numbers = NarrowNaFlex.Patch * NarrowNaFlex.Patch * 3;
        for (var t = 0; t < session.Input<bool>("patch_valid").Length; t++)
            if (!session.Input<bool>("patch_valid")[t])
            {
                session.Input("patches").Slice(t * numbers, numbers).Fill(t % 2 == 0 ? float.NaN : 1e6f);
                session.Input<long>("patch_coord").Slice(2 * t, 2).Fill(t % 7);
            }
        Assert.AreEqual(loss, session.Run());
        CollectionAssert.AreEqual(grads, session.Grads.All.ToArray());
    }

    /// <summary>Products in half precision give nearly the loss and the gradients of float32.</summary>
    [TestMethod]
    public void HalfPrecisionIsNear()
    {
        const string name = "naflexvit_base_patch16_gap";
        var row = Golden.Json("training", "naflex.json.gz").Get("gradients")[0];
        using var whole = Session(name, NarrowNaFlex.Patch, portable: false, row);
        using var half = Session(name, NarrowNaFlex.Patch, portable: false, row, DType.BFloat16);
        var (expected, loss) = (whole.Run(), half.Run());
        Assert.AreNotEqual(expected, loss);
        Assert.AreEqual(expected, loss, 2e-2 * expected);
        var error = TensorPrimitives.Distance<float>(half.Grads.All.Span, whole.Grads.All.Span)
            / TensorPrimitives.Norm<float>(whole.Grads.All.Span);
        Assert.IsTrue(error > 1e-5 && error < 0.1, $"{error}");
    }

    static GradientSession Session(
        string name, int side, bool portable, JsonElement row, DType type = DType.Float32)
    {
        var (length, grids) = (row.Get("seq_len").GetInt32(), row.Get("grids").EnumerateArray().ToArray());
        var graph = Fill.Weights(NarrowNaFlex.Of(name, 10, length, side), 1);
        var session = new GradientSession(StepGraph.Gradients(graph), graph.Weights, grids.Length, new(), portable,
            type);
        Fill.Input("patches", session.Input("patches").Length).CopyTo(session.Input("patches"));
        foreach (var (i, grid) in grids.Index())
            for (var t = 0; t < grid[0].GetInt32() * grid[1].GetInt32(); t++)
            {
                var (place, columns) = (i * length + t, grid[1].GetInt32());
                var places = session.Input<long>("patch_coord");
                (places[2 * place], places[2 * place + 1]) = (t / columns, t % columns);
                session.Input<bool>("patch_valid")[place] = true;
            }
        Targets.Smooth([.. row.Ints("targets").Select(label => (long)label)], 0.1, session.Targets);
        return session;
    }
}
