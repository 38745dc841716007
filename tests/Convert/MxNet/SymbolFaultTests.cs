using OnnxTimm.Conversion;

namespace OnnxTimm.Tests.Conversion;

/// <summary>What is said of symbols and weights that do not fit, or are none.</summary>
[TestClass]
public sealed class SymbolFaultTests
{
    static readonly string Folder = Paths.Golden("convert", "mxnet");

    [TestMethod]
    public void UnknownOperatorsAreListedAtOnce()
    {
        var symbol = SymbolTests.Parse("""
            {"nodes": [{"op": "null", "name": "data", "inputs": []},
                       {"op": "ROIPooling", "name": "roi", "inputs": [[0, 0, 0]]},
                       {"op": "Custom", "name": "a", "inputs": [[1, 0, 0]]},
                       {"op": "Custom", "name": "b", "inputs": [[2, 0, 0]]},
                       {"op": "Mystery", "name": "apart", "inputs": [[2, 0, 0]]}], "heads": [[3, 0, 0]]}
            """);
        StringAssert.EndsWith(Fault(() => symbol.ToGraph(new StateDict("none"), 3, 8, 8)),
            "has operators that are not known: ROIPooling (roi), Custom (a, b).");
    }

    [TestMethod]
    public void NamesThatAreLeftOverOnEitherSideAreListed()
    {
        using var file = Checkpoint.Open(Path.Combine(Folder, "fixgamma-0000.params"));
        var weights = new StateDict("some.params") { ["extra"] = file["fc_bias"] };
        foreach (var (name, tensor) in file.Where(t => t.Key is not ("fc_bias" or "bn_scaled_beta")))
            weights[name] = tensor;
        var symbol = SymbolImport.Read(Path.Combine(Folder, "fixgamma-symbol.json"));
        var message = Fault(() => symbol.ToGraph(weights, 3, 8, 8));
        StringAssert.Contains(message, "In the symbol, not in the file (2): bn_scaled_beta, fc_bias.");
        StringAssert.Contains(message, "In the file, not in the symbol (1): extra.");
    }

    [TestMethod]
    public void AllShapesThatDifferAreListed()
    {
        using var file = Checkpoint.Open(Path.Combine(Folder, "fixgamma-0000.params"));
        var weights = new StateDict("some.params");
        foreach (var (name, tensor) in file)
            weights[name] = name is "fc_bias" or "bn_scaled_beta" ? Tensor.Of(new float[5], 5) : tensor;
        var symbol = SymbolImport.Read(Path.Combine(Folder, "fixgamma-symbol.json"));
        var message = Fault(() => symbol.ToGraph(weights, 3, 8, 8));
        StringAssert.Contains(message, "Shapes differ (2): bn_scaled_beta is [5], "
            + "\"bn_scaled\" (BatchNorm) expects [4], fc_bias is [5], \"fc\" (FullyConnected) expects [3].");
    }

    [TestMethod]
    public void AnInputOfAnotherNameIsRefused()
    {
        using var weights = Checkpoint.Open(Path.Combine(Folder, "fixgamma-0000.params"));
        var symbol = SymbolImport.Read(Path.Combine(Folder, "fixgamma-symbol.json"));
        var inputs = new Dictionary<string, long[]> { ["date"] = [3, 8, 8] };
        var message = Fault(() => symbol.ToGraph(weights, inputs));
        StringAssert.Contains(message, "no input \"date\". Did you mean \"data\"?");
    }

    [TestMethod]
    [DataRow("[1]", "no list of nodes")]
    [DataRow("{", "no valid JSON")]
    [DataRow("""{"nodes": [], "heads": []}""", "without heads")]
    [DataRow("""{"nodes": [{"op": "null", "name": "x"}], "heads": []}""", "node 0 has no list of inputs")]
    [DataRow("""{"nodes": [{"op": "relu", "name": "r", "inputs": [[0, 0]]}], "heads": []}""", "does not stand above")]
    [DataRow("""{"nodes": [], "heads": [[0, "a"]]}""", "[node, output] is expected")]
    public void WhatIsNoSymbolIsRefused(string json, string word) =>
        StringAssert.Contains(Fault(() => SymbolTests.Parse(json)), word);

    static string Fault(Action action) => Assert.ThrowsExactly<UserException>(action).Message;
}
