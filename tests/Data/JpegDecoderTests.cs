using OnnxTimm.Data;

namespace OnnxTimm.Tests;

using Window = OnnxTimm.Data.Window;

[TestClass]
public sealed class JpegDecoderTests
{
    public static IEnumerable<object[]> Files => ImageGolden.Decoded("jpeg.json");

    /// <summary>The expected pixels are Pillow's, which are libjpeg-turbo's.</summary>
    [TestMethod]
    [DynamicData(nameof(Files))]
    public void DecodesAsPillow(string file, string sha256)
    {
        using var image = ImageDecoder.Decode(Read(file), file);
        Assert.AreEqual(sha256, ImageGolden.Sha256(image.ToRgb()));
    }

    [TestMethod]
    public void APartIsThatPartOfTheWhole()
    {
        var random = new Random(2);
        foreach (var file in Files.Select(row => (string)row[0]))
        {
            var bytes = Read(file);
            using var whole = ImageDecoder.Decode(bytes, file);
            for (var i = 0; i < 20; i++)
            {
                var (left, top) = (random.Next(whole.Width), random.Next(whole.Height));
                var part = new Window(left, top, 1 + random.Next(whole.Width - left), 1
                    + random.Next(whole.Height - top));
                using var image = JpegDecoder.Decode(JpegHeader.Read(bytes), bytes, part);
                using var expected = whole.View().Crop(part.Left, part.Top, part.Width, part.Height).ToImage();
                using var got = image.View().Crop(part.Left, part.Top, part.Width, part.Height).ToImage();
                CollectionAssert.AreEqual(expected.ToRgb(), got.ToRgb(), $"{file} {part}");
            }
        }
    }

    [TestMethod]
    [DataRow("23x17_420.jpg")]
    [DataRow("23x17_420_prog.jpg")]
    public void EveryCutIsSeen(string name)
    {
        var file = Read(name);
        for (var length = 0; length < file.Length; length++)
            Error(file[..length]);
    }

    [TestMethod]
    [DataRow("arithmetic.jpg", "with arithmetic coding")]
    public void OtherKindsAreRefused(string name, string message) => StringAssert.Contains(Error(Read(name)), message);

    /// <summary>As Pillow has it: what an image's colours are is known when its first scan begins.</summary>
    [TestMethod]
    [DataRow("23x17_420.jpg")]
    [DataRow("23x17_420_prog.jpg")]
    public void AMarkBehindTheScansSaysNothingOfColours(string name)
    {
        var file = Read(name);
        Assert.AreEqual(0xE0, (int)file[3], "a mark of JFIF stands first");
        byte[] bare = [.. file[..2], .. file[(4 + (file[4] << 8 | file[5]))..]];
        byte[] marked = [.. bare[..^2], 0xFF, 0xEE, 0, 14, .. "Adobe"u8, 0, 100, 0, 0, 0, 0, 0, .. bare[^2..]];
        using var expected = ImageDecoder.Decode(bare, name);
        using var image = ImageDecoder.Decode(marked, name);
        CollectionAssert.AreEqual(expected.ToRgb(), image.ToRgb());
    }

    /// <summary>A frame of motion JPEG has no Huffman tables: those of the standard are meant.</summary>
    [TestMethod]
    [DataRow("23x17_420.jpg")]
    [DataRow("16x16_gray.jpg")]
    public void AFrameWithoutTablesHasThoseOfTheStandard(string name)
    {
        var file = Read(name);
        var frame = file.ToList();
        for (var at = 2; frame[at + 1] != 0xDA;)
        {
            var length = 2 + (frame[at + 2] << 8 | frame[at + 3]);
            if (frame[at + 1] == 0xC4)
                frame.RemoveRange(at, length);
            else
                at += length;
        }
        Assert.IsLessThan(file.Length, frame.Count);
        using var whole = ImageDecoder.Decode(file, name);
        using var bare = ImageDecoder.Decode([.. frame], name);
        CollectionAssert.AreEqual(whole.ToRgb(), bare.ToRgb());
    }

    /// <summary>Marker, bits, components: other JPEGs by their frame.</summary>
    [TestMethod]
    [DataRow(0xC3, 8, "without loss")]
    [DataRow(0xC6, 8, "of several sizes")]
    [DataRow(0xC1, 12, "3 components of 12 bits")]
    public void OtherFramesAreRefused(int marker, int bits, string message)
    {
        var file = Read("23x17_444.jpg");
        var frame = file.AsSpan().IndexOf([(byte)0xFF, (byte)0xC0]);
        (file[frame + 1], file[frame + 4]) = ((byte)marker, (byte)bits);
        StringAssert.Contains(Error(file), message);
    }

    /// <summary>Below the limit of pixels, but more than so few data can hold: nothing is taken for them.</summary>
    [TestMethod]
    [DataRow("23x17_444.jpg")]
    [DataRow("23x17_444_prog.jpg")]
    public void ASizeThatTheDataCannotFillIsRefused(string name)
    {
        var file = Read(name);
        var frame = file.AsSpan().IndexOf([(byte)0xFF, (byte)(name.Contains("prog") ? 0xC2 : 0xC0)]);
        (file[frame + 5], file[frame + 7]) = (50, 50);
        StringAssert.Contains(Error(file), "too few for 12823x12817 pixels");
    }

    static byte[] Read(string name) => File.ReadAllBytes(Paths.Golden("images", "jpeg", name));

    static string Error(byte[] file) =>
        Assert.ThrowsExactly<UserException>(() => ImageDecoder.Decode(file, "file.jpg")).Message;
}
