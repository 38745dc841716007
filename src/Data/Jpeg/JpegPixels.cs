using System.Buffers;
using System.Numerics;

namespace OnnxTimm.Data;

/// <summary>From component planes to pixels.</summary>
readonly struct JpegPixels(JpegHeader header, JpegPlane[] planes)
{
    /// <summary>The image; pixels outside of the window are left undefined.</summary>
    public Image ToImage(Window window)
    {
        var image = Image.Rent(header.Frame.Width, header.Frame.Height);
        // A row of whole MCUs, and vectors that writers and readers may run over.
        var length = header.Frame.Across * header.Frame.MaxH * 8 + 2 * Vector<byte>.Count;
        var scratch = ArrayPool<byte>.Shared.Rent(planes.Length * length);
        var sums = ArrayPool<ushort>.Shared.Rent(length);
        for (var y = window.Top; y < window.Bottom; y++)
            Row(y, window, scratch, sums, image.Words.Slice(y * image.Width + window.Left, window.Width));
        ArrayPool<byte>.Shared.Return(scratch);
        ArrayPool<ushort>.Shared.Return(sums);
        return image;
    }

    void Row(int y, Window window, byte[] scratch, ushort[] sums, Span<uint> target)
    {
        var rows = new Rows(planes, y, window.Left, scratch, sums);
        switch (header.Colours)
        {
            case JpegColours.Gray: JpegColour.ToGray(rows.First, target); break;
            case JpegColours.Ycc: JpegColour.FromYcc(rows.First, rows.Second, rows.Third, target); break;
            case JpegColours.Rgb: JpegColour.FromRgb(rows.First, rows.Second, rows.Third, target); break;
            case JpegColours.Cmyk:
                JpegColour.FromCmy(rows.First, rows.Second, rows.Third, target);
                JpegColour.AddBlack(rows.Fourth, target);
                break;
            default:
                // What is made of Y, Cb and Cr is the opposite of cyan, magenta and yellow.
                JpegColour.FromYcc(rows.First, rows.Second, rows.Third, target);
                JpegColour.AddBlack(rows.Fourth, target);
                break;
        }
    }

    /// <summary>One row of every component.</summary>
    readonly ref struct Rows
    {
        public Rows(JpegPlane[] planes, int y, int left, byte[] scratch, ushort[] sums)
        {
            var length = scratch.Length / planes.Length;
            First = planes[0].Row(y, sums, scratch.AsSpan(0, length))[left..];
            if (planes.Length == 1)
                return;
            Second = planes[1].Row(y, sums, scratch.AsSpan(length, length))[left..];
            Third = planes[2].Row(y, sums, scratch.AsSpan(2 * length, length))[left..];
            if (planes.Length == 4)
                Fourth = planes[3].Row(y, sums, scratch.AsSpan(3 * length, length))[left..];
        }

        public ReadOnlySpan<byte> First { get; }

        public ReadOnlySpan<byte> Second { get; }

        public ReadOnlySpan<byte> Third { get; }

        public ReadOnlySpan<byte> Fourth { get; }
    }
}
