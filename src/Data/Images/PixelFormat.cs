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
    /// and video decoders. Read as ITU-R BT.601, with luma from 16 to 235 and chroma from 16 to 240.
    /// </summary>
    Nv12,
}
