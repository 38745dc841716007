using System.Buffers.Binary;

namespace OnnxTimm.Data;

/// <summary>
/// The first frame of a GIF as Pillow 9.4 shows it: pixels that are transparent have their palette's colour, a smaller
/// frame lies on the transparent index or on index 0, and an index beyond the palette is a gray of that value.
/// Skia leaves all of these black. (GIF89a, CompuServe 1990.)
/// </summary>
readonly ref struct GifDecoder
{
    const int ScreenHeader = 13, FrameHeader = 9, HasPalette = 0x80, IsInterlaced = 0x40;
    const byte Extension = 0x21, Frame = 0x2C, End = 0x3B, GraphicControl = 0xF9;

    readonly ReadOnlySpan<byte> data;
    readonly uint[] colours;
    readonly (int Left, int Top, int Width, int Height) frame;
    readonly bool interlaced;
    readonly byte background;

    /// <summary>Reads up to the first frame's data.</summary>
    /// <exception cref="InvalidDataException">There is no frame.</exception>
    /// <exception cref="IndexOutOfRangeException">The file ends before.</exception>
    public GifDecoder(ReadOnlySpan<byte> file)
    {
        var global = Palette(file, ScreenHeader, file[10]);
        var at = ScreenHeader + Length(file[10]);
        for (; file[at] != Frame; at++)
            if (file[at] == End)
                throw new InvalidDataException("it holds no image");
            else if (file[at] == Extension)
                at = Skip(file, at, ref background);
        frame = (Word(file, at + 1), Word(file, at + 3), Word(file, at + 5), Word(file, at + 7));
        var flags = file[at + FrameHeader];
        interlaced = (flags & IsInterlaced) != 0;
        colours = (flags & HasPalette) != 0 ? Palette(file, at + 1 + FrameHeader, flags) : global;
        if (frame is { Width: 0 } or { Height: 0 })
            throw new InvalidDataException("its first frame has no pixels");
        data = file[(at + 1 + FrameHeader + Length(flags))..];
        (Width, Height) = (Math.Max(Word(file, 6), frame.Left + frame.Width),
            Math.Max(Word(file, 8), frame.Top + frame.Height));
    }

    /// <summary>The screen, enlarged where the frame goes beyond it.</summary>
    public int Width { get; }

    public int Height { get; }

    public static bool Is(ReadOnlySpan<byte> file) => file.StartsWith("GIF87a"u8) || file.StartsWith("GIF89a"u8);

    public Image Decode()
    {
        var image = Image.Rent(Width, Height);
        try
        {
            image.Words.Fill(colours[background]);
            var codes = new GifCodes(data);
            var row = new byte[frame.Width];
            foreach (var y in Rows())
            {
                codes.Read(row);
                var target = image.Words.Slice((frame.Top + y) * Width + frame.Left, frame.Width);
                for (var x = 0; x < row.Length; x++)
                    target[x] = colours[row[x]];
            }
            return image;
        }
        catch
        {
            image.Dispose();
            throw;
        }
    }

    /// <summary>The frame's rows in the order of the file.</summary>
    List<int> Rows()
    {
        var rows = new List<int>(frame.Height);
        foreach (var (first, step) in interlaced ? [(0, 8), (4, 8), (2, 4), (1, 2)] : ((int, int)[])[(0, 1)])
            for (var y = first; y < frame.Height; y += step)
                rows.Add(y);
        return rows;
    }

    /// <summary>The last byte of an extension; takes the transparent index out of a graphic control.</summary>
    static int Skip(ReadOnlySpan<byte> file, int at, ref byte background)
    {
        if (file[at + 1] == GraphicControl && (file[at + 3] & 1) != 0)
            background = file[at + 6];
        for (at += 2; file[at] != 0; at += 1 + file[at])
        {
        }
        return at;
    }

    static int Word(ReadOnlySpan<byte> file, int at) => BinaryPrimitives.ReadUInt16LittleEndian(file[at..]);

    /// <summary>Bytes of the palette that flags announce.</summary>
    static int Length(byte flags) => (flags & HasPalette) != 0 ? 3 << ((flags & 7) + 1) : 0;

    /// <summary>256 colours: those of the file, then grays.</summary>
    static uint[] Palette(ReadOnlySpan<byte> file, int at, byte flags)
    {
        var entries = file.Slice(at, Length(flags));
        var colours = new uint[256];
        for (var i = 0; i < colours.Length; i++)
            colours[i] = i < entries.Length / 3
                ? (uint)(entries[3 * i] | entries[3 * i + 1] << 8 | entries[3 * i + 2] << 16)
                : (uint)(i * 0x010101);
        return colours;
    }
}
