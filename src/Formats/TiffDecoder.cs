using BitMiracle.LibTiff.Classic;

namespace OnnxTimm.Data;

/// <summary>
/// The first page of a TIFF file, to what Pillow's <c>Image.open(f).convert("RGB")</c> gives: turned as its tag says,
/// numbers above 255 saturated, of 16 bits of a colour the upper ones. LibTiff.Net unpacks it.
/// </summary>
static class TiffDecoder
{
    /// <summary>Bytes of a JPEG in which its frame is looked for: what stands before is tables.</summary>
    const int MostHead = 1 << 16;

    static TiffDecoder() => Tiff.SetErrorHandler(new Kept());

    /// <summary>Whether a file begins as TIFF or BigTIFF.</summary>
    public static bool Is(ReadOnlySpan<byte> file) =>
        file is [(byte)'I', (byte)'I', 42 or 43, 0, ..] or [(byte)'M', (byte)'M', 0, 42 or 43, ..];

    /// <inheritdoc cref="IFurtherFormats.TryDecode"/>
    public static unsafe Image Decode(ReadOnlySpan<byte> file, string name, DecodeBudget.Share? share)
    {
        Kept.Last = null;
        if (!TiffTags.AreWithin(file))
            throw Damaged("its tags say that they have more than the file");
        try
        {
            fixed (byte* start = file)
                return Decode(start, file.Length, name, share);
        }
        // The library trusts a file's tags.
        catch (Exception e) when (e is InvalidCastException or IndexOutOfRangeException or NullReferenceException
            or ArgumentException or ArithmeticException or IOException)
        {
            throw Damaged($"its tags contradict each other: {e.Message}");
        }
    }

    static unsafe Image Decode(byte* file, int length, string name, DecodeBudget.Share? share)
    {
        using var stream = new UnmanagedMemoryStream(file, length);
        using var tiff = Tiff.ClientOpen(name, "r", stream, new TiffStream())
            ?? throw Damaged("it cannot be opened");
        var page = TiffPage.Of(tiff, name);
        ImageDecoder.CheckSize(page.Width, page.Height, name);
        if (Math.Max(page.Bytes, page.BlockBytes) > page.MostPacked * length)
            throw Damaged("it says that it holds more pixels than it can");
        share?.Take(page.Width, page.Height);
        var image = Image.Rent(page.Width, page.Height);
        try
        {
            Read(tiff, page, length, image);
            return Orientation.Turn(image, page.Orientation);
        }
        catch
        {
            image.Dispose();
            throw;
        }
    }

    static void Read(Tiff tiff, TiffPage page, int length, Image image)
    {
        var put = page.Converter();
        var buffer = new byte[page.BlockBytes];
        for (var plane = 0; plane < page.Planes; plane++)
            for (var y = 0; y < page.Height; y += page.BlockHeight)
                for (var x = 0; x < page.Width; x += page.BlockWidth)
                {
                    var height = Math.Min(page.BlockHeight, page.Height - y);
                    var block = page.IsTiled ? tiff.ComputeTile(x, y, 0, (short)plane)
                        : tiff.ComputeStrip(y, (short)plane);
                    if (tiff.RawStripSize(block) > length)
                        throw Damaged("its image data are longer than the file");
                    if (page.IsJpeg && !IsJpegOf(tiff, block, page))
                        throw Damaged("its JPEG data are of another size");
                    var got = page.IsTiled ? tiff.ReadEncodedTile(block, buffer, 0, -1)
                        : tiff.ReadEncodedStrip(block, buffer, 0, -1);
                    if (got < (long)page.RowBytes * height)
                        throw Damaged("its image data end too early");
                    var width = Math.Min(page.BlockWidth, page.Width - x);
                    for (var row = 0; row < height; row++)
                        put(buffer.AsSpan(row * page.RowBytes, page.RowBytes),
                            image.Row(y + row).Slice(x * Pixels.Size, width * Pixels.Size), plane);
                }
    }

    /// <summary>
    /// Whether the first frame of a block is as wide and at most as high as the block: the library makes room for what
    /// the frame says.
    /// </summary>
    static bool IsJpegOf(Tiff tiff, int block, TiffPage page)
    {
        var data = new byte[Math.Clamp(tiff.RawStripSize(block), 0, MostHead)];
        ReadOnlySpan<byte> rest = data.AsSpan(0, Math.Max(0, page.IsTiled
            ? tiff.ReadRawTile(block, data, 0, data.Length) : tiff.ReadRawStrip(block, data, 0, data.Length)));
        for (rest = rest.Length > 2 ? rest[2..] : []; rest is [0xFF, var marker, var high, var low, ..];)
        {
            var length = 2 + (high << 8 | low);
            if (marker is 0xC0 or 0xC1 && rest.Length > 8)
                return (rest[7] << 8 | rest[8]) == page.BlockWidth && (rest[5] << 8 | rest[6]) <= page.BlockHeight;
            rest = length <= rest.Length ? rest[length..] : [];
        }
        return false;
    }

    static InvalidDataException Damaged(string what) => new(Kept.Last is null ? what : $"{what} ({Kept.Last})");

    /// <summary>Keeps what the library would print.</summary>
    sealed class Kept : TiffErrorHandler
    {
        [ThreadStatic]
        public static string? Last;

        public override void ErrorHandler(Tiff tif, string method, string format, params object[] args) =>
            Last = string.Format(System.Globalization.CultureInfo.InvariantCulture, format, args);

        public override void ErrorHandlerExt(
            Tiff tif, object clientData, string method, string format, params object[] args)
        {
        }

        public override void WarningHandler(Tiff tif, string method, string format, params object[] args)
        {
        }

        public override void WarningHandlerExt(
            Tiff tif, object clientData, string method, string format, params object[] args)
        {
        }
    }
}
