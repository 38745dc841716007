using OnnxTimm.Conversion;

namespace OnnxTimm.Tests;

/// <summary>The order of a state-dict that no order of use gives, and weights under two names.</summary>
[TestClass]
public sealed class StateDictTests
{
    /// <summary>CoaT's: modules that take turns, listed kind by kind.</summary>
    [TestMethod]
    public void ChildrenStandInTheirOrder()
    {
        var s = new Graph().Root.Ordered("patch_embed", "cpe", "block");
        foreach (var i in new[] { 1, 2 })
        {
            s[$"patch_embed{i}"].Param("weight", Init.Ones, 1);
            s["norm"][i].Param("weight", Init.Ones, 1);
            s[$"block{i}"].Param("weight", Init.Ones, 1);
            s[$"cpe{i}"].Param("weight", Init.Ones, 1);
        }
        CollectionAssert.AreEqual(
            new[] { "patch_embed1", "patch_embed2", "cpe1", "cpe2", "block1", "block2", "norm.1", "norm.2" }
                .Select(name => $"{name}.weight").ToArray(),
            s.Graph.Weights.Select(w => w.Name).ToArray());
    }

    [TestMethod]
    public void ATiedWeightIsListedUnderBothNames()
    {
        var graph = Tied();
        CollectionAssert.AreEqual(new[] { "cpe.weight", "cpe.bias", "block.own", "block.cpe.weight", "block.cpe.bias" },
            graph.StateDict.Select(entry => entry.Name).ToArray());
        Assert.AreEqual(3, graph.Weights.Count());
    }

    [TestMethod]
    [DataRow(2f, null, 2f)]
    [DataRow(2f, 2f, 2f)]
    public void ATiedWeightIsLoadedOnce(float first, float? second, float loaded)
    {
        var graph = Tied();
        StateDicts.Load(Of(first, second), graph);
        Assert.AreEqual(loaded, graph.Find("cpe.weight")!.Data!.ToFloats()[0]);
    }

    [TestMethod]
    public void ATiedWeightWithTwoContentsIsRefused() => StringAssert.Contains(
        Assert.ThrowsExactly<UserException>(() => StateDicts.Load(Of(2, 3), Tied())).Message,
        "\"block.cpe.weight\" and \"cpe.weight\" are one parameter");

    static Graph Tied()
    {
        var s = new Graph().Root;
        s["cpe"].Param("weight", Init.Ones, 1);
        s["block"].Tied("cpe", s["cpe"]);
        s["block"].Param("own", Init.Ones, 1);
        s["cpe"].Param("bias", Init.Ones, 1);
        return s.Graph;
    }

    static StateDict Of(float first, float? second)
    {
        var file = new StateDict("file") { ["cpe.weight"] = One(first), ["cpe.bias"] = One(1), ["block.own"] = One(1) };
        if (second is { } value)
            (file["block.cpe.weight"], file["block.cpe.bias"]) = (One(value), One(1));
        return file;
    }

    static Tensor One(float value) => Tensor.Of([value], 1);
}
