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
