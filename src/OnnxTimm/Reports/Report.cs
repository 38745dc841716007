using System.Text;
using OnnxTimm.Data;
using OnnxTimm.Infer;
using OnnxTimm.Train;

namespace OnnxTimm;

/// <summary>
/// What a training or a validation gave, as one page of HTML that needs nothing else: no script, no other file. What is
/// absent has no section.
/// </summary>
/// <param name="Title">What the page is about.</param>
public sealed record Report(string Title)
{
    /// <summary>Pictures of mistakes, and pixels of their longer side.</summary>
    internal const int MostMistakes = 48, PictureSide = 112;

    /// <summary>The figures above all else, such as the accuracy.</summary>
    public IReadOnlyList<(string Name, string Value)> Figures { get; init; } = [];

    /// <summary>What each epoch gave.</summary>
    public IReadOnlyList<EpochResult> Epochs { get; init; } = [];

    /// <summary>What the model said of each image; null for nothing.</summary>
    public JudgedImages? Judged { get; init; }

    /// <summary>Where an image may have several classes, each with its name; none where it has one.</summary>
    public IReadOnlyList<(string Name, LabelClass Found)> Labels { get; init; } = [];

    /// <summary>The images that were judged, for pictures of the mistakes; null for no pictures.</summary>
    public IDataset? Data { get; init; }

    /// <summary>Speed and memory.</summary>
    public IReadOnlyList<(string Name, string Value)> Costs { get; init; } = [];

    /// <summary>The command that does the same again; null for none.</summary>
    public string? Command { get; init; }

    /// <summary>All options, as a text; null for none.</summary>
    public string? Options { get; init; }

    /// <summary>Writes the page, complete or not at all.</summary>
    /// <param name="path">The .html file.</param>
    /// <exception cref="UserException">It cannot be written.</exception>
    public void Write(string path) => WriteBeside.Write(path, Encoding.UTF8.GetBytes(ReportPage.Of(this)));

    /// <summary>A picture of an image as a JPEG file; null for one that cannot be read any more.</summary>
    internal byte[]? Picture(int index, FileBuffer buffer)
    {
        try
        {
            using var image = Data?.Decode(index, buffer);
            return image is null ? null : Thumbnail.Jpeg(image, PictureSide);
        }
        catch (UserException)
        {
            return null;
        }
    }
}
