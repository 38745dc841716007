using System.Buffers.Binary;
using OnnxTimm.Data;

namespace OnnxTimm.Tests;

[TestClass]
public sealed class PngDecoderTests
{
    const int Header = 33;

    public static IEnumerable<object[]> Files => ImageGolden.Decoded("png.json");

    /// <summary>Every kind of colour, depth and interlacing; the expected pixels are Pillow's.</summary>
    [TestMethod]
    [DynamicData(nameof(Files))]
    public void DecodesAsPillow(string file, string sha256)
    {
        using var image = ImageDecoder.Decode(Read(file), file);
        Assert.AreEqual(sha256, ImageGolden.Sha256(image.ToRgb()));
    }

    [TestMethod]
    public void EveryCutIsSeen()
    {
        var file = Read("rgba16_interlaced.png");
        // What lies behind the last row of pixels is not read: a checksum, and the chunk of the end.
        for (var length = 0; length < file.Length - 20; length++)
            Error(file[..length]);
    }

    /// <summary>As in Pillow: chunks before the image data are checked, data by what they inflate to.</summary>
    [TestMethod]
    [DataRow("palette4.png", Header + 10, "chunk at byte 33 has not the checksum")]
    [DataRow("rgb8.png", 20, "chunk at byte 8 has not the checksum")]
    [DataRow("rgb8.png", Header + 8, "damaged")]
    public void DamageIsSeen(string name, int at, string message)
    {
        var file = Read(name);
        file[at] ^= 0xFF;
        StringAssert.Contains(Error(file), message);
    }

    /// <summary>Data that ask zlib for a dictionary (bit 5 of their second byte, RFC 1950), and no deflated ones.</summary>
    [TestMethod]
    [DataRow(0x78, 0x20)]
    [DataRow(0x79, 0x9C)]
    public void WhatCannotBeInflatedIsSaid(int method, int flags)
    {
        var file = Read("rgb8.png");
        var at = file.AsSpan().IndexOf("IDAT"u8) + 4;
        // The two are a multiple of 31, read as one number.
        (file[at], file[at + 1]) = ((byte)method, (byte)(flags + (31 - (method * 256 + flags) % 31) % 31));
        StringAssert.Contains(Error(file), "its image data cannot be inflated");
    }

    [TestMethod]
    [DataRow(24, 3, "3 bits")]
    [DataRow(25, 1, "kind of colour 1")]
    [DataRow(25, 7, "kind of colour 7")]
    [DataRow(25, 255, "kind of colour 255")]
    [DataRow(27, 1, "row filters of the unknown kind 1")]
    [DataRow(16, 255, "4278190093x11 pixels")]
    public void KindsThatPngHasNotAreRefused(int at, int value, string message)
    {
        var file = Read("rgb8.png");
        file[at] = (byte)value;
        StringAssert.Contains(Error(Sealed(file)), message);
    }

    /// <summary>Below the limit of pixels, but more than so few data can hold: nothing is taken for them.</summary>
    [TestMethod]
    public void ASizeThatTheDataCannotFillIsRefused()
    {
        var file = Read("rgb8.png");
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(16), 13_000);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(20), 13_000);
        StringAssert.Contains(Error(Sealed(file)), "too few for 13000x13000 pixels");
    }

    static byte[] Read(string name) => File.ReadAllBytes(Paths.Golden("images", "png", name));

    static string Error(byte[] file) =>
        Assert.ThrowsExactly<UserException>(() => ImageDecoder.Decode(file, "file.png")).Message;

    /// <summary>The file with the checksum that its header should have.</summary>
    static byte[] Sealed(byte[] file)
    {
        var checksum = System.IO.Hashing.Crc32.HashToUInt32(file.AsSpan(12, 17));
        BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(29), checksum);
        return file;
    }
}
