namespace OnnxTimm;

/// <summary>How pixels lie in memory, 8 bits a channel, row after row from the top.</summary>
public enum PixelFormat
{
    /// <summary>Red, green, blue.</summary>
    Rgb24,

    /// <summary>Blue, green, red, as OpenCV and Windows' bitmaps have it.</summary>
    Bgr24,

    /// <summary>Red, green, blue, alpha; alpha is left out of account.</summary>
    Rgba32,

    /// <summary>Blue, green, red, alpha; alpha is left out of account.</summary>
    Bgra32,

    /// <summary>One byte a pixel: how light it is.</summary>
    Gray8,

    /// <summary>
    /// Luma of all pixels, then for each 2x2 of them one pair of chroma (Cb, Cr), in rows of the same stride: cameras
    /// and video decoders. Read as ITU-R BT.601 in a <see cref="ColourRange"/>.
    /// </summary>
    Nv12,

    /// <summary>
    /// Two pixels in four bytes, Y Cb Y Cr: cameras on USB. An even width; the colours as those of <see cref="Nv12"/>.
    /// </summary>
    Yuyv,
}

/// <summary>What the numbers of luma and chroma mean, by ITU-R BT.601.</summary>
public enum ColourRange
{
    /// <summary>Luma from 16 to 235, chroma from 16 to 240: video.</summary>
    Limited,

    /// <summary>All from 0 to 255: JPEG (JFIF), and what cameras make of it.</summary>
    Full,
}
