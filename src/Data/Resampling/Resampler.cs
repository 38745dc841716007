using System.Buffers;

namespace OnnxTimm.Data;

/// <summary>Part of the source: in pixels from the upper left corner, fractions allowed.</summary>
public readonly record struct Box(float Left, float Top, float Right, float Bottom);

/// <summary>Part of the output of a resize that is wanted.</summary>
readonly record struct Window(int Left, int Top, int Width, int Height)
{
    public int Right => Left + Width;

    public int Bottom => Top + Height;

    /// <summary>Whether a rectangle and this one have pixels in common.</summary>
    public bool Touches(int left, int top, int width, int height) =>
        left < Right && left + width > Left && top < Bottom && top + height > Top;
}

/// <summary>
/// Resizes as Pillow does, byte for byte (Pillow, Resample.c): antialiased when shrinking, horizontal pass first,
/// rounded to 8 bits between the passes. Only the rows, columns and pixels that the wanted window needs count (a few
/// beside them are read, with weight 0), and rows stay in the cache from one pass to the next.
/// </summary>
public static class Resampler
{
    /// <summary>Resizes a whole image.</summary>
    public static Image Resize(Pixels source, int width, int height, Interpolation filter) =>
        Resize(source, new Box(0, 0, source.Width, source.Height), width, height, filter);

    /// <summary>Resizes a part of an image, as Pillow's <c>resize(size, filter, box)</c>.</summary>
    public static Image Resize(Pixels source, Box box, int width, int height, Interpolation filter)
    {
        if (!(box.Left >= 0 && box.Top >= 0 && box.Left < box.Right && box.Top < box.Bottom
            && box.Right <= source.Width && box.Bottom <= source.Height))
            throw new ArgumentException($"{box} is not inside {source.Width}x{source.Height}.");
        var image = Image.Rent(width, height);
        Resize(source, box, width, height, new Window(0, 0, width, height), filter, new ImageSink(image));
        return image;
    }

    /// <summary>Resizes to width x height, but computes only a window of it, row by row into a sink.</summary>
    internal static void Resize<TSink>(
        Pixels source, Box box, int width, int height, Window window, Interpolation filter, TSink sink)
        where TSink : IRowSink, allows ref struct
    {
        if (!IsVerticalFirst(box, width, height))
        {
            Filter(source, box, width, height, window, filter, sink);
            return;
        }
        var stride = source.Width * Pixels.Size;
        var squeezed = ArrayPool<byte>.Shared.Rent(checked(stride * window.Height));
        Filter(
            source, box with { Left = 0, Right = source.Width }, source.Width, height,
            window with { Left = 0, Width = source.Width }, filter, new RowsSink(squeezed, stride));
        Filter(
            new Pixels(squeezed, source.Width, window.Height, stride), box with { Top = 0, Bottom = window.Height },
            width, window.Height, window with { Top = 0 }, filter, sink);
        ArrayPool<byte>.Shared.Return(squeezed);
    }

    /// <summary>The pixels of a source that a window of its resized image is made of.</summary>
    internal static Window Sources(int sourceWidth, int sourceHeight, int width, int height, Window window,
        Interpolation filter)
    {
        var x = Taps.Of(new Axis(sourceWidth, 0, sourceWidth, width, window.Left, window.Width), filter);
        var y = Taps.Of(new Axis(sourceHeight, 0, sourceHeight, height, window.Top, window.Height), filter);
        return new(x.First, y.First, x.End - x.First, y.End - y.First);
    }

    /// <summary>
    /// Whether Pillow runs the vertical pass first, as it does from 13.0 on "if height is scaled down significantly
    /// more than width" (its pull request 9549). The threshold is inferred: reference values bound it to 1.47 .. 2.11.
    /// </summary>
    static bool IsVerticalFirst(Box box, int width, int height)
    {
        var removedWidth = 1 - width / (box.Right - box.Left);
        var removedHeight = 1 - height / (box.Bottom - box.Top);
        return removedHeight > 0 && removedHeight > 2 * removedWidth;
    }

    static void Filter<TSink>(
        Pixels source, Box box, int width, int height, Window window, Interpolation filter, TSink sink)
        where TSink : IRowSink, allows ref struct
    {
        var x = Taps.Of(new Axis(source.Width, box.Left, box.Right, width, window.Left, window.Width), filter);
        var y = Taps.Of(new Axis(source.Height, box.Top, box.Bottom, height, window.Top, window.Height), filter);
        using var rows = new FilteredRows(source, x, window.Width, y.Width);
        var line = ArrayPool<byte>.Shared.Rent(rows.Stride);
        var offsets = ArrayPool<int>.Shared.Rent(y.Width);
        for (var i = 0; i < window.Height; i++)
        {
            var (first, count) = (y.Starts[i], y.Counts[i]);
            rows.Fill(first, Math.Min(first + count, source.Height));
            for (var t = 0; t < count; t++)
                offsets[t] = rows.Offset(Math.Min(first + t, source.Height - 1));
            if (y.InPairs)
                PairSums.Down(rows.Bytes, offsets.AsSpan(0, count), y.Weights(i), line.AsSpan(0, rows.Stride));
            else
                WholeSums.Down(rows.Bytes, offsets.AsSpan(0, count), y.Weights(i), line.AsSpan(0, rows.Stride));
            sink.Put(i, line.AsSpan(0, window.Width * Pixels.Size));
        }
        ArrayPool<int>.Shared.Return(offsets);
        ArrayPool<byte>.Shared.Return(line);
    }
}
