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

    /// <summary>Also where a filter is wider than the image.</summary>
    [TestMethod]
    public void ResizesTinyImagesAsPillow()
    {
        foreach (var row in ImageGolden.Rows("crafted.json", "tiny"))
        {
            var (width, height) = (row.Ints("from")[0], row.Ints("from")[1]);
            byte[] bytes = [.. Enumerable.Range(0, width * height * 3).Select(i => (byte)(i * i * 7 + i * 37 + 11))];
            using var image = Image.FromRgb(bytes, width, height);
            Assert.AreEqual(row.Text("sha256"), Resized(image, row), row.ToString());
        }
    }

    /// <summary>Of a crop inside a larger image, and in a window of the result: the pixels of the whole.</summary>
    [TestMethod]
    [DataRow(0, 0)]
    [DataRow(5, 9)]
    [DataRow(20, 13)]
    public void AWindowHasThePixelsOfTheWhole(int left, int top)
    {
        using var image = ImageGolden.Open("rgb.png");
        using var whole = Resampler.Resize(image.View(), 31, 24, Interpolation.Bicubic);
        using var part = Image.Rent(11, 11);
        Resampler.Resize(image.View(), new Box(0, 0, image.Width, image.Height), 31, 24,
            new OnnxTimm.Data.Window(left, top, 11, 11),
            Interpolation.Bicubic, new ImageSink(part));
        CollectionAssert.AreEqual(whole.View().Crop(left, top, 11, 11).ToImage().ToRgb(), part.ToRgb());
    }

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
