namespace OnnxTimm.Data;

/// <summary>What the samples of a pixel are, by PNG's number.</summary>
enum PngColour
{
    Gray = 0,
    Rgb = 2,
    Palette = 3,
    GrayAlpha = 4,
    Rgba = 6,
}
