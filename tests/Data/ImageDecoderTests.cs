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

    public static IEnumerable<object[]> Rotated => ImageGolden.Rows("crafted.json", "upright")
        .Select(r => new object[]
        {
            r.Text("file"), (int)r.Number("byte"), (int)r.Number("orientation"), r.Text("sha256"),
        });

    /// <summary>Expected: Pillow's <c>ImageOps.exif_transpose</c>.</summary>
    [TestMethod]
    [DynamicData(nameof(Rotated))]
    public void TurnsAsPillow(string name, int at, int orientation, string sha256)
    {
        var file = File.ReadAllBytes(Paths.Golden("images", "files", name));
        if (at > 0)
            file[at] = (byte)orientation;
        Assert.AreEqual(orientation, Orientation.Of(file));
        using var image = Orientation.Turn(ImageDecoder.Decode(file, name), orientation);
        Assert.AreEqual(sha256, ImageGolden.Sha256(image.ToRgb()));
    }

    /// <summary>The evaluation transform turns before it crops, and only when it is asked to.</summary>
    [TestMethod]
    public void TheModelSeesTheImageUpright()
    {
        var file = File.ReadAllBytes(Paths.Golden("images", "files", "rotated.jpg"));
        using var turned = Orientation.Turn(ImageDecoder.Decode(file, ""), 6);
        foreach (var exif in (bool[])[false, true])
        {
            var transform = EvalTransform.Create(new() { Height = 8, Width = 8, Exif = exif });
            float[] seen = new float[3 * 64], expected = new float[3 * 64];
            transform.Apply(file, "rotated.jpg", seen);
            transform.Apply(turned.View(), expected);
            Assert.AreEqual(exif, seen.SequenceEqual(expected));
        }
    }

    /// <summary>What Pillow sees where the last chunk claims more than is there: all that lies before it.</summary>
    [TestMethod]
    public void AChunkBeyondTheEndEndsThePicture()
    {
        const string head = "89504e470d0a1a0a0000000d49484452000000030000000108030000002c3ee486";
        const string palette = "00000003504c5445090807fe1619fe", end = "0000010049454e44ae426082";
        const string rows = "0000000c49444154789c6360603d010000d600cefa9f5df8";
        using var image = ImageDecoder.Decode(System.Convert.FromHexString(head + palette + rows + end), "short.png");
        CollectionAssert.AreEqual(new byte[] { 9, 8, 7, 5, 5, 5, 200, 200, 200 }, image.ToRgb());
    }

    [TestMethod]
    [DataRow("still.gif", 12, "cut short")]
    [DataRow("still.gif", 80, "cut short")]
    [DataRow("still.gif", 200, "cut short")]
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
