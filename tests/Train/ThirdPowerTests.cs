using System.Numerics;
using OnnxTimm.Train;

namespace OnnxTimm.Tests.Train;

/// <summary>The power that has a kernel of its own is what the C library computes in double precision.</summary>
[TestClass]
public sealed class ThirdPowerTests
{
    [TestMethod]
    [DataRow(-126, 1.3e-7 * 1.5)]
    [DataRow(-60, 1.3e-7)]
    [DataRow(-3, 1.2e-7)]
    [DataRow(0, 1.2e-7)]
    [DataRow(30, 1.3e-7)]
    [DataRow(124, 1.3e-7 * 1.5)]
    public void NumbersOfThreeBinadesAreWithinAUnit(int exponent, double bound)
    {
        for (var i = 0; i < 100_000; i += Vector<float>.Count)
        {
            float[] x = [.. Enumerable.Range(i, Vector<float>.Count)
                .Select(k => (float)Math.Pow(2, exponent + Math.Min(k, 99_999) * 3e-5))];
            for (var (lane, got) = (0, ThirdPower.Of(new(x))); lane < x.Length; lane++)
                Assert.AreEqual(1, got[lane] / Math.Pow(x[lane], ThirdPower.Exponent), bound, $"{x[lane]:R}");
        }
    }

    [TestMethod]
    [DataRow(0f)]
    [DataRow(-0f)]
    [DataRow(-1f)]
    [DataRow(float.Epsilon)]
    [DataRow(-float.Epsilon)]
    [DataRow(1e-40f)]
    [DataRow(float.MaxValue)]
    [DataRow(float.PositiveInfinity)]
    [DataRow(float.NaN)]
    public void TheEndsAreAsTheyMustBe(float x)
    {
        var (expected, got) = (Math.Pow(x, ThirdPower.Exponent), ThirdPower.Of(new(x))[0]);
        Assert.AreEqual(expected, got, double.IsFinite(expected) ? 3e-7 * expected : 0);
    }

    /// <summary>In a loop and behind its last turn, with one thread and with more.</summary>
    [TestMethod]
    [DataRow(1)]
    [DataRow(3)]
    public void ALoopComputesTheSame(int threads)
    {
        var graph = new Graph("power");
        var x = graph.Input("x", DType.Float32, new Shape(new Dim(1, "L")));
        var program = BlockProgram.Compile([x], [], (x.Pow(1 / 3.0) + 1, x));
        var values = Fill.Uniform("x", 70_013);
        float[] expected = [.. values.Select(v => ThirdPower.Of(new(v))[0] + 1)];
        new BlockEvaluator(program, [[values]], threads).Run([[]]);
        CollectionAssert.AreEqual(expected, values);
    }
}
