using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace OnnxTimm.Infer;

/// <summary>
/// Reassessed labels of ImageNet's validation images: for each any number of classes, none for images that are left out
/// (L. Beyer et al., "Are we done with ImageNet?", arXiv:2006.07159).
/// </summary>
public sealed partial class RealLabels
{
    readonly int[][] images;
    readonly string path;

    RealLabels(string path, int[][] images) => (this.path, this.images) = (path, images);

    /// <summary>Reads a JSON list of lists, in the order of the images' numbers.</summary>
    /// <exception cref="UserException">It is no such file.</exception>
    public static RealLabels Read(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(RegularFile.ReadText(path));
            return new(path, [.. document.RootElement.EnumerateArray()
                .Select(image => image.EnumerateArray().Select(c => c.GetInt32()).ToArray())]);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new UserException($"{path} is no JSON list of lists of classes: {e.Message}", e);
        }
    }

    /// <summary>The classes of an image by its file's name, such as ILSVRC2012_val_00000001.JPEG.</summary>
    /// <exception cref="UserException">It is no image of the validation set, or beyond the list.</exception>
    public IReadOnlyList<int> Of(string name) =>
        Number.Match(name) is { Success: true } match
            && int.TryParse(match.Groups[1].Value, CultureInfo.InvariantCulture, out var number)
            && number >= 1 && number <= images.Length ? images[number - 1]
        : throw new UserException($"\"{name}\" has no real labels in {path}: they are of {images.Length} files "
            + "ILSVRC2012_val_00000001.JPEG and so on.");

    [GeneratedRegex(@"ILSVRC2012_val_(\d{8})\.[A-Za-z]+$")]
    private static partial Regex Number { get; }
}
