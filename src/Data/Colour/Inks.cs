namespace OnnxTimm.Data;

/// <summary>Cyan, magenta, yellow and black as Pillow makes light of them.</summary>
static class Inks
{
    /// <summary>What is left of the light that black lets through, less the part that a coloured ink takes.</summary>
    /// <param name="ink">The coloured ink, 0 to 255.</param>
    /// <param name="light">255 less black.</param>
    public static uint Darken(uint ink, uint light)
    {
        var product = ink * light + 128;
        return light - ((product >> 8) + product >> 8);
    }
}
