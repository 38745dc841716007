using System.Text.Json;
using OnnxTimm.Data;

namespace OnnxTimm.Tests;

[TestClass]
public sealed class ResamplerTests
{
    [TestMethod]
    public void ResizesAsPillow() => CheckRows(ImageGolden.Rows("photos.json", "resize"));

    [TestMethod]
    public void ResizesVerticallyFirstAsPillow() => CheckRows(ImageGolden.Rows("crafted.json", "vertical_first"));

    [TestMethod]
    [TestCategory("all")]
    public void ResizesAllPhotosAsPillow() => CheckRows(ImageGolden.AllRows("resize.json"));

    [TestMethod]
    public void SameSizeIsACopy()
    {
        using var image = ImageGolden.Open("rgb.png");
        using var same = Resampler.Resize(image.View(), image.Width, image.Height, Interpolation.Lanczos);
        CollectionAssert.AreEqual(image.ToRgb(), same.ToRgb());
    }

    [TestMethod]
    public void UnknownFilterNamesTheNearest() => StringAssert.Contains(
        Assert.ThrowsExactly<UserException>(() => Interpolations.Parse("bicubik")).Message, "\"bicubic\"");

    static void CheckRows(JsonElement[] rows)
    {
        foreach (var file in rows.GroupBy(r => r.Text("file")))
        {
            using var image = ImageGolden.Open(file.Key);
            foreach (var row in file)
                Assert.AreEqual(row.Text("sha256"), Resized(image, row), row.ToString());
        }
    }

    static string Resized(Image image, JsonElement row)
    {
        var edges = row.TryGetProperty("box", out _) ? row.Floats("box") : [0, 0, image.Width, image.Height];
        using var resized = Resampler.Resize(
            image.View(), new Box(edges[0], edges[1], edges[2], edges[3]), row.Ints("size")[0], row.Ints("size")[1],
            Interpolations.Parse(row.Text("filter")));
        return ImageGolden.Sha256(resized.ToRgb());
    }
}
