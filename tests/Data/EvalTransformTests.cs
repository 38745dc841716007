using System.Text.Json;
using OnnxTimm.Data;

namespace OnnxTimm.Tests;

[TestClass]
public sealed class EvalTransformTests
{
    [TestMethod]
    public void TransformsAsTimm() => CheckRows(ImageGolden.Rows("photos.json", "eval_transforms"));

    [TestMethod]
    [TestCategory("all")]
    public void TransformsAllPhotosAsTimm() => CheckRows(ImageGolden.AllRows("eval_transforms.json"));

    /// <summary>Python's round in torchvision's centre crop: half of an odd difference goes to the even side.</summary>
    [TestMethod]
    [DataRow(1, 0)]
    [DataRow(3, 2)]
    [DataRow(5, 2)]
    [DataRow(7, 4)]
    [DataRow(9, 4)]
    [DataRow(-1, 0)]
    [DataRow(-3, -1)]
    public void CenterCropRoundsAsTorchvision(int difference, int offset) => Assert.AreEqual(
        offset, Placement.Centered(50 + difference, 50, 50, 50, Interpolation.Bilinear).Crop.Left);

    [TestMethod]
    public void GrayInputIsTheLuminance()
    {
        using var image = ImageGolden.Open("rgb.png");
        var config = new DataConfig { Channels = 1, Width = 23, Height = 17, CropPct = 1, CropMode = CropMode.Squash };
        var plane = new byte[23 * 17];
        EvalTransform.Create(config).Apply(image.View(), plane);
        using var gray = ImageGolden.Open("gray.png");
        CollectionAssert.AreEqual(gray.ToRgb().Where((_, i) => i % 3 == 0).ToArray(), plane);
    }

    [TestMethod]
    public void BorderIsCutFirst()
    {
        using var image = ImageGolden.Open("rgb.png");
        var config = new DataConfig
        {
            Width = 19,
            Height = 13,
            CropPct = 1,
            CropMode = CropMode.Squash,
            CropBorderPixels = 2,
        };
        using var seen = EvalTransform.Create(config).Apply(image.View());
        using var inside = image.View().Crop(2, 2, 19, 13).ToImage();
        CollectionAssert.AreEqual(inside.ToRgb(), seen.ToRgb());
    }

    [TestMethod]
    [DataRow(CropMode.Center, 224, 224, 0)]
    [DataRow(CropMode.Center, 96, 160, 3)]
    [DataRow(CropMode.Squash, 64, 64, 0)]
    [DataRow(CropMode.Border, 128, 128, 0)]
    public void WhatIsNotDecodedIsNotSeen(CropMode mode, int height, int width, int border)
    {
        var config = new DataConfig
        {
            Height = height,
            Width = width,
            CropMode = mode,
            CropPct = 0.6,
            CropBorderPixels = border
        };
        var transform = EvalTransform.Create(config);
        foreach (var path in Directory.GetFiles(Paths.Golden("images", "files"), "*.J*"))
        {
            float[] whole = new float[3 * height * width], part = new float[3 * height * width];
            var bytes = File.ReadAllBytes(path);
            using (var image = ImageDecoder.Decode(bytes, path))
            {
                transform.Apply(image.View(), whole);
                // The next image of this size gets this memory.
                image.Fill(255, 0, 255);
            }
            transform.Apply(bytes, path, part);
            CollectionAssert.AreEqual(whole, part, path);
        }
    }

    [TestMethod]
    public void RefusesFourChannels() => Assert.ThrowsExactly<UserException>(
        () => EvalTransform.Create(new DataConfig { Channels = 4 }));

    [TestMethod]
    public void RefusesAnImageThatWouldVanish()
    {
        using var line = Image.Rent(4000, 1);
        var transform = EvalTransform.Create(new DataConfig { CropMode = CropMode.Border });
        Assert.ThrowsExactly<UserException>(() => transform.Apply(line.View()));
    }

    static void CheckRows(JsonElement[] rows)
    {
        foreach (var file in rows.GroupBy(r => r.Text("file")))
        {
            using var image = ImageGolden.Open(file.Key);
            foreach (var row in file)
                Check(image, row);
        }
    }

    static void Check(Image image, JsonElement row)
    {
        var transform = EvalTransform.Create(Config(row));
        var bytes = new byte[row.Ints("input_size").Aggregate((a, b) => a * b)];
        transform.Apply(image.View(), bytes);
        Assert.AreEqual(row.Text("sha256_u8_chw"), ImageGolden.Sha256(bytes), row.ToString());
        var floats = new float[bytes.Length];
        transform.Apply(image.View(), floats);
        foreach (var (i, expected) in row.Floats("at").Index())
            Assert.AreEqual(expected, floats[i * (floats.Length / 7)], row.ToString());
    }

    static DataConfig Config(JsonElement row) => new()
    {
        Channels = row.Ints("input_size")[0],
        Height = row.Ints("input_size")[1],
        Width = row.Ints("input_size")[2],
        Interpolation = Interpolations.Parse(row.Text("interpolation")),
        CropPct = row.GetProperty("crop_pct").GetDouble(),
        CropMode = DataConfig.ParseCropMode(row.Text("crop_mode")),
    };
}
