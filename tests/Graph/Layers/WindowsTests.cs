namespace OnnxTimm.Tests.Graphs;

/// <summary>Windows of a map: where each pixel goes, and what keeps pixels apart.</summary>
[TestClass]
public sealed class WindowsTests
{
    const int Height = 6, Width = 4, Channels = 2;

    static readonly long[] Map = [2, Height, Width, Channels];

    [TestMethod]
    public void AWindowHoldsNeighbours()
    {
        var windows = Run(x => x.Windows((3, 2)));
        // Of image 1 the last of four windows, its pixel in row 2, column 1.
        Assert.AreEqual(Pixel(1, 5, 3), windows[((1 * 4 + 3) * 6 + 2 * 2 + 1) * Channels]);
        // Of image 0 the second window, its first pixel.
        Assert.AreEqual(Pixel(0, 0, 2), windows[1 * 6 * Channels]);
    }

    [TestMethod]
    public void AGridWindowSpansTheMap()
    {
        var windows = Run(x => x.GridWindows((3, 2)));
        // Two rows and two columns apart: window (1, 0) begins at pixel (1, 0), and its last is at (5, 2).
        Assert.AreEqual(Pixel(0, 1, 0), windows[2 * 6 * Channels]);
        Assert.AreEqual(Pixel(1, 5, 2), windows[((1 * 4 + 2) * 6 + 5) * Channels]);
    }

    [TestMethod]
    public void WindowsMakeTheMapAgain()
    {
        var image = Fill.Input("x", Map);
        CollectionAssert.AreEqual(image, Run(x => x.Windows((3, 2)).Unwindowed(x, (3, 2))));
        CollectionAssert.AreEqual(image, Run(x => x.GridWindows((3, 2)).Ungridded(x, (3, 2))));
        CollectionAssert.AreEqual(image, Run(x => x.PadToWindows((4, 3)) is var padded
            ? padded.Windows((4, 3)).Unwindowed(padded, (4, 3)).CropTo(Height, Width) : x));
    }

    /// <summary>Both layouts give the same tokens, and get back the map that they were.</summary>
    [TestMethod]
    public void ChannelsMayComeFirst()
    {
        CollectionAssert.AreEqual(Run(x => x.Windows((3, 2))), Run(x => First(x).Windows((3, 2))));
        CollectionAssert.AreEqual(Run(x => x.GridWindows((3, 2))), Run(x => First(x).GridWindows((3, 2))));
        CollectionAssert.AreEqual(Run(First), Run(x => First(x).Windows((3, 2)).Unwindowed(First(x), (3, 2))));
        CollectionAssert.AreEqual(Run(First), Run(x => First(x).GridWindows((3, 2)).Ungridded(First(x), (3, 2))));

        static Value First(Value x) => x.As(Layout.ChannelsLast).ChannelsFirst();
    }

    [TestMethod]
    public void AWindowThatDoesNotFitIsRefused() => Assert.Contains("no whole number",
        Assert.ThrowsExactly<InvalidOperationException>(() => Run(x => x.Windows((4, 2)))).Message);

    /// <summary>torch.roll: what leaves at one end enters at the other.</summary>
    [TestMethod]
    public void ARolledMapIsMovedAroundItsEdges()
    {
        var rolled = Run(x => x.Roll(-2, 1));
        for (var y = 0; y < Height; y++)
            for (var x = 0; x < Width; x++)
                Assert.AreEqual(Pixel(1, (y + 2) % Height, (x + Width - 1) % Width),
                    rolled[((Height + y) * Width + x) * Channels]);
        CollectionAssert.AreEqual(Fill.Input("x", Map), Run(x => x.Roll(-2, 1).Roll(2, -1)));
    }

    /// <summary>
    /// The map is rolled by half a window: two pixels may meet where they were neighbours before, that is where no edge
    /// of the map lies between them.
    /// </summary>
    [TestMethod]
    [DataRow(1, 1)]
    [DataRow(0, 1)]
    public void AMaskKeepsApartWhatARollBroughtTogether(int dy, int dx)
    {
        var graph = new Graph();
        var mask = graph.ShiftMask((4, 4), (2, 2), (dy, dx))!.Data!.ToFloats();
        for (var window = 0; window < 4; window++)
            for (var a = 0; a < 4; a++)
                for (var b = 0; b < 4; b++)
                    Assert.AreEqual(AreTogether(Place(window, a), Place(window, b)) ? 0 : -100,
                        mask[(window * 4 + a) * 4 + b]);
        Assert.AreSame(graph.ShiftMask((4, 4), (2, 2), (dy, dx)), graph.Stored.Single());
        Assert.IsNull(graph.ShiftMask((4, 4), (2, 2), (0, 0)));

        (int Y, int X) Place(int window, int pixel) => (window / 2 * 2 + pixel / 2, window % 2 * 2 + pixel % 2);

        bool AreTogether((int Y, int X) a, (int Y, int X) b) =>
            (a.Y < 4 - dy) == (b.Y < 4 - dy) && (a.X < 4 - dx) == (b.X < 4 - dx);
    }

    [TestMethod]
    public void AMaskIsAddedWindowByWindow()
    {
        var graph = new Graph();
        var scores = graph.Input("x", DType.Float32, new(Dim.Batch * 2, 3, 1, 1));
        graph.Output("y", scores.Masked(graph.Const(Tensor.Of([10f, 20], 2, 1, 1, 1))));
        float[] values = [.. Enumerable.Range(0, 12).Select(i => (float)i)];
        CollectionAssert.AreEqual(new float[] { 10, 11, 12, 23, 24, 25, 16, 17, 18, 29, 30, 31 },
            Ort.Run(graph, ("x", values, [4, 3, 1, 1]))["y"]);
    }

    /// <summary>torch.Tensor.unfold: windows of 3 x 2 every 2 x 1 pixels.</summary>
    [TestMethod]
    public void UnfoldedWindowsOverlap()
    {
        var windows = Run(x => x.Transpose(0, 3, 1, 2).Unfold((3, 2), (2, 1)));
        // [2, C, 2 rows, 3, 3 columns, 2]: image 1, channel 0, window (1, 2), its pixel (2, 1).
        Assert.AreEqual(Pixel(1, 4, 3), windows[((((1 * 2 + 0) * 2 + 1) * 3 + 2) * 3 + 2) * 2 + 1]);
        Assert.HasCount(2 * Channels * 2 * 3 * 3 * 2, windows);
    }

    static float Pixel(int image, int y, int x) =>
        Fill.Input("x", Map)[((image * Height + y) * Width + x) * Channels];

    static float[] Run(Func<Value, Value> layer)
    {
        var graph = new Graph();
        graph.Output("y", layer(graph.Input("x", DType.Float32, new(Dim.Batch, Height, Width, Channels))));
        return Ort.Run(graph, ("x", Fill.Input("x", Map), Map))["y"];
    }
}
