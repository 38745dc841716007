namespace OnnxTimm.Data;

/// <summary>Resampling filters, named as in timm and Pillow.</summary>
public enum Interpolation
{
    Nearest,
    Box,
    Bilinear,
    Hamming,
    Bicubic,
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
