using System.Buffers.Binary;
using System.IO.Hashing;

namespace OnnxTimm.Data;

/// <summary>
/// What a PNG file says before its image data. As in Pillow, every chunk up to there has to have the right checksum,
/// and what makes pixels transparent is left out of account.
/// </summary>
sealed class PngHeader
{
    const int PaletteEntry = 3;

    /// <summary>Samples of a pixel, by kind of colour.</summary>
    static readonly int[] Samples = [1, 0, 3, 1, 2, 0, 4];

    PngHeader(ReadOnlySpan<byte> header)
    {
        var (width, height) =
            (BinaryPrimitives.ReadUInt32BigEndian(header), BinaryPrimitives.ReadUInt32BigEndian(header[4..]));
        (Bits, Colour, IsInterlaced) = (header[8], (PngColour)header[9], header[12] != 0);
        if (width is 0 or > int.MaxValue || height is 0 or > int.MaxValue)
            throw new InvalidDataException($"it declares {width}x{height} pixels");
        if (!IsKnown(Colour, Bits))
            throw new InvalidDataException($"no PNG has {Bits} bits of the kind of colour {header[9]}");
        if (header[11] != 0)
            throw new InvalidDataException($"it has row filters of the unknown kind {header[11]}");
        (Width, Height) = ((int)width, (int)height);
    }

    public int Width { get; }

    public int Height { get; }

    /// <summary>Bits of a sample.</summary>
    public int Bits { get; }

    public PngColour Colour { get; }

    /// <summary>Whether the rows come in seven passes.</summary>
    public bool IsInterlaced { get; }

    public int BitsPerPixel => Bits * Samples[(int)Colour];

    /// <summary>Colours by index, three bytes each.</summary>
    public byte[] Palette { get; private set; } = [];

    /// <summary>Where the first chunk of image data begins.</summary>
    public int DataStart { get; private set; }

    /// <exception cref="InvalidDataException">Damaged, or of no kind that PNG has.</exception>
    /// <exception cref="EndOfStreamException">No image data.</exception>
    public static PngHeader Read(ReadOnlySpan<byte> file)
    {
        PngHeader? header = null;
        for (var chunks = new PngChunks(file); chunks.Next();)
        {
            if (chunks.Name.SequenceEqual("IDAT"u8))
            {
                header = header ?? throw new InvalidDataException("its image data come before its header");
                header.DataStart = chunks.At;
                return header;
            }
            Check(chunks);
            if (chunks.Name.SequenceEqual("IHDR"u8))
                header = chunks.Body.Length >= 13 ? new(chunks.Body)
                    : throw new InvalidDataException($"its header has {chunks.Body.Length} bytes, not 13");
            else if (chunks.Name.SequenceEqual("PLTE"u8) && header?.Colour == PngColour.Palette)
                header.Palette = chunks.Body.Length <= 256 * PaletteEntry ? chunks.Body.ToArray()
                    : throw new InvalidDataException($"its palette has {chunks.Body.Length} bytes, not at most 768");
            else if (chunks.Name.SequenceEqual("IEND"u8))
                break;
        }
        throw new EndOfStreamException("it holds no image data");
    }

    static void Check(PngChunks chunk)
    {
        if (!chunk.IsWhole)
            throw new EndOfStreamException("it ends before its image data");
        var crc = new Crc32();
        crc.Append(chunk.Name);
        crc.Append(chunk.Body);
        if (crc.GetCurrentHashAsUInt32() != chunk.Checksum)
            throw new InvalidDataException($"its chunk at byte {chunk.At} has not the checksum that it says");
    }

    static bool IsKnown(PngColour colour, int bits) => colour switch
    {
        PngColour.Gray => bits is 1 or 2 or 4 or 8 or 16,
        PngColour.Palette => bits is 1 or 2 or 4 or 8,
        PngColour.Rgb or PngColour.GrayAlpha or PngColour.Rgba => bits is 8 or 16,
        _ => false,
    };
}
