using System.Buffers.Binary;
using OnnxTimm.Data;

namespace OnnxTimm.Tests;

[TestClass]
public sealed class ImageDecoderTests
{
    public static IEnumerable<object[]> Files =>
        ImageGolden.Rows("photos.json", "decode").Concat(ImageGolden.Rows("crafted.json", "decode"))
            .Select(r => new object[] { r.Text("file"), r.Text("sha256_rgb") });

    [TestMethod]
    [DynamicData(nameof(Files))]
    public void DecodesAsPillow(string file, string sha256)
    {
        using var image = ImageGolden.Open(file);
        Assert.AreEqual(sha256, ImageGolden.Sha256(image.ToRgb()));
    }

    [TestMethod]
    public void DecodesAllPhotosAsPillow()
    {
        foreach (var row in ImageGolden.Parse(Paths.Shared("golden", "images", "decode.json")).EnumerateObject())
        {
            using var image = ImageGolden.Open(row.Name);
            Assert.AreEqual(row.Value.Text("sha256_rgb"), ImageGolden.Sha256(image.ToRgb()), row.Name);
        }
    }

    [TestMethod]
    public void RefusesMorePixelsThanTheLimitBeforeTakingMemory()
    {
        var png = File.ReadAllBytes(Paths.Golden("images", "files", "rgb.png"));
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(16), 20000);
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(20), 20000);
        BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(29), Crc32(png.AsSpan(12, 17)));
        StringAssert.Contains(Error(png), "bomb.png declares 20000x20000 pixels");
    }

    [TestMethod]
    [DataRow("444.jpg", 700, "cut short")]
    [DataRow("rgb.png", 200, "cut short")]
    [DataRow("gray16.png", 300, "cut short")]
    [DataRow("rgb.png", 0, "is empty")]
    [DataRow("rgb.png", 3, "is no image")]
    public void NamesWhatIsWrong(string file, int length, string message) => StringAssert.Contains(
        Error(File.ReadAllBytes(Paths.Golden("images", "files", file))[..length]), message);

    static string Error(byte[] file) =>
        Assert.ThrowsExactly<UserException>(() => ImageDecoder.Decode(file, "bomb.png")).Message;

    /// <summary>The checksum of PNG chunks, bit by bit.</summary>
    static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320);
        }
        return ~crc;
    }
}
