namespace OnnxTimm;

public static partial class Layers
{
    /// <summary>
    /// timm's rule for widths: the nearest multiple of the divisor, at least nine tenths of the wish.
    /// </summary>
    public static int MakeDivisible(double width, int divisor = 8, int? min = null, double roundLimit = 0.9)
    {
        var rounded = Math.Max(min ?? divisor, (int)(width + divisor / 2.0) / divisor * divisor);
        return rounded < roundLimit * width ? rounded + divisor : rounded;
    }
}
