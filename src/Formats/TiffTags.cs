using System.Buffers.Binary;

namespace OnnxTimm.Data;

/// <summary>The tags of a file's first page, as they lie in it (TIFF 6.0, and BigTIFF's wider numbers).</summary>
readonly ref struct TiffTags
{
    const long ImageWidth = 256, ImageLength = 257, SamplesPerPixel = 277, RowsPerStrip = 278, TileWidth = 322,
        TileLength = 323;

    /// <summary>Bytes of a number of each type.</summary>
    static readonly byte[] Sizes = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8];

    readonly ReadOnlySpan<byte> file;
    readonly bool isLittle, isBig;

    TiffTags(ReadOnlySpan<byte> file)
    {
        this.file = file;
        isLittle = file[0] == 'I';
        isBig = file[isLittle ? 2 : 3] == 43;
    }

    /// <summary>
    /// Whether neither a tag nor the number of strips or tiles is more than the file has: the library makes room for
    /// what is said.
    /// </summary>
    public static bool AreWithin(ReadOnlySpan<byte> file) => new TiffTags(file).AreWithin();

    bool AreWithin()
    {
        var (wide, entry) = isBig ? (8, 20) : (4, 12);
        var at = Number(isBig ? 8 : 4, wide);
        var first = isBig ? 8 : 2;
        var count = Number(at, first);
        var sizes = new Dictionary<long, long>();
        for (var i = 0L; i < count; i++)
        {
            var tag = at + first + i * entry;
            if (tag < 0 || tag > file.Length - entry)
                return false;
            var (type, values) = (Number(tag + 2, 2), Number(tag + 4, wide));
            if (values < 0 || values > file.Length / Math.Max(1, type < Sizes.Length ? Sizes[(int)type] : 1))
                return false;
            sizes[Number(tag, 2)] =
                Number(tag + 4 + wide, Math.Clamp(type < Sizes.Length ? Sizes[(int)type] : 1, 1, wide));
        }
        return count > 0 && Blocks(sizes) <= file.Length;
    }

    /// <summary>Strips or tiles, each of which the file has an offset of.</summary>
    static double Blocks(Dictionary<long, long> sizes)
    {
        var (width, height) = (Of(ImageWidth), Of(ImageLength));
        var each = sizes.ContainsKey(TileWidth) ? Of(TileWidth) * Of(TileLength)
            : width * Math.Min(height, Of(RowsPerStrip, height));
        return width * height / each * Of(SamplesPerPixel);

        double Of(long tag, double otherwise = 1) =>
            sizes.TryGetValue(tag, out var value) && value > 0 ? value : otherwise;
    }

    /// <summary>A number of 2, 4 or 8 bytes; 0 beyond the end.</summary>
    long Number(long at, int bytes)
    {
        if (at < 0 || at > file.Length - bytes)
            return 0;
        Span<byte> wide = stackalloc byte[8];
        wide.Clear();
        file.Slice((int)at, bytes).CopyTo(isLittle ? wide : wide[^bytes..]);
        return isLittle ? BinaryPrimitives.ReadInt64LittleEndian(wide) : BinaryPrimitives.ReadInt64BigEndian(wide);
    }
}
