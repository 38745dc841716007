namespace OnnxTimm.Data;

/// <summary>Which files of a data set are images, by the ending of their names.</summary>
public static class ImageEndings
{
    /// <summary>Taken unless others are asked for; as in timm.</summary>
    public static IReadOnlyList<string> Usual { get; } = [".png", ".jpg", ".jpeg"];

    /// <summary>All that <see cref="ImageDecoder"/> reads.</summary>
    public static IReadOnlyList<string> Decodable { get; } =
        [.. Usual, ".jpe", ".jfif", ".webp", ".gif", ".bmp", ".dib", ".tif", ".tiff"];

    /// <summary>Pictures too, but not for this decoder.</summary>
    static readonly string[] Others =
        [".heic", ".heif", ".avif", ".jp2", ".jxl", ".ppm", ".pgm", ".tga", ".psd", ".dng"];

    /// <summary>
    /// The endings that timm's <c>--input-key</c> names, with semicolons between them, such as ".webp;.jpg";
    /// <c>all</c> for whatever can be decoded. Nothing stands for the usual ones.
    /// </summary>
    /// <exception cref="UserException">It names none.</exception>
    public static IReadOnlyList<string> Parse(string? key)
    {
        if (string.IsNullOrEmpty(key))
            return Usual;
        if (key == "all")
            return Decodable;
        string[] endings = [.. key.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(ending => (ending[0] == '.' ? "" : ".") + ending.ToLowerInvariant()).Distinct()];
        return endings.Length > 0 ? endings
            : throw new UserException($"\"{key}\" names no endings of files: write '.webp;.jpg', or all.");
    }

    /// <summary>Whether a name is that of a picture, decodable or not.</summary>
    internal static bool IsPicture(string ending) => Decodable.Contains(ending) || Others.Contains(ending);
}
