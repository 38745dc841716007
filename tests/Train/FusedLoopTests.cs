using OnnxTimm.Train;

namespace OnnxTimm.Tests.Train;

/// <summary>Operators in one loop give, to the bit, what their definitions give element by element.</summary>
[TestClass]
public sealed class FusedLoopTests
{
    const float S = 0.3f;

    [TestMethod]
    [DataRow(1)]
    [DataRow(7)]
    [DataRow(16)]
    [DataRow(1003)]
    [DataRow(70_001)]
    public void EveryElementIsComputedAsDefined(int count)
    {
        var (x, y) = (Fill.Uniform("x", count), Fill.Uniform("y", count));
        float[] first = [.. x.Zip(y, (a, b) => Math.Min(Math.Max(a * S + b - a / (Math.Abs(b) + 1), b), 0.5f))];
        float[] second = [.. x.Zip(y, (a, b) => a > b ? -a : MathF.Sqrt(1 / (Math.Abs(a) + 1)))];
        var sum = second.Sum(v => (double)v);
        new BlockEvaluator(Program(), [[x, y]], threads: 2).Run([[S]]);
        CollectionAssert.AreEqual(first, x);
        // The sum of all elements was added to each.
        for (var i = 0; i < count; i++)
            Assert.AreEqual(second[i] + sum, y[i], 1e-6 * Math.Max(1, sum));
    }

    /// <summary>Of a tensor that one thread takes through all phases, and of one that all work on.</summary>
    [TestMethod]
    [DataRow(300_000)]
    [DataRow(700_001)]
    public void SumsDoNotDependOnThreads(int count)
    {
        float[][] results = [.. new[] { 1, 2, 5 }.Select(threads =>
        {
            var (x, y, small) = (Fill.Uniform("x", count), Fill.Uniform("y", count), Fill.Uniform("z", 100));
            new BlockEvaluator(Program(), [[x, y], [small, Fill.Uniform("w", 100)]], threads).Run([[S], [S]]);
            return (float[])[.. x, .. y, .. small];
        })];
        CollectionAssert.AreEqual(results[0], results[1]);
        CollectionAssert.AreEqual(results[0], results[2]);
    }

    /// <summary>An average of a sum in each tensor, kept as a number: x - m, m = 0.5 m + sum(x).</summary>
    [TestMethod]
    public void NumbersAreStateToo()
    {
        var graph = new Graph("numbers");
        var x = graph.Input("x", DType.Float32, new Shape(new Dim(1, "L")));
        var m = graph.Input("m", DType.Float32, Shape.Scalar);
        var next = m * 0.5 + x.ReduceSum(keepDims: false);
        float[] tensor = [1, 2, 3];
        float[][] rows = [[8]];
        var evaluator = new BlockEvaluator(BlockProgram.Compile([x], [m], (x - m, x), (next, m)), [[tensor]]);
        evaluator.Run(rows);
        CollectionAssert.AreEqual(new float[] { -7, -6, -5 }, tensor);
        Assert.AreEqual(10, rows[0][0]);
        evaluator.Run(rows);
        CollectionAssert.AreEqual(new float[] { -17, -16, -15 }, tensor);
        Assert.AreEqual(-13, rows[0][0]);
    }

    /// <summary>What the second pass needs no sum for waits for it, if that spares reading a tensor again.</summary>
    [TestMethod]
    public void ResultsAreStoredWhereTheLeastIsMoved()
    {
        var phases = BlockProgram.Compile(Optimizers.Create("cadamw")).Phases;
        string[] tensors = ["p", "g", "m", "v"];
        Assert.AreEqual("g m > m; p g m v > p v", string.Join("; ", phases.Select(phase =>
            $"{Names(phase.Reads)} > {Names(phase.Writes)}")));
        string Names(int[] indices) => string.Join(" ", indices.Order().Select(i => tensors[i]));
    }

    static BlockProgram Program()
    {
        var graph = new Graph("loop");
        var shape = new Shape(new Dim(1, "L"));
        var (a, b) = (graph.Input("a", DType.Float32, shape), graph.Input("b", DType.Float32, shape));
        var s = graph.Input("s", DType.Float32, Shape.Scalar);
        var first = (a * s + b - a / (b.Abs() + 1)).Max(b).Min(0.5);
        var second = a.Greater(b).Where(-a, (a.Abs() + 1).Reciprocal().Sqrt());
        return BlockProgram.Compile([a, b], [s], (first, a), (second + second.ReduceSum(keepDims: false), b));
    }
}
