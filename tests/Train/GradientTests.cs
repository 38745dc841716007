using OnnxTimm.Train;

namespace OnnxTimm.Tests.Train;

/// <summary>Level 3 of the ladder: every rule of <see cref="Gradients"/>, form by form, against differences.</summary>
[TestClass]
public sealed partial class GradientTests
{
    /// <summary>The batch.</summary>
    static readonly Dim N = Dim.Batch;

    static readonly Dictionary<string, GradientCheck> Rows =
        Elementwise.Concat(Reductions).Concat(Layout).Concat(Maps).Concat(Norms).ToDictionary(row => $"{row}");

    public static IEnumerable<object[]> Names => Rows.Keys.Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void TheRuleIsTheSlope(string form) => Rows[form].Run();

    /// <summary>A frozen batch norm has no gradient for its mean: where that moves with x, it is missed.</summary>
    [TestMethod]
    public void AMissingTermThrows()
    {
        var row = Row("BatchNormalization", "by a mean that moves", x => x[0].BatchNormalization(x[1], x[1],
            x[0].ReduceMean([0, 2, 3], keepDims: false), Of(x[0], 1, 1), 1e-5, 0.9), X(N, 2, 3, 3), X(2));
        Assert.Contains("input 3 moves", Assert.ThrowsExactly<NoGradientException>(row.Run).Message);
    }

    [TestMethod]
    [DataRow("asymmetric", "ceil")]
    [DataRow("asymmetric", "round_prefer_floor")]
    [DataRow("half_pixel", "floor")]
    [DataRow("align_corners", "round_prefer_floor")]
    public void AResizeThatDoesNotRepeatPixelsIsRefused(string coordinates, string nearest) =>
        Assert.Contains("repeated", Assert.ThrowsExactly<NoGradientException>(
            Row("Resize", "", x => Resized(x[0], 3, 3, coordinates, nearest), X(N, 1, 2, 2)).Run).Message);

    [TestMethod]
    public void EveryRuleHasARow() =>
        CollectionAssert.IsSubsetOf(Gradients.Differentiable.ToArray(), Rows.Values.Select(row => row.Op).ToArray());

    [TestMethod]
    public void AnOperatorIsInOneList() => CollectionAssert.AllItemsAreUnique(Gradients.Known.ToArray());

    /// <summary>A parameter that is forgotten must not be trained by nothing.</summary>
    [TestMethod]
    public void ATargetThatDoesNotReachTheLossThrows()
    {
        var graph = new Graph();
        var (x, apart) = (graph.Input("x", DType.Float32, new(3)), graph.Input("apart", DType.Float32, new(3)));
        _ = apart * 2;
        var loss = (x * x).ReduceSum(keepDims: false);
        var e = Assert.ThrowsExactly<NoGradientException>(() => Gradients.Of(loss, [x, apart]));
        Assert.Contains("apart", e.Message);
    }

    [TestMethod]
    public void AnOperatorWithoutARuleThrows()
    {
        var graph = new Graph();
        var x = graph.Input("x", DType.Float32, new(3));
        var y = graph.Emit("Mystery", [x], [(DType.Float32, new Shape(3))]).Out;
        var loss = y.ReduceSum(keepDims: false);
        var e = Assert.ThrowsExactly<NoGradientException>(() => Gradients.Of(loss, [x]));
        Assert.Contains("Mystery", e.Message);
    }

    /// <summary>What an operator without a slope gives counts as a constant.</summary>
    [TestMethod]
    public void NothingFlowsThroughAComparison()
    {
        var graph = new Graph();
        var x = graph.Input("x", DType.Float32, new(2));
        var loss = (x * x.Greater(1).Cast(DType.Float32)).ReduceSum(keepDims: false);
        graph.Output("grad", Gradients.Of(loss, [x])[x]);
        CollectionAssert.AreEqual(new[] { 0f, 1f }, Ort.Run(graph, ("x", [0.5f, 2], [2]))["grad"]);
    }

    static GradientCheck Row(string op, string form, Func<Value[], Value> of, params GradientCheck.Input[] inputs) =>
        new(op, form, of, inputs);

    static GradientCheck.Input X(params Dim[] shape) => new(new(shape), GradientCheck.Plain);

    static GradientCheck.Input Positive(params Dim[] shape) => new(new(shape), GradientCheck.Positive);

    static GradientCheck.Input Apart(params Dim[] shape) => new(new(shape), GradientCheck.Apart);

    static GradientCheck.Input Sided(params Dim[] shape) => new(new(shape), GradientCheck.Sided);
}
