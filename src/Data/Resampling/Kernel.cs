namespace OnnxTimm.Data;

/// <summary>A resampling kernel: its weight at a distance, and the distance from which on it is zero.</summary>
readonly record struct Kernel(Func<double, double> Weight, double Support)
{
    public static Kernel Of(Interpolation filter) => filter switch
    {
        Interpolation.Box => new(x => x is > -0.5 and <= 0.5 ? 1 : 0, 0.5),
        Interpolation.Bilinear => new(x => Math.Max(0, 1 - Math.Abs(x)), 1),
        Interpolation.Hamming => new(Hamming, 1),
        Interpolation.Bicubic => new(Bicubic, 2),
        Interpolation.Lanczos => new(x => x is >= -3 and < 3 ? Sinc(x) * Sinc(x / 3) : 0, 3),
        _ => throw new ArgumentOutOfRangeException(nameof(filter)),
    };

    // Pillow writes the two constants in float32.
    static double Hamming(double x) => x == 0 ? 1
        : Math.Abs(x) >= 1 ? 0
        : Sinc(Math.Abs(x)) * (0.54f + 0.46f * Math.Cos(Math.Abs(x) * Math.PI));

    static double Sinc(double x) => x == 0 ? 1 : Math.Sin(x * Math.PI) / (x * Math.PI);

    /// <summary>Catmull-Rom, a = -0.5; the factors in Pillow's order, which decides the last bit.</summary>
    static double Bicubic(double x)
    {
        const double a = -0.5;
        x = Math.Abs(x);
        return x < 1 ? ((a + 2) * x - (a + 3)) * x * x + 1
            : x < 2 ? (((x - 5) * x + 8) * x - 4) * a
            : 0;
    }
}
