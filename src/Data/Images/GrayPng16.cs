namespace OnnxTimm.Data;

/// <summary>
/// PNG of one 16-bit gray channel, which Pillow turns into RGB by saturating: every sample above 255 becomes 255.
/// Skia keeps the high byte instead.
/// </summary>
static class GrayPng16
{
    const int SampleBytes = 2;

    public static bool Is(ReadOnlySpan<byte> file) => PngRows.Kind(file) is (16, 0);

    /// <inheritdoc cref="PngRows.Read(ReadOnlySpan{byte}, PngRows.Row)"/>
    public static Image Decode(ReadOnlySpan<byte> file)
    {
        var (width, height) = PngRows.Size(file);
        var image = Image.Rent(width, height);
        try
        {
            PngRows.Read(file, (samples, y, pass) =>
            {
                var row = image.Row(y);
                for (var (i, x) = (0, pass.X); x < width; i += SampleBytes, x += pass.StepX)
                    row.Slice(x * Pixels.Size, Pixels.Size).Fill(samples[i] == 0 ? samples[i + 1] : (byte)255);
            });
            return image;
        }
        catch
        {
            image.Dispose();
            throw;
        }
    }
}
