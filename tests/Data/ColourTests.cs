using System.Text.Json;
using OnnxTimm.Data;

namespace OnnxTimm.Tests;

[TestClass]
public sealed class ColourTests
{
    public static IEnumerable<object[]> Rows =>
        ImageGolden.Rows("colours.json", "ops").Select(r => new object[] { r.Text("name"), r.ToString() });

    [TestMethod]
    [DynamicData(nameof(Rows))]
    public void ChangesAsTorchvision(string name, string json)
    {
        var row = JsonDocument.Parse(json).RootElement;
        using var image = Apply(ImageGolden.Open("colour_input.png"), row);
        Assert.AreEqual(row.Text("sha256"), ImageGolden.Sha256(image.ToRgb()), name);
    }

    /// <summary>A picture narrower than a vector, and one pixel.</summary>
    [TestMethod]
    [DataRow(1)]
    [DataRow(3)]
    public void SmallPicturesChangeAsLargeOnes(int width)
    {
        using var large = ImageGolden.Open("colour_input.png");
        using var small = large.View().Crop(7, 9, width, 1).ToImage();
        Colours.Saturation(large, 0.3);
        Colours.Saturation(small, 0.3);
        using var expected = large.View().Crop(7, 9, width, 1).ToImage();
        CollectionAssert.AreEqual(expected.ToRgb(), small.ToRgb());
    }

    static Image Apply(Image image, JsonElement row)
    {
        Action<Image>? change = row.Text("op") switch
        {
            "brightness" => i => Colours.Brightness(i, row.Number("factor")),
            "contrast" => i => Colours.Contrast(i, row.Number("factor")),
            "saturation" => i => Colours.Saturation(i, row.Number("factor")),
            "hue" => i => Hue.Shift(i, row.Number("factor")),
            "gaussian_blur" => i => Blur.Gaussian(i, 23, row.Number("sigma")),
            "grayscale" => Colours.Grayscale,
            "hflip" => Flip.Horizontal,
            "vflip" => Flip.Vertical,
            _ => null,
        };
        change?.Invoke(image);
        return row.Text("op") switch
        {
            "pad" => Pad(image, row),
            "resized_crop" => Crop(image, row),
            _ => image,
        };
    }

    static Image Pad(Image image, JsonElement row)
    {
        var fill = row.TryGetProperty("fill", out _) ? row.Ints("fill") : [0, 0, 0];
        return Padding.CropOrPad(
            image.View(), -5, -7, image.Width + 14, image.Height + 10, Enum.Parse<PadMode>(row.Text("mode"), true),
            (uint)(fill[0] | (fill[1] << 8) | (fill[2] << 16)));
    }

    static Image Crop(Image image, JsonElement row)
    {
        int Value(string name) => row.GetProperty(name).GetInt32();
        var crop = image.View().Crop(Value("left"), Value("top"), Value("width"), Value("height"));
        return Resampler.Resize(
            crop, row.Ints("size")[1], row.Ints("size")[0], Interpolations.Parse(row.Text("interpolation")));
    }
}
