namespace OnnxTimm.Data;

/// <summary>How far a class is one of an image.</summary>
/// <param name="Class">The class.</param>
/// <param name="Value">From 0 to 1.</param>
public readonly record struct ClassShare(int Class, float Value);

/// <summary>The labels of a data set's images: one each, or several.</summary>
public sealed class ImageLabels
{
    readonly ClassShare[][] images;

    internal ImageLabels(IReadOnlyList<string> classes, ClassShare[][] images, bool areSeveral) =>
        (Classes, this.images, AreSeveral) = (classes, images, areSeveral);

    /// <summary>The name of each class.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>Whether an image may have several.</summary>
    public bool AreSeveral { get; }

    /// <summary>The label of an image; -1 where there may be several.</summary>
    public int One(int index) => AreSeveral ? -1 : images[index][0].Class;

    /// <summary>A value for each class.</summary>
    public void Fill(int index, Span<float> to)
    {
        to.Clear();
        foreach (var (label, value) in images[index])
            to[label] = value;
    }
}
