namespace OnnxTimm.Data;

/// <summary>The formats that libraries decode. <see cref="ImageDecoder"/> finds this class by its name.</summary>
sealed class FurtherFormats : IFurtherFormats
{
    public string Names => "WebP, BMP, TIFF";

    public Image? TryDecode(ReadOnlySpan<byte> file, string name, DecodeBudget.Share? share) =>
        TiffDecoder.Is(file) ? TiffDecoder.Decode(file, name, share) : SkiaDecoder.TryDecode(file, name, share);
}
