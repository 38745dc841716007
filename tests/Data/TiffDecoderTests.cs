using System.Security.Cryptography;
using System.Text.Json;
using OnnxTimm.Data;

namespace OnnxTimm.Tests.Data;

/// <summary>TIFF files of many kinds, against Pillow.</summary>
[TestClass]
public sealed class TiffDecoderTests
{
    static readonly JsonElement[] Files = [.. GoldenZoo.Rows(Paths.Golden("images", "tiff.jsonl.gz"))];

    /// <summary>Kinds that Pillow reads and we name instead: its own mode for colours that need a profile.</summary>
    static readonly string[] Unread = ["lab"];

    public static IEnumerable<object[]> Names => Files.Select(f => new object[] { f.Text("name") });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void PixelsArePillows(string name)
    {
        var file = Of(name);
        var bytes = file.Get("file").GetBytesFromBase64();
        if (file.TryGetProperty("error", out _) || Unread.Contains(name))
        {
            StringAssert.Contains(Assert.ThrowsExactly<UserException>(() => ImageDecoder.Decode(bytes, name)).Message,
                $"{name} is a TIFF of a kind that is not read: ");
            return;
        }
        using var image = ImageDecoder.Decode(bytes, name);
        Assert.AreEqual((file.Get("width").GetInt32(), file.Get("height").GetInt32()), (image.Width, image.Height));
        var pixels = image.ToRgb();
        CollectionAssert.AreEqual(file.Ints("first"), pixels.Take(24).Select(b => (int)b).ToArray());
        Assert.AreEqual(file.Text("sha256"), Convert.ToHexStringLower(SHA256.HashData(pixels)));
        Assert.AreEqual(Orientation.Upright, Orientation.Of(bytes));
    }

    /// <summary>Whatever byte is another, the file is an image or one message, and takes no more memory.</summary>
    [TestMethod]
    public void DamagedFilesAreNamed()
    {
        var random = new CounterRandom(1).At(0, 0);
        foreach (var file in Files)
        {
            var bytes = file.Get("file").GetBytesFromBase64();
            for (var i = 0; i < 40; i++)
            {
                byte[] changed = [.. bytes];
                for (var n = 0; n <= i % 3; n++)
                    changed[random.Integer(0, Math.Min(bytes.Length, i % 2 == 0 ? 250 : bytes.Length) - 1)] =
                        (byte)random.Integer(0, 255);
                if (i % 10 == 9)
                    changed = changed[..random.Integer(4, bytes.Length)];
                var before = GC.GetAllocatedBytesForCurrentThread();
                try
                {
                    ImageDecoder.Decode(changed, "a file").Dispose();
                }
                catch (UserException e)
                {
                    Assert.IsFalse(e.Message.Contains('\n'), e.Message);
                }
                Assert.IsLessThan(10_000_000, GC.GetAllocatedBytesForCurrentThread() - before, file.Text("name"));
            }
        }
    }

    static JsonElement Of(string name) => Files.Single(f => f.Text("name") == name);
}
