using System.Runtime.InteropServices;
using BitMiracle.LibTiff.Classic;

namespace OnnxTimm.Data;

/// <summary>What the tags of a page say of its pixels (TIFF 6.0).</summary>
sealed class TiffPage
{
    readonly Photometric photometric;
    readonly SampleFormat format;
    readonly Compression compression;
    readonly int bits, samples;
    readonly ExtraSample? extra;
    readonly uint[] palette;
    readonly string name;

    TiffPage(Tiff tiff, string name)
    {
        this.name = name;
        (Width, Height) = (Number(TiffTag.IMAGEWIDTH), Number(TiffTag.IMAGELENGTH));
        (bits, samples) = (Number(TiffTag.BITSPERSAMPLE), Number(TiffTag.SAMPLESPERPIXEL));
        photometric = (Photometric)Number(TiffTag.PHOTOMETRIC);
        format = (SampleFormat)Number(TiffTag.SAMPLEFORMAT);
        Orientation = Number(TiffTag.ORIENTATION) is >= 1 and <= 8 and var turn ? turn : Data.Orientation.Upright;
        compression = (Compression)Number(TiffTag.COMPRESSION);
        if (photometric == Photometric.YCBCR && compression == Compression.JPEG)
        {
            tiff.SetField(TiffTag.JPEGCOLORMODE, JpegColorMode.RGB);
            photometric = Photometric.RGB;
        }
        extra = tiff.GetField(TiffTag.EXTRASAMPLES) is [_, var kinds] && kinds.ToShortArray() is [var first, ..]
            ? (ExtraSample)first : null;
        Planes = samples > 1 && (PlanarConfig)Number(TiffTag.PLANARCONFIG) == PlanarConfig.SEPARATE ? samples : 1;
        IsTiled = tiff.IsTiled();
        (BlockWidth, BlockHeight) = IsTiled ? (Number(TiffTag.TILEWIDTH), Number(TiffTag.TILELENGTH))
            : (Width, Math.Min(Math.Max(1, Number(TiffTag.ROWSPERSTRIP)), Height));
        (RowBytes, BlockBytes) = IsTiled ? (tiff.TileRowSize(), tiff.TileSize())
            : (tiff.ScanlineSize(), tiff.StripSize());
        palette = photometric == Photometric.PALETTE ? Palette(tiff) : [];

        int Number(TiffTag tag) => tiff.GetFieldDefaulted(tag) is [var value, ..] ? value.ToInt() : 0;
    }

    public int Width { get; }

    public int Height { get; }

    /// <summary>Tag 274: how it is to be turned.</summary>
    public int Orientation { get; }

    /// <summary>Planes of one sample each, or one of all samples.</summary>
    public int Planes { get; }

    public bool IsTiled { get; }

    public bool IsJpeg => compression == Compression.JPEG;

    /// <summary>Columns of a tile; of a strip all.</summary>
    public int BlockWidth { get; }

    public int BlockHeight { get; }

    public int RowBytes { get; }

    public int BlockBytes { get; }

    /// <summary>Bytes of pixels that a byte of the file may hold: white paper of a fax is the densest.</summary>
    public long MostPacked => compression switch
    {
        Compression.NONE => 1,
        Compression.PACKBITS => 64,
        Compression.CCITTFAX3 or Compression.CCITTFAX4 or Compression.CCITTRLE => 1 << 14,
        _ => 1 << 12,
    };

    /// <summary>Bytes of all pixels.</summary>
    public long Bytes => (long)RowBytes * ((Width + BlockWidth - 1) / BlockWidth) * Height * Planes;

    /// <summary>Reads the tags.</summary>
    /// <exception cref="InvalidDataException">They contradict each other.</exception>
    public static TiffPage Of(Tiff tiff, string name)
    {
        var page = new TiffPage(tiff, name);
        var isWhole = page is { Width: > 0, Height: > 0, BlockWidth: > 0, BlockHeight: > 0, RowBytes: > 0 }
            && page.samples > 0
            && page.BlockBytes >= (long)page.RowBytes * page.BlockHeight
            && page.RowBytes * 8L >= (long)page.BlockWidth * page.bits * (page.Planes > 1 ? 1 : page.samples);
        return isWhole ? page : throw new InvalidDataException("its sizes contradict each other");
    }

    /// <summary>Takes the samples of a row to pixels.</summary>
    /// <param name="samples">The samples; numbers of several bytes as this machine has them.</param>
    /// <param name="pixels">Four bytes each.</param>
    /// <param name="plane">Which sample they are, where each has a plane of its own.</param>
    public delegate void Put(ReadOnlySpan<byte> samples, Span<byte> pixels, int plane);

    /// <summary>How the page's samples become pixels.</summary>
    /// <exception cref="UserException">It is of a kind that is not read.</exception>
    public Put Converter() => (photometric, format, bits, Planes) switch
    {
        (Photometric.RGB, SampleFormat.UINT, 8 or 16, > 1) when samples >= 3 && extra != ExtraSample.ASSOCALPHA =>
            PutPlane,
        (_, _, _, > 1) => throw Unknown(),
        (Photometric.MINISWHITE, SampleFormat.UINT, 1 or 2 or 4 or 8, _) => Looked(i => Gray(255 - Scaled(i))),
        (Photometric.MINISBLACK, SampleFormat.UINT, 1 or 2 or 4 or 8, _) => Looked(i => Gray(Scaled(i))),
        (Photometric.PALETTE, SampleFormat.UINT, 1 or 2 or 4 or 8, _) => Looked(i => palette[i]),
        (Photometric.MINISBLACK or Photometric.MINISWHITE, SampleFormat.UINT, 16, _) when samples == 1 =>
            (row, pixels, _) => Saturated(MemoryMarshal.Cast<byte, ushort>(row), pixels, v => v),
        (Photometric.MINISBLACK, SampleFormat.INT, 16, _) when samples == 1 =>
            (row, pixels, _) => Saturated(MemoryMarshal.Cast<byte, short>(row), pixels, v => v),
        (Photometric.MINISBLACK, SampleFormat.UINT or SampleFormat.INT, 32, _) when samples == 1 =>
            (row, pixels, _) => Saturated(MemoryMarshal.Cast<byte, int>(row), pixels, v => v),
        (Photometric.MINISBLACK or Photometric.MINISWHITE, SampleFormat.IEEEFP, 32, _) when samples == 1 =>
            (row, pixels, _) => Saturated(MemoryMarshal.Cast<byte, float>(row), pixels, v => v),
        (Photometric.RGB, SampleFormat.UINT, 8 or 16, _) when samples >= 3 =>
            samples > 3 && extra == ExtraSample.ASSOCALPHA ? PutPremultiplied : PutColours,
        (Photometric.SEPARATED, SampleFormat.UINT, 8 or 16, _) when samples >= 4 => PutInks,
        _ => throw Unknown(),
    };

    UserException Unknown() => new($"{name} is a TIFF of a kind that is not read: {photometric}, {samples} samples of "
        + $"{bits} bits{(format == SampleFormat.UINT ? "" : $" ({format})")}{(Planes > 1 ? " in planes" : "")}.");

    /// <summary>Colours of 16 bits a channel keep their upper ones.</summary>
    static uint[] Palette(Tiff tiff) => tiff.GetField(TiffTag.COLORMAP) is [var red, var green, var blue]
        ? [.. red.ToShortArray().Zip(green.ToShortArray(), blue.ToShortArray()).Select(c =>
            (uint)((ushort)c.First >> 8 | (ushort)c.Second >> 8 << 8 | (ushort)c.Third >> 8 << 16))]
        : throw new InvalidDataException("it has no palette");

    int Scaled(int value) => value * 255 / ((1 << bits) - 1);

    static uint Gray(int value) => (uint)(value * 0x10101);

    /// <summary>Samples of a byte or less that are looked up; of several the first.</summary>
    Put Looked(Func<int, uint> word)
    {
        if (samples > 1 && bits < 8)
            throw Unknown();
        uint[] table = [.. Enumerable.Range(0, 1 << bits).Select(word)];
        return (row, pixels, _) =>
        {
            var words = MemoryMarshal.Cast<byte, uint>(pixels);
            for (var x = 0; x < words.Length; x++)
                words[x] = bits == 8 ? table[row[x * samples]]
                    : table[row[x * bits / 8] >> 8 - bits - x * bits % 8 & (1 << bits) - 1];
        };
    }

    static void Saturated<T>(ReadOnlySpan<T> row, Span<byte> pixels, Func<T, double> number)
    {
        var words = MemoryMarshal.Cast<byte, uint>(pixels);
        for (var x = 0; x < words.Length; x++)
            words[x] = Gray((int)Math.Clamp(number(row[x]), 0, 255));
    }

    /// <summary>The upper byte of a sample.</summary>
    byte Upper(ReadOnlySpan<byte> row, int at) => bits == 8 ? row[at]
        : (byte)(MemoryMarshal.Read<ushort>(row[(2 * at)..]) >> 8);

    void PutColours(ReadOnlySpan<byte> row, Span<byte> pixels, int plane)
    {
        for (int x = 0, at = 0; x < pixels.Length; x += Pixels.Size, at += samples)
            for (var c = 0; c < 3; c++)
                pixels[x + c] = Upper(row, at + c);
    }

    void PutPlane(ReadOnlySpan<byte> row, Span<byte> pixels, int plane)
    {
        for (int x = plane, at = 0; plane < 3 && x < pixels.Length; x += Pixels.Size, at++)
            pixels[x] = Upper(row, at);
    }

    /// <summary>Colours that were multiplied by their opacity.</summary>
    void PutPremultiplied(ReadOnlySpan<byte> row, Span<byte> pixels, int plane)
    {
        for (int x = 0, at = 0; x < pixels.Length; x += Pixels.Size, at += samples)
        {
            var alpha = Upper(row, at + 3);
            for (var c = 0; c < 3; c++)
                pixels[x + c] = alpha == 0 ? (byte)0 : (byte)Math.Min(255, Upper(row, at + c) * 255 / alpha);
        }
    }

    /// <summary>Cyan, magenta, yellow and black.</summary>
    void PutInks(ReadOnlySpan<byte> row, Span<byte> pixels, int plane)
    {
        for (int x = 0, at = 0; x < pixels.Length; x += Pixels.Size, at += samples)
        {
            var light = 255u - Upper(row, at + 3);
            for (var c = 0; c < 3; c++)
                pixels[x + c] = (byte)Inks.Darken(Upper(row, at + c), light);
        }
    }
}
