using OnnxTimm.Data;

namespace OnnxTimm.Tests;

using Window = OnnxTimm.Data.Window;

/// <summary>The expected pixels are those of libjpeg-turbo, by way of Skia.</summary>
[TestClass]
public sealed class JpegDecoderTests
{
    static string[] Files => Directory.GetFiles(Paths.Golden("images", "jpeg"), "*.jpg");

    [TestMethod]
    [DataRow("420_progressive.jpg")]
    [DataRow("cmyk.jpg")]
    [DataRow("rgb.png")]
    public void UnusualFilesAreLeftToSkia(string file) => Assert.IsNull(
        JpegDecoder.TryReadHeader(File.ReadAllBytes(Paths.Golden("images", "files", file))));

    [TestMethod]
    public void EverySamplingSizeAndRestartIntervalIsDecodedAsByLibjpeg()
    {
        foreach (var file in Files)
        {
            var bytes = File.ReadAllBytes(file);
            using var expected = ImageDecoder.DecodeFurther(bytes, file);
            using var image = JpegDecoder.TryDecode(JpegDecoder.TryReadHeader(bytes)!, bytes);
            Assert.IsNotNull(image, file);
            CollectionAssert.AreEqual(expected.ToRgb(), image.ToRgb(), file);
        }
    }

    [TestMethod]
    public void APartIsThatPartOfTheWhole()
    {
        var random = new Random(2);
        foreach (var file in Files)
        {
            var bytes = File.ReadAllBytes(file);
            using var whole = JpegDecoder.TryDecode(JpegDecoder.TryReadHeader(bytes)!, bytes)!;
            for (var i = 0; i < 20; i++)
            {
                var (left, top) = (random.Next(whole.Width), random.Next(whole.Height));
                var part = new Window(left, top, 1 + random.Next(whole.Width - left), 1
                    + random.Next(whole.Height - top));
                using var image = JpegDecoder.TryDecode(JpegDecoder.TryReadHeader(bytes)!, bytes, part)!;
                using var expected = whole.View().Crop(part.Left, part.Top, part.Width, part.Height).ToImage();
                using var got = image.View().Crop(part.Left, part.Top, part.Width, part.Height).ToImage();
                CollectionAssert.AreEqual(expected.ToRgb(), got.ToRgb(), $"{file} {part}");
            }
        }
    }

    /// <summary>What is damaged is either refused, and so left to Skia, or decoded as by libjpeg.</summary>
    [TestMethod]
    public void DamagedFilesAreNeverDecodedOtherwise()
    {
        var random = new Random(1);
        var refused = 0;
        foreach (var file in Files)
            for (var i = 0; i < 100; i++)
            {
                var bytes = Damage(File.ReadAllBytes(file), random);
                var header = JpegDecoder.TryReadHeader(bytes);
                var isSmall = header?.Width * header?.Height < 1 << 20;
                using var image = isSmall ? JpegDecoder.TryDecode(header!, bytes) : null;
                if (image == null)
                {
                    refused++;
                    continue;
                }
                using var expected = ImageDecoder.DecodeFurther(bytes, file);
                CollectionAssert.AreEqual(expected.ToRgb(), image.ToRgb(), $"{file} {i}");
            }
        Assert.IsTrue(refused > 0);
    }

    [TestMethod]
    public void PhotosTakeTheShortWay()
    {
        foreach (var file in Directory.GetFiles(Paths.Shared("data", "photos")))
        {
            var bytes = File.ReadAllBytes(file);
            using var image = JpegDecoder.TryDecode(JpegDecoder.TryReadHeader(bytes)!, bytes);
            Assert.IsNotNull(image, file);
        }
    }

    static byte[] Damage(byte[] bytes, Random random)
    {
        if (random.Next(4) == 0)
            return bytes[..random.Next(2, bytes.Length)];
        for (var i = random.Next(1, 4); i > 0; i--)
            bytes[random.Next(2, bytes.Length)] = (byte)(random.Next(3) == 0 ? 0xFF : random.Next(256));
        return bytes;
    }
}
