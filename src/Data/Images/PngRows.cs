using System.Buffers.Binary;
using System.IO.Compression;

namespace OnnxTimm.Data;

/// <summary>
/// The rows of a PNG file, inflated and without their filters, for the kinds that Skia reads otherwise than Pillow
/// (PNG specification, ISO/IEC 15948).
/// </summary>
static class PngRows
{
    const int Header = 33; // signature, length, "IHDR", 13 bytes, checksum

    /// <summary>The seven passes of interlacing: offset, then step.</summary>
    static readonly Pass[] Adam7 =
    [
        new(0, 0, 8, 8), new(4, 0, 8, 8), new(0, 4, 4, 8), new(2, 0, 4, 4), new(0, 2, 2, 4), new(1, 0, 2, 2),
        new(0, 1, 1, 2),
    ];

    /// <summary>Takes a row: its samples, and which pixels they are.</summary>
    public delegate void Row(ReadOnlySpan<byte> samples, int y, Pass pass);

    static ReadOnlySpan<byte> Signature => [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Bits of a sample and kind of colour; null where a file is no PNG.</summary>
    public static (int Bits, int Colour)? Kind(ReadOnlySpan<byte> file) =>
        file.Length > Header && file.StartsWith(Signature) ? (file[24], file[25]) : null;

    /// <summary>Reads a file of one sample a pixel.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    /// <exception cref="EndOfStreamException">It is cut short.</exception>
    public static void Read(ReadOnlySpan<byte> file, Row row)
    {
        var (width, height) = Size(file);
        using var data = new ZLibStream(Content(file, "IDAT"u8), CompressionMode.Decompress);
        foreach (var pass in file[28] == 0 ? [new(0, 0, 1, 1)] : Adam7)
            Read(data, width, height, file[24], pass, row);
    }

    public static (int Width, int Height) Size(ReadOnlySpan<byte> file) =>
        (BinaryPrimitives.ReadInt32BigEndian(file[16..]), BinaryPrimitives.ReadInt32BigEndian(file[20..]));

    /// <summary>What all chunks of a name hold, one after the other, up to one that is longer than the file.</summary>
    public static MemoryStream Content(ReadOnlySpan<byte> file, ReadOnlySpan<byte> chunk)
    {
        var data = new MemoryStream();
        for (var at = Signature.Length; at + 12 <= file.Length;)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(file[at..]);
            if (length > file.Length - at - 12)
                break;
            if (file.Slice(at + 4, 4).SequenceEqual(chunk))
                data.Write(file.Slice(at + 8, (int)length));
            at += 12 + (int)length;
        }
        data.Position = 0;
        return data;
    }

    static void Read(Stream data, int width, int height, int bits, Pass pass, Row row)
    {
        var samples = (width - pass.X + pass.StepX - 1) / pass.StepX;
        if (samples <= 0)
            return;
        var above = new byte[(samples * bits + 7) / 8];
        var bytes = new byte[above.Length];
        for (var y = pass.Y; y < height; y += pass.StepY)
        {
            var filter = data.ReadByte();
            data.ReadExactly(bytes);
            Unfilter(filter, bytes, above, Math.Max(1, bits / 8));
            row(bytes, y, pass);
            (above, bytes) = (bytes, above);
        }
    }

    /// <param name="filter">Its number.</param>
    /// <param name="row">Bytes, changed in place.</param>
    /// <param name="above">The row above.</param>
    /// <param name="step">Bytes from a pixel to the next, at least one.</param>
    static void Unfilter(int filter, Span<byte> row, ReadOnlySpan<byte> above, int step)
    {
        for (var i = 0; i < row.Length; i++)
        {
            var left = i < step ? 0 : row[i - step];
            row[i] += (byte)(filter switch
            {
                0 => 0,
                1 => left,
                2 => above[i],
                3 => (left + above[i]) / 2,
                4 => Paeth(left, above[i], i < step ? 0 : above[i - step]),
                _ => throw new InvalidDataException($"row filter {filter} does not exist"),
            });
        }
    }

    static int Paeth(int left, int above, int corner)
    {
        var (dl, da, dc) = (Math.Abs(above - corner), Math.Abs(left - corner), Math.Abs(left + above - 2 * corner));
        return dl <= da && dl <= dc ? left : da <= dc ? above : corner;
    }

    /// <summary>Which pixels a pass holds: the first, and the way to the next.</summary>
    public readonly record struct Pass(int X, int Y, int StepX, int StepY);
}
