using OnnxTimm.Data;
using OnnxTimm.Train;

namespace OnnxTimm.Tests.Train;

[TestClass]
public sealed class CurvesTests
{
    [TestMethod]
    public void CurvesAreAPicture()
    {
        EpochResult[] results = [new(0, 2.3, new(2.2, 10, 50), 0.1), new(1, double.NaN, null, 0.05),
            new(2, 2, new(1.9, 30, 80), 0.01)];
        var png = Curves.Draw(results);
        using var image = ImageDecoder.Decode(png, "curves.png");
        Assert.AreEqual((900, 1000), (image.Width, image.Height));
    }
}
