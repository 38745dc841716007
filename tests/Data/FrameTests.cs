using OnnxTimm.Data;

namespace OnnxTimm.Tests;

[TestClass]
public sealed class FrameTests
{
    const int Width = 5, Height = 3;

    /// <summary>A picture of random colours, as red, green and blue.</summary>
    static readonly (byte R, byte G, byte B)[] Picture = Colours();

    [TestMethod]
    [DataRow(PixelFormat.Rgb24)]
    [DataRow(PixelFormat.Bgr24)]
    [DataRow(PixelFormat.Rgba32)]
    [DataRow(PixelFormat.Bgra32)]
    public void ChannelsComeToTheirPlace(PixelFormat format)
    {
        foreach (var gap in (int[])[0, 7])
        {
            var (bytes, stride) = Laid(c => format switch
            {
                PixelFormat.Rgb24 => [c.R, c.G, c.B],
                PixelFormat.Bgr24 => [c.B, c.G, c.R],
                PixelFormat.Rgba32 => [c.R, c.G, c.B, 99],
                _ => [c.B, c.G, c.R, 99],
            }, gap);
            using var image = new Frame(bytes, format, Width, Height, gap == 0 ? 0 : stride).ToImage();
            CollectionAssert.AreEqual(Picture.SelectMany(c => new[] { c.R, c.G, c.B }).ToArray(), image.ToRgb());
        }
    }

    [TestMethod]
    public void GrayIsTheSameInAllChannels()
    {
        var (bytes, stride) = Laid(c => [c.G], gap: 2);
        using var image = new Frame(bytes, PixelFormat.Gray8, Width, Height, stride).ToImage();
        CollectionAssert.AreEqual(Picture.SelectMany(c => new[] { c.G, c.G, c.G }).ToArray(), image.ToRgb());
    }

    /// <summary>Only four bytes a pixel with red first are read where they lie.</summary>
    [TestMethod]
    public void RgbaIsNotCopied()
    {
        var (bytes, stride) = Laid(c => [c.R, c.G, c.B, 99], gap: 4);
        var frame = new Frame(bytes, PixelFormat.Rgba32, Width, Height, stride);
        Assert.IsTrue(frame.IsRgbx);
        Assert.IsTrue(frame.View().Row(1).Overlaps(bytes));
        Assert.IsFalse(new Frame(bytes, PixelFormat.Bgra32, Width, Height, stride).IsRgbx);
    }

    /// <summary>The primaries of ITU-R BT.601, as its definition gives them: Y = 16 + 219 (0.299 R + ...).</summary>
    [TestMethod]
    [DataRow(16, 128, 128, 0, 0, 0)]
    [DataRow(235, 128, 128, 255, 255, 255)]
    [DataRow(126, 128, 128, 128, 128, 128)]
    [DataRow(81, 90, 240, 254, 0, 0)]
    [DataRow(145, 54, 34, 0, 255, 1)]
    [DataRow(41, 240, 110, 0, 0, 255)]
    [DataRow(0, 128, 128, 0, 0, 0)]
    [DataRow(255, 255, 255, 255, 125, 255)]
    public void Nv12IsBt601(int y, int cb, int cr, int r, int g, int b)
    {
        byte[] bytes = [.. Enumerable.Repeat((byte)y, 4), (byte)cb, (byte)cr];
        using var image = new Frame(bytes, PixelFormat.Nv12, 2, 2).ToImage();
        CollectionAssert.AreEqual(Enumerable.Repeat((byte[])[(byte)r, (byte)g, (byte)b], 4).SelectMany(p => p).ToArray(),
            image.ToRgb());
    }

    /// <summary>Pixels by eights and the rest of them, from even and odd columns on: as one by one.</summary>
    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    public void PixelsByEightsAreThoseOneByOne(int left)
    {
        const int width = 29, height = 3, stride = 30;
        var bytes = new byte[stride * (height + 2)];
        new Random(1).NextBytes(bytes);
        var frame = new Frame(bytes, PixelFormat.Nv12, width, height, stride);
        using var image = frame.Crop(left, 0, width - left, height).ToImage();
        for (var y = 0; y < height; y++)
            for (var x = left; x < width; x++)
            {
                using var one = frame.Crop(x, y, 1, 1).ToImage();
                Assert.AreEqual(one.Words[0], image.Words[y * (width - left) + x - left], $"{x}, {y}");
            }
    }

    /// <summary>Odd sides have a chroma pair of their own; each pair colours its two columns and two rows.</summary>
    [TestMethod]
    public void Nv12PairsColourFourPixels()
    {
        const int stride = 6;
        var bytes = new byte[stride * 5];
        bytes.AsSpan().Fill(128);
        bytes[stride * 3 + 3] = 240;
        bytes[stride * 4 + 4] = 240;
        using var image = new Frame(bytes, PixelFormat.Nv12, Width, Height, stride).ToImage();
        var red = string.Concat(Enumerable.Range(0, Width * Height).Select(i => image.ToRgb()[3 * i] > 200 ? 'R' : '.'));
        var blue = string.Concat(Enumerable.Range(0, Width * Height).Select(i => image.ToRgb()[3 * i + 2] > 200 ? 'B' : '.'));
        Assert.AreEqual("..RR...RR......", red);
        Assert.AreEqual("..............B", blue);
    }

    [TestMethod]
    [DataRow(PixelFormat.Rgb24, 4, 4, 0, 47, "4x4 pixels Rgb24 in rows of 12 bytes are 48 bytes, not 47.")]
    [DataRow(PixelFormat.Nv12, 5, 3, 0, 29, "5x3 pixels Nv12 in rows of 6 bytes are 30 bytes, not 29.")]
    [DataRow(PixelFormat.Bgra32, 4, 4, 15, 999, "A row of 4 pixels Bgra32 has 16 bytes, more than the stride 15.")]
    [DataRow(PixelFormat.Gray8, 0, 4, 0, 999, "No image has 0x4 pixels: a side is from 1 to 16384.")]
    [DataRow(PixelFormat.Gray8, 4, 20000, 0, 999, "No image has 4x20000 pixels: a side is from 1 to 16384.")]
    [DataRow((PixelFormat)9, 4, 4, 0, 999,
        "No pixel format \"9\". There are: Rgb24, Bgr24, Rgba32, Bgra32, Gray8, Nv12, Yuyv.")]
    public void WhatCannotBeIsSaid(PixelFormat format, int width, int height, int stride, int bytes, string message) =>
        Assert.AreEqual(message, Assert.ThrowsExactly<UserException>(() =>
        {
            _ = new Frame(new byte[bytes], format, width, height, stride);
        }).Message);

    static (byte[] Bytes, int Stride) Laid(Func<(byte R, byte G, byte B), byte[]> pixel, int gap)
    {
        var rows = Picture.Chunk(Width).Select(row => row.SelectMany(pixel).ToArray()).ToArray();
        return ([.. rows.SelectMany(row => row.Concat(Enumerable.Repeat((byte)77, gap)))], rows[0].Length + gap);
    }

    static (byte, byte, byte)[] Colours()
    {
        var bytes = new byte[3 * Width * Height];
        new Random(3).NextBytes(bytes);
        return [.. bytes.Chunk(3).Select(c => (c[0], c[1], c[2]))];
    }
}
