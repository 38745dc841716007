namespace OnnxTimm.Data;

/// <summary>
/// PNG with a palette that ends before its largest index: a pixel beyond it is gray in Pillow, of the index as value.
/// Skia gives it the last colour.
/// </summary>
static class ShortPalette
{
    const int Indexed = 3, EntryBytes = 3;

    /// <summary>Colours the pixels beyond the palette in an image that Skia decoded.</summary>
    public static void Mend(ReadOnlySpan<byte> file, Image image)
    {
        if (PngRows.Kind(file) is not { Bits: <= 8 and var bits, Colour: Indexed })
            return;
        var entries = (int)PngRows.Content(file, "PLTE"u8).Length / EntryBytes;
        if (entries >= 1 << bits)
            return;
        PngRows.Read(file, (samples, y, pass) =>
        {
            var row = image.Row(y);
            for (var (i, x) = (0, pass.X); x < image.Width; i += bits, x += pass.StepX)
            {
                var index = samples[i / 8] >> (8 - bits - i % 8) & ((1 << bits) - 1);
                if (index >= entries)
                    row.Slice(x * Pixels.Size, Pixels.Size).Fill((byte)index);
            }
        });
    }
}
