using OnnxTimm.Data;

namespace OnnxTimm.Tests;

[TestClass]
public sealed class DecodeBudgetTests
{
    [TestMethod]
    public void WhoWouldGoBeyondItWaits()
    {
        var budget = new DecodeBudget(most: 2000);
        using var small = budget.Open();
        small.Take(10, 10);
        var large = budget.Open();
        var waiting = Task.Run(() => large.Take(20, 10));
        Assert.IsFalse(waiting.Wait(100));
        small.Dispose();
        Assert.IsTrue(waiting.Wait(10_000));
        var next = budget.Open();
        var second = Task.Run(() => next.Take(10, 10));
        Assert.IsFalse(second.Wait(100));
        large.Dispose();
        Assert.IsTrue(second.Wait(10_000));
    }

    [TestMethod]
    public void AnImageLargerThanTheBudgetGoesAlone()
    {
        using var share = new DecodeBudget(most: 1).Open();
        share.Take(100, 100);
        Assert.ThrowsExactly<InvalidOperationException>(() => share.Take(1, 1));
    }

    /// <summary>Every way to decode asks the budget: JPEG, PNG, GIF, and Skia's formats.</summary>
    [TestMethod]
    [DataRow("444.jpg")]
    [DataRow("420_progressive.jpg")]
    [DataRow("rgb.png")]
    [DataRow("gray16.png")]
    [DataRow("still.gif")]
    [DataRow("lossless.webp")]
    public void EveryDecoderAsks(string name)
    {
        using var share = new DecodeBudget(most: 1).Open();
        var file = File.ReadAllBytes(Paths.Golden("images", "files", name));
        using var image = ImageDecoder.Decode(file, name, share, (_, _) => null);
        Assert.ThrowsExactly<InvalidOperationException>(() => share.Take(1, 1));
    }

    /// <summary>A product beyond an integer is an exception, not a buffer that is too small.</summary>
    [TestMethod]
    public void SizesThatOverflowAreSeen()
    {
        using var image = Image.Rent(1, 1);
        image.Fill(0, 0, 0);
        Assert.ThrowsExactly<OverflowException>(() => Blur.Gaussian(image, 40_000, 1));
        Assert.ThrowsExactly<OverflowException>(() => new FilteredRows(image.View(),
            Taps.Of(new Axis(1, 0, 1, 1, 0, 1), Interpolation.Bilinear), 600_000_000, 1).Dispose());
        Assert.ThrowsExactly<ArgumentException>(() => image.View().Crop(int.MaxValue, 0, 1, 1));
    }
}
