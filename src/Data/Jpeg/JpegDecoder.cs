namespace OnnxTimm.Data;

/// <summary>
/// Decodes JPEG files with Huffman coding and 8 bits, sequential and progressive, of every sampling and kind of colour,
/// to the bytes that libjpeg-turbo makes of them by its defaults, also where they are damaged.
/// </summary>
static class JpegDecoder
{
    /// <summary>No fewer bits can hold a block: one of its first coefficient.</summary>
    const int BlocksOfByte = 8;

    public static bool Is(ReadOnlySpan<byte> file) => JpegHeader.Is(file);

    /// <summary>The image.</summary>
    /// <param name="header">Header of the file.</param>
    /// <param name="file">The whole file.</param>
    /// <param name="part">The pixels that are wanted, the others are left undefined; null for all.</param>
    /// <exception cref="InvalidDataException">Damaged beyond what can be gone over.</exception>
    /// <exception cref="EndOfStreamException">Cut short.</exception>
    public static Image Decode(JpegHeader header, ReadOnlySpan<byte> file, Window? part = null)
    {
        var frame = header.Frame;
        // Before memory is taken for what the header claims.
        if (frame.Blocks > (long)file.Length * BlocksOfByte)
            throw new EndOfStreamException($"its image data are too few for {frame.Width}x{frame.Height} pixels");
        var window = part ?? new(0, 0, frame.Width, frame.Height);
        var planes = Array.ConvertAll(frame.Components, c => new JpegPlane(frame, c));
        try
        {
            if (header.IsOneScan)
                DecodeOneScan(header, planes, file, window);
            else
                DecodeScans(header, planes, file, window);
            return new JpegPixels(header, planes).ToImage(window);
        }
        finally
        {
            foreach (var plane in planes)
                plane.Dispose();
        }
    }

    static void DecodeOneScan(JpegHeader header, JpegPlane[] planes, ReadOnlySpan<byte> file, Window window)
    {
        var frame = header.Frame;
        var scan = new JpegScan(header, file);
        var blocks = Array.ConvertAll(frame.Components, c => new int[c.H * c.V * ZigZag.Lanes * 64]);
        var (w, h) = (8 * frame.MaxH, 8 * frame.MaxV);
        // Upsampling reads the neighbours of the pixels that are wanted.
        const int near = 4;
        var down = Math.Min(frame.Down, (window.Bottom + near + h - 1) / h);
        for (var y = 0; y < down; y++)
            for (var x = 0; x < frame.Across; x += ZigZag.Lanes)
            {
                var isWanted = window.Touches(x * w - near, y * h - near, ZigZag.Lanes * w + 2 * near, h + 2 * near);
                for (var c = 0; isWanted && c < planes.Length; c++)
                    Array.Clear(blocks[c]);
                scan.Decode(Math.Min(ZigZag.Lanes, frame.Across - x), blocks);
                for (var c = 0; isWanted && c < planes.Length; c++)
                    planes[c].Put(blocks[c], x, y);
            }
        // The image has to end as it should; what lies between is read by nobody.
        for (var at = scan.At; header.NextScan(file, at) is { Start: var start };)
            at = start;
    }

    static void DecodeScans(JpegHeader header, JpegPlane[] planes, ReadOnlySpan<byte> file, Window window)
    {
        var frame = header.Frame;
        var coefficients = Array.ConvertAll(frame.Components, c => new JpegCoefficients(frame, c));
        try
        {
            for (var scan = header.First; scan is not null;)
                scan = header.NextScan(file, new JpegPart(frame, scan, file).Decode(coefficients));
            for (var c = 0; c < planes.Length; c++)
                planes[c].Put(coefficients[c],
                    header.Steps[c] ?? throw new InvalidDataException("a component has no image data"), window);
        }
        finally
        {
            foreach (var values in coefficients)
                values.Dispose();
        }
    }
}
