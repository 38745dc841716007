using System.Runtime.InteropServices;
using OnnxTimm.Data;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.PixelFormats;

namespace OnnxTimm;

/// <summary>Images of SixLabors.ImageSharp for a <see cref="Classifier"/>, and its images for ImageSharp.</summary>
public static class ImageSharpImages
{
    /// <summary>Says what is in an image.</summary>
    /// <param name="model">The model.</param>
    /// <param name="image">The image, which is left as it is.</param>
    /// <param name="top">How many classes, best first.</param>
    /// <exception cref="UserException">A model without classes.</exception>
    /// <example>
    /// <code>
    /// using var image = new Image&lt;Rgb24>(640, 480);
    /// Prediction[] seen = model.Classify(image);
    /// </code>
    /// </example>
    public static Prediction[] Classify(this Classifier model, Image<Rgb24> image, int top = 5) =>
        model.Classify(Bytes(image), PixelFormat.Rgb24, image.Width, image.Height, top: top);

    /// <summary>Features of an image.</summary>
    /// <param name="model">The model.</param>
    /// <param name="image">The image, which is left as it is.</param>
    /// <exception cref="UserException">A model whose features cannot be told.</exception>
    public static float[] Embed(this Classifier model, Image<Rgb24> image) =>
        model.Embed(Bytes(image), PixelFormat.Rgb24, image.Width, image.Height);

    /// <summary>
    /// What a model sees of an image: resized and cropped as the model wants it, before its mean is subtracted.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="image">The image, which is left as it is.</param>
    public static Image<Rgb24> Seen(this Classifier model, Image<Rgb24> image)
    {
        using var source = new Frame(Bytes(image), PixelFormat.Rgb24, image.Width, image.Height).ToImage();
        using var seen = EvalTransform.Create(model.Preprocess).Apply(source.View());
        return seen.ToImageSharp();
    }

    /// <summary>A copy of a decoded image.</summary>
    /// <param name="image">An image, such as <see cref="ImageDecoder"/> gives it.</param>
    /// <example>
    /// <code>
    /// using var decoded = ImageDecoder.Decode("photo.jpg");
    /// using Image&lt;Rgb24> image = decoded.ToImageSharp();
    /// </code>
    /// </example>
    public static Image<Rgb24> ToImageSharp(this Data.Image image) =>
        SixLabors.ImageSharp.Image.LoadPixelData<Rgb24>(image.ToRgb(), image.Width, image.Height);

    /// <summary>The pixels where they lie, or a copy where they lie in several pieces.</summary>
    static ReadOnlySpan<byte> Bytes(Image<Rgb24> image)
    {
        if (image.DangerousTryGetSinglePixelMemory(out var memory))
            return MemoryMarshal.AsBytes(memory.Span);
        var pixels = new Rgb24[checked(image.Width * image.Height)];
        image.CopyPixelDataTo(pixels);
        return MemoryMarshal.AsBytes(pixels.AsSpan());
    }
}
