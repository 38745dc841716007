using System.Buffers.Binary;
using System.IO.Compression;

namespace OnnxTimm.Data;

/// <summary>
/// PNG of one 16-bit gray channel, which Pillow turns into RGB by saturating: every sample above 255 becomes 255.
/// Skia keeps the high byte instead, so these files are read here (PNG specification, ISO/IEC 15948).
/// </summary>
static class GrayPng16
{
    const int Header = 33; // signature, length, "IHDR", 13 bytes, checksum
    const int SampleBytes = 2;

    /// <summary>Offset and step of the seven passes of interlacing: x, y, then x step, y step.</summary>
    static readonly (int X, int Y, int StepX, int StepY)[] Adam7 =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    static ReadOnlySpan<byte> Signature => [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];

    public static bool Is(ReadOnlySpan<byte> file) =>
        file.Length > Header && file.StartsWith(Signature) && file[24] == 16 && file[25] == 0;

    public static Image Decode(ReadOnlySpan<byte> file, string name)
    {
        var image = Image.Rent(
            BinaryPrimitives.ReadInt32BigEndian(file[16..]), BinaryPrimitives.ReadInt32BigEndian(file[20..]));
        try
        {
            using var data = new ZLibStream(ImageData(file), CompressionMode.Decompress);
            foreach (var (x, y, stepX, stepY) in file[28] == 0 ? [(0, 0, 1, 1)] : Adam7)
                DecodePass(data, image, x, y, stepX, stepY);
            return image;
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            image.Dispose();
            throw new UserException($"{name} is cut short or damaged: {e.Message}", e);
        }
    }

    static void DecodePass(Stream data, Image image, int left, int top, int stepX, int stepY)
    {
        var samples = (image.Width - left + stepX - 1) / stepX;
        if (samples <= 0)
            return;
        var above = new byte[samples * SampleBytes];
        var row = new byte[samples * SampleBytes];
        for (var y = top; y < image.Height; y += stepY)
        {
            var filter = data.ReadByte();
            data.ReadExactly(row);
            Unfilter(filter, row, above);
            for (var i = 0; i < samples; i++)
            {
                var value = row[i * SampleBytes] == 0 ? row[i * SampleBytes + 1] : (byte)255;
                image.Row(y).Slice((left + i * stepX) * Pixels.Size, Pixels.Size).Fill(value);
            }
            (above, row) = (row, above);
        }
    }

    static void Unfilter(int filter, Span<byte> row, ReadOnlySpan<byte> above)
    {
        for (var i = 0; i < row.Length; i++)
        {
            var left = i < SampleBytes ? 0 : row[i - SampleBytes];
            row[i] += (byte)(filter switch
            {
                0 => 0,
                1 => left,
                2 => above[i],
                3 => (left + above[i]) / 2,
                4 => Paeth(left, above[i], i < SampleBytes ? 0 : above[i - SampleBytes]),
                _ => throw new InvalidDataException($"row filter {filter} does not exist"),
            });
        }
    }

    static int Paeth(int left, int above, int corner)
    {
        var (dl, da, dc) = (Math.Abs(above - corner), Math.Abs(left - corner), Math.Abs(left + above - 2 * corner));
        return dl <= da && dl <= dc ? left : da <= dc ? above : corner;
    }

    /// <summary>The content of all IDAT chunks in a row.</summary>
    static MemoryStream ImageData(ReadOnlySpan<byte> file)
    {
        var data = new MemoryStream();
        for (var at = Signature.Length; at + 12 <= file.Length;)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(file[at..]);
            if (length > file.Length - at - 12)
                throw new InvalidDataException("a chunk is longer than the file");
            if (file.Slice(at + 4, 4).SequenceEqual("IDAT"u8))
                data.Write(file.Slice(at + 8, (int)length));
            at += 12 + (int)length;
        }
        data.Position = 0;
        return data;
    }
}
