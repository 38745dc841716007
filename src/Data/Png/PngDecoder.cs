using System.Buffers;
using System.IO.Compression;

namespace OnnxTimm.Data;

/// <summary>
/// Decodes PNG files of every kind (PNG specification, ISO/IEC 15948) to what Pillow makes of them, row by row as they
/// are inflated.
/// </summary>
static class PngDecoder
{
    /// <summary>How many bytes one byte of a deflated stream can become, at most (RFC 1951).</summary>
    const int MostInflation = 1032;

    static readonly Pass[] Whole = [new(0, 0, 1, 1)];

    /// <summary>The seven passes of interlacing: offset, then step.</summary>
    static readonly Pass[] Adam7 =
    [
        new(0, 0, 8, 8), new(4, 0, 8, 8), new(0, 4, 4, 8), new(2, 0, 4, 4), new(0, 2, 2, 4), new(1, 0, 2, 2),
        new(0, 1, 1, 2),
    ];

    public static bool Is(ReadOnlySpan<byte> file) => PngChunks.Is(file);

    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    /// <exception cref="EndOfStreamException">It is cut short.</exception>
    public static unsafe Image Decode(PngHeader header, ReadOnlySpan<byte> file)
    {
        var passes = header.IsInterlaced ? Adam7 : Whole;
        // Before memory is taken for what the header claims.
        if (passes.Sum(pass => pass.Bytes(header)) > PngData.Count(file, header.DataStart) * MostInflation)
            throw new EndOfStreamException($"its image data are too few for {header.Width}x{header.Height} pixels");
        var image = Image.Rent(header.Width, header.Height);
        try
        {
            fixed (byte* start = file)
            {
                using var data = new ZLibStream(
                    new PngData(start, file.Length, header.DataStart), CompressionMode.Decompress);
                var pixels = new PngPixels(header);
                foreach (var pass in passes)
                    Read(data, header, pass, pixels, image);
            }
            return image;
        }
        catch
        {
            image.Dispose();
            throw;
        }
    }

    static void Read(Stream data, PngHeader header, Pass pass, PngPixels pixels, Image image)
    {
        var (columns, length) = (pass.Columns(header), pass.RowBytes(header));
        if (columns == 0)
            return;
        var (size, step) = (length + PngFilter.Rest, Math.Max(1, header.BitsPerPixel / 8));
        var rented = ArrayPool<byte>.Shared.Rent(3 * size + 1);
        var scattered = pass.StepX == 1 ? [] : ArrayPool<uint>.Shared.Rent(columns);
        // The filter's number stands before the row.
        var raw = rented.AsSpan(0, 1 + size);
        var above = rented.AsSpan(raw.Length, size);
        var row = rented.AsSpan(raw.Length + size, size);
        above.Clear();
        for (var y = pass.Y; y < header.Height; y += pass.StepY)
        {
            Inflate(data, raw[..(1 + length)]);
            PngFilter.Undo(raw[0], raw[1..], above, row, step);
            var target = image.Words.Slice(y * image.Width, image.Width);
            if (pass.StepX == 1)
                pixels.Convert(row, target);
            else
            {
                pixels.Convert(row, scattered.AsSpan(0, columns));
                for (int i = 0, x = pass.X; i < columns; i++, x += pass.StepX)
                    target[x] = scattered[i];
            }
            var done = row;
            row = above;
            above = done;
        }
        ArrayPool<byte>.Shared.Return(rented);
        if (scattered.Length > 0)
            ArrayPool<uint>.Shared.Return(scattered);
    }

    /// <summary>What goes wrong here is zlib's: the bytes that it reads lie in memory.</summary>
    static void Inflate(Stream data, Span<byte> row)
    {
        int length;
        try
        {
            length = data.ReadAtLeast(row, row.Length, throwOnEndOfStream: false);
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw new InvalidDataException("its image data cannot be inflated", e);
        }
        if (length < row.Length)
            throw new EndOfStreamException("its image data end too early");
    }

    /// <summary>Which pixels a pass holds: the first, and the way to the next.</summary>
    readonly record struct Pass(int X, int Y, int StepX, int StepY)
    {
        public int Columns(PngHeader header) => Many(header.Width, X, StepX);

        /// <summary>Bytes of a row, without its filter.</summary>
        public int RowBytes(PngHeader header) =>
            checked((int)((Math.BigMul(Columns(header), header.BitsPerPixel) + 7) / 8));

        /// <summary>All bytes of the pass, inflated.</summary>
        public long Bytes(PngHeader header) => Columns(header) == 0 ? 0
            : Math.BigMul(Many(header.Height, Y, StepY), 1 + RowBytes(header));

        /// <summary>How many of <paramref name="size"/> places there are from one on, at a distance.</summary>
        static int Many(int size, int first, int step) => Math.Max(0, (size - first + step - 1) / step);
    }
}
