using System.Buffers.Binary;

namespace OnnxTimm.Data;

/// <summary>Where image files keep EXIF, which is a small TIFF file (Exif 2.3, section 4.5).</summary>
static class ExifData
{
    const byte Application1 = 0xE1, StartOfScan = 0xDA;

    static ReadOnlySpan<byte> Prefix => "Exif\0\0"u8;

    /// <summary>The TIFF file in a JPEG, PNG or WebP; empty where there is none.</summary>
    public static ReadOnlySpan<byte> Of(ReadOnlySpan<byte> file)
    {
        var exif = PngDecoder.Is(file) ? OfPng(file)
            : file.StartsWith("RIFF"u8) && file.Length > 12 && file[8..].StartsWith("WEBP"u8) ? OfWebP(file)
            : file is [0xFF, 0xD8, ..] ? OfJpeg(file)
            : [];
        return exif.StartsWith(Prefix) ? exif[Prefix.Length..] : exif;
    }

    static ReadOnlySpan<byte> OfPng(ReadOnlySpan<byte> file)
    {
        ReadOnlySpan<byte> found = [];
        for (var chunks = new PngChunks(file); chunks.Next();)
            if (chunks.Name.SequenceEqual("eXIf"u8))
                found = chunks.Body;
        return found;
    }

    static ReadOnlySpan<byte> OfJpeg(ReadOnlySpan<byte> file)
    {
        for (var at = 2; at + 4 <= file.Length && file[at] == 0xFF && file[at + 1] != StartOfScan;)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(file[(at + 2)..]);
            var body = file[(at + 4)..Math.Clamp(at + 2 + length, at + 4, file.Length)];
            if (file[at + 1] == Application1 && body.StartsWith(Prefix))
                return body;
            at += 2 + length;
        }
        return [];
    }

    static ReadOnlySpan<byte> OfWebP(ReadOnlySpan<byte> file)
    {
        for (long at = 12; at + 8 <= file.Length;)
        {
            var chunk = file[(int)at..];
            var length = BinaryPrimitives.ReadUInt32LittleEndian(chunk[4..]);
            if (chunk.StartsWith("EXIF"u8))
                return chunk[8..(int)Math.Min(8L + length, chunk.Length)];
            at += 8L + length + length % 2;
        }
        return [];
    }
}
