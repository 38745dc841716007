using System.Buffers;
using System.Numerics;

namespace OnnxTimm.Data;

/// <summary>
/// Decodes the usual kind of JPEG (sequential, gray or YCbCr at 4:4:4, 4:2:2 or 4:2:0, one scan) to the same bytes as
/// libjpeg's defaults, with vectors; SkiaSharp's libjpeg is built without. Every other file, and every file that has
/// the least fault, is left to Skia.
/// </summary>
static class JpegDecoder
{
    /// <summary>The size in the header; null for files that are left to Skia.</summary>
    public static JpegHeader? TryReadHeader(ReadOnlySpan<byte> file)
    {
        var header = JpegHeader.TryRead(file);
        // Of very narrow chroma libjpeg upsamples in another way.
        return header is { Components: [{ H: 2 }, ..], Width: <= 4 } ? null : header;
    }

    /// <summary>The image; null where the data are damaged.</summary>
    /// <param name="header">Header of the file.</param>
    /// <param name="file">The whole file.</param>
    /// <param name="part">The pixels that are wanted, the others are left undefined; null for all.</param>
    public static Image? TryDecode(JpegHeader header, ReadOnlySpan<byte> file, Window? part = null)
    {
        var window = part ?? new(0, 0, header.Width, header.Height);
        var planes = header.Components.Select(c => new JpegPlane(header, c)).ToArray();
        try
        {
            return TryFill(header, planes, file[header.ScanStart..], window) ? ToImage(header, planes, window) : null;
        }
        finally
        {
            foreach (var plane in planes)
                plane.Dispose();
        }
    }

    static bool TryFill(JpegHeader header, JpegPlane[] planes, ReadOnlySpan<byte> data, Window window)
    {
        var scan = new JpegScan(header, data);
        var blocks = header.Components.Select(c => new int[c.H * c.V * JpegScan.Lanes * 64]).ToArray();
        var (across, down) = JpegPlane.Mcus(header);
        var (w, h) = (8 * header.Components[0].H, 8 * header.Components[0].V);
        for (var y = 0; y < down; y++)
            for (var x = 0; x < across; x += JpegScan.Lanes)
            {
                if (!scan.TryDecode(Math.Min(JpegScan.Lanes, across - x), blocks))
                    return false;
                // Upsampling reads the neighbours of the pixels that are wanted.
                if (!window.Touches(x * w - 2, y * h - 2, JpegScan.Lanes * w + 4, h + 4))
                    continue;
                for (var c = 0; c < planes.Length; c++)
                    if (!planes[c].TryPut(blocks[c], x, y))
                        return false;
            }
        return scan.IsAtEnd;
    }

    static Image ToImage(JpegHeader header, JpegPlane[] planes, Window window)
    {
        var image = Image.Rent(header.Width, header.Height);
        if (planes is not [var luma, var cb, var cr])
        {
            for (var y = window.Top; y < window.Bottom; y++)
                JpegColour.ToGray(planes[0].Row(y), image.Words.Slice(y * image.Width, image.Width));
            return image;
        }
        var (h, v) = (header.Components[0].H, header.Components[0].V);
        var scratch = ArrayPool<byte>.Shared.Rent(2 * (luma.Stride + Vector<byte>.Count));
        var (blue, red) = (scratch.AsMemory(0, scratch.Length / 2), scratch.AsMemory(scratch.Length / 2));
        var sums = ArrayPool<ushort>.Shared.Rent(luma.Stride + 2 + Vector<ushort>.Count);
        var (left, width) = (window.Left, window.Width);
        for (var y = window.Top; y < window.Bottom; y++)
            JpegColour.ToRgb(
                luma.Row(y)[left..], cb.Row(y, h, v, sums, blue.Span)[left..], cr.Row(y, h, v, sums, red.Span)[left..],
                image.Words.Slice(y * image.Width + left, width));
        ArrayPool<byte>.Shared.Return(scratch);
        ArrayPool<ushort>.Shared.Return(sums);
        return image;
    }
}
