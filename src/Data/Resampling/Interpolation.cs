namespace OnnxTimm.Data;

/// <summary>Resampling filters, named as in timm and Pillow.</summary>
public enum Interpolation
{
    /// <summary>The pixel under the middle, without regard to the scale.</summary>
    Nearest,

    /// <summary>The mean of the pixels that are covered.</summary>
    Box,

    /// <summary>A triangle of radius 1.</summary>
    Bilinear,

    /// <summary>A Hamming window of radius 1, sharper than bilinear.</summary>
    Hamming,

    /// <summary>Cubic of radius 2, with a = -0.5.</summary>
    Bicubic,

    /// <summary>Windowed sinc of radius 3.</summary>
    Lanczos,
}

/// <summary>Names of the resampling filters.</summary>
public static class Interpolations
{
    /// <summary>The filter called <paramref name="name"/>, such as <c>bicubic</c>.</summary>
    public static Interpolation Parse(string name) =>
        Enum.TryParse<Interpolation>(name, ignoreCase: true, out var filter) && Enum.IsDefined(filter)
            ? filter
            : throw Nearest.Unknown("interpolation", name, Names);

    static IEnumerable<string> Names => Enum.GetNames<Interpolation>().Select(n => n.ToLowerInvariant());
}
