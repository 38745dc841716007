using System.Text.Json;
using OnnxTimm.Conversion;

namespace OnnxTimm.Tests.Conversion;

/// <summary>Networks of MXNet as graphs, against what MXNet computed.</summary>
[TestClass]
public sealed class SymbolTests
{
    static readonly string Folder = Paths.Golden("convert", "mxnet");

    [TestMethod]
    public void AFixedGammaCountsAsOne()
    {
        var expected = Golden.Json("convert", "mxnet", "fixgamma.json").GetProperty("output");
        var actual = Run(Folder, "fixgamma", "0000", Fill.Input(2, 3, 8, 8), 2, 3, 8, 8)["fc_output"];
        Near(Floats(expected), actual);
    }

    [TestMethod]
    public void AnExportedResNetGivesMxNetsLogits()
    {
        var expected = Golden.Json("convert", "mxnet", "resnet_v1b_basic.json").GetProperty("mxnet_logits");
        var actual = Run(Folder, "resnet_v1b_basic", "0000", Fill.Input(2, 3, 64, 64), 2, 3, 64, 64);
        Near(Floats(expected), actual.Single().Value);
    }

    /// <summary>Trained networks in the form of 0.8, with several heads, prelu, and pooling over the edge.</summary>
    [TestMethod]
    [DataRow("det1")]
    [DataRow("det2")]
    [DataRow("det3")]
    public void OldTrainedNetworksGiveMxNetsOutputs(string name)
    {
        var folder = Paths.Shared("weights", "mxnet");
        var row = JsonDocument.Parse(File.ReadAllText(Paths.Shared("golden", "convert", "mxnet", "mtcnn.json")))
            .RootElement.GetProperty(name);
        long[] shape = [.. row.GetProperty("inputs").GetProperty("data").EnumerateArray().Select(d => d.GetInt64())];
        var actual = Run(folder, name, "0001", Fill.Uniform("input", shape.Aggregate(1L, (n, d) => n * d)), shape);
        foreach (var output in row.GetProperty("outputs").EnumerateObject())
            Near(Floats(output.Value.GetProperty("values")), actual[output.Name]);
        Assert.HasCount(row.GetProperty("outputs").EnumerateObject().Count(), actual);
    }

    [TestMethod]
    public void WeightsKeepTheirNamesAndAreNotCopied()
    {
        using var weights = Checkpoint.Open(Path.Combine(Folder, "fixgamma-0000.params"));
        var graph = SymbolImport.Read(Path.Combine(Folder, "fixgamma-symbol.json")).ToGraph(weights, 3, 8, 8);
        Assert.AreEqual("fixgamma", graph.Name);
        CollectionAssert.AreEquivalent(weights.Keys.Except(["bn_fixed_default_eps_gamma"]).ToArray(),
            graph.Weights.Select(w => w.Name).ToArray());
        Assert.IsTrue(graph.Weights.All(w => ReferenceEquals(w.Data, weights[w.Name])));
        CollectionAssert.AreEquivalent(weights.Keys.Where(name => name.Contains("moving")).ToArray(),
            graph.Weights.Where(w => w.Role == Role.Stat).Select(w => w.Name).ToArray());
        Assert.AreEqual("[N, 3, 8, 8]", graph.Inputs.Single().Shape.ToString());
    }

    [TestMethod]
    public void TheInputIsFoundWithItsChannels()
    {
        using var weights = Checkpoint.Open(Path.Combine(Folder, "fixgamma-0000.params"));
        var input = SymbolImport.Read(Path.Combine(Folder, "fixgamma-symbol.json")).Input(weights);
        Assert.AreEqual(new SymbolInput("data", 3, null), input);
    }

    [TestMethod]
    public void ADeclaredShapeOfTheInputIsTold()
    {
        var symbol = Parse("""
            {"nodes": [{"op": "null", "name": "image", "attrs": {"__shape__": "(1, 3L, 20, 30)"}, "inputs": []},
                       {"op": "relu", "name": "r", "inputs": [[0, 0, 0]]}], "heads": [[1, 0, 0]]}
            """);
        Assert.AreEqual(new SymbolInput("image", 3, (20, 30)), symbol.Input(new StateDict("none")));
    }

    /// <summary>Before 0.9 files have neither auxiliary states nor a third number in references.</summary>
    [TestMethod]
    public void StatesThatOldFilesLeaveOutAreAdded()
    {
        var symbol = Parse("""
            {"nodes": [{"op": "null", "param": {}, "name": "data", "inputs": [], "backward_source_id": -1},
                       {"op": "null", "param": {}, "name": "bn_gamma", "inputs": [], "backward_source_id": -1},
                       {"op": "null", "param": {}, "name": "bn_beta", "inputs": [], "backward_source_id": -1},
                       {"op": "BatchNorm", "param": {"eps": "0.5", "fix_gamma": "False"}, "name": "bn",
                        "inputs": [[0, 0], [1, 0], [2, 0]], "attr": {"lr_mult": "2"}, "backward_source_id": -1}],
             "arg_nodes": [0, 1, 2], "heads": [[3, 0]]}
            """);
        var weights = new StateDict("weights")
        {
            ["bn_gamma"] = Tensor.Of([2f], 1),
            ["bn_beta"] = Tensor.Of([1f], 1),
            ["bn_moving_mean"] = Tensor.Of([3f], 1),
            ["bn_moving_var"] = Tensor.Of([1.75f], 1),
        };
        var y = Ort.Run(symbol.ToGraph(weights, 1, 1, 2), ("data", [3f, 4.5f], [1, 1, 1, 2]))["bn_output"];
        Near([1, 3], y);
    }

    /// <summary>Types by name and by MXNet's number; a cast to integers cuts.</summary>
    [TestMethod]
    public void CastsGoThroughIntegers()
    {
        var symbol = Parse("""
            {"nodes": [{"op": "null", "name": "data", "inputs": []},
                       {"op": "Cast", "name": "cut", "attr": {"dtype": "int32"}, "inputs": [[0, 0, 0]]},
                       {"op": "Cast", "name": "back", "attr": {"dtype": "0"}, "inputs": [[1, 0, 0]]}],
             "heads": [[2, 0, 0]]}
            """);
        var y = Ort.Run(symbol.ToGraph(new StateDict("none"), 3), ("data", [1.7f, -1.7f, 3], [1, 3]))["back_output"];
        CollectionAssert.AreEqual(new float[] { 1, -1, 3 }, y);
    }

    static Dictionary<string, float[]> Run(string folder, string name, string epoch, float[] input, params long[] shape)
    {
        using var weights = Checkpoint.Open(Path.Combine(folder, $"{name}-{epoch}.params"));
        var graph = SymbolImport.Read(Path.Combine(folder, $"{name}-symbol.json")).ToGraph(weights, shape[1..]);
        return Ort.Run(graph, ("data", input, shape));
    }

    internal static Symbol Parse(string json)
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["net-symbol.json"], json);
        return SymbolImport.Read(folder["net-symbol.json"]);
    }

    static void Near(float[] expected, float[] actual)
    {
        Assert.HasCount(expected.Length, actual);
        var bound = Tolerances.Get("convert/mxnet.outputs") * expected.Max(Math.Abs);
        foreach (var (e, a) in expected.Zip(actual))
            Assert.AreEqual(e, a, bound);
    }

    static float[] Floats(JsonElement json) => json.ValueKind == JsonValueKind.Array
        ? [.. json.EnumerateArray().SelectMany(Floats)]
        : [json.GetSingle()];
}
