namespace OnnxTimm.Tests.Graphs;

/// <summary>Resizing inside a graph: five samples as PyTorch's F.interpolate and adaptive_avg_pool2d resize them.</summary>
[TestClass]
public sealed class ResampleTests
{
    static readonly float[] Samples = [1, -2, 4, 3, 8];

    static readonly (Resampling By, float[] Resized)[] Rows =
    [
        (Resampling.Nearest, [1f, -2f, 3f]),
        (Resampling.Nearest, [1f, 1f, -2f, -2f, 4f, 3f, 3f, 8f]),
        (Resampling.Bilinear, [5.960464e-08f, 4f, 6.333333f]),
        (Resampling.Bilinear, [1f, -0.3125f, -1.625f, 2.125f, 3.6875f, 3.0625f, 5.8125f, 8f]),
        (Resampling.BilinearCorners, [1f, 4f, 8f]),
        (Resampling.BilinearCorners, [1f, -0.7142858f, -1.142857f, 2.285715f, 3.714286f, 3.142857f, 5.142858f, 8f]),
        (Resampling.BilinearAntialiased, [-0.2857142f, 2.444445f, 5.857142f]),
        (Resampling.BilinearAntialiased, [1f, -0.3125f, -1.625f, 2.125f, 3.6875f, 3.0625f, 5.8125f, 8f]),
        (Resampling.Bicubic, [-0.277777f, 4f, 6.370368f]),
        (Resampling.Bicubic, [1.278503f, -0.7739258f, -1.822754f, 2.205566f, 4.120544f, 2.860168f, 5.770203f, 8.464172f]),
        (Resampling.BicubicCorners, [1f, 4f, 8f]),
        (Resampling.BicubicCorners, [1f, -1.370262f, -1.497084f, 2.395045f, 4.17347f, 2.806119f, 4.994171f, 8.000002f]),
        (Resampling.BicubicAntialiased, [-0.3999999f, 2.23721f, 6.076921f]),
        (Resampling.BicubicAntialiased, [1.215867f, -0.4864711f, -1.859375f, 2.339844f, 4.003052f, 2.910522f, 5.975682f, 8.359778f]),
        (Resampling.AdaptiveMean, [-0.5f, 1.666667f, 5.5f]),
        (Resampling.AdaptiveMean, [-0.5f, 1f, 3.5f, 5.5f]),
    ];

    public static IEnumerable<object[]> Names =>
        Rows.Select((row, i) => new object[] { i, $"{row.By.Name} to {row.Resized.Length}" });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void ALineIsResizedAsInPyTorch(int row, string name)
    {
        var (by, expected) = Rows[row];
        Near(expected, Resized(5, 1, expected.Length, 1, by), $"{name}, a column");
        Near(expected, Resized(1, 5, 1, expected.Length, by), $"{name}, a row");
    }

    /// <summary>Both axes apart: each is a product with a matrix.</summary>
    [TestMethod]
    public void AMapIsResizedAlongBothAxes()
    {
        var graph = new Graph();
        var x = graph.Input("x", DType.Float32, new(Dim.Batch, 2, 5, 5));
        graph.Output("y", x.Resample(3, 8, Resampling.Bicubic));
        graph.Output("rows", x.Resample(3, 5, Resampling.Bicubic).Resample(3, 8, Resampling.Bicubic));
        var y = Ort.Run(graph, ("x", Fill.Input("x", [3, 2, 5, 5]), [3, 2, 5, 5]));
        CollectionAssert.AreEqual(y["rows"], y["y"]);
        Assert.HasCount(2, graph.Stored);
    }

    static float[] Resized(int height, int width, int newHeight, int newWidth, Resampling by)
    {
        var graph = new Graph();
        var x = graph.Input("x", DType.Float32, new(Dim.Batch, 1, height, width));
        graph.Output("y", x.Resample(newHeight, newWidth, by));
        return Ort.Run(graph, ("x", Samples, [1, 1, height, width]))["y"];
    }

    static void Near(float[] expected, float[] got, string name)
    {
        Assert.HasCount(expected.Length, got, name);
        foreach (var (i, (a, b)) in expected.Zip(got).Index())
            Assert.AreEqual(a, b, Tolerances.Get("graph/layers"), $"{name} [{i}]");
    }
}
