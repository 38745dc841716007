namespace OnnxTimm.Data;

/// <summary>Makes a model's input of an image. Safe to use from many threads.</summary>
public interface IImageTransform
{
    /// <summary>Planes of the model's input: 3, or 1 for gray.</summary>
    int Channels { get; }

    /// <summary>
    /// What images of any size are cut into; null where all become <see cref="Height"/> x <see cref="Width"/>.
    /// </summary>
    PatchConfig? Patches => null;

    /// <summary>Rows of the model's input.</summary>
    int Height { get; }

    /// <summary>Columns of the model's input.</summary>
    int Width { get; }

    /// <summary>
    /// The part that is looked at of an image of a size, so that no more of a file need be decoded; null for all. The
    /// chance is that of the call which follows, at its beginning.
    /// </summary>
    internal Window? Part(int width, int height, CounterRandom random) => null;

    /// <summary>
    /// Writes uint8 planes, channels x height x width. The image is the transform's: it may be changed and disposed.
    /// </summary>
    /// <param name="image">The image.</param>
    /// <param name="random">Its chance.</param>
    /// <param name="chw">What is written.</param>
    /// <param name="draw">Which look at which view of the image is wanted.</param>
    /// <returns>Rows and columns that were written.</returns>
    ImageSize Apply(Image image, CounterRandom random, Span<byte> chw, Draw draw = default);

    /// <summary>Writes normalised float32 planes, channels x height x width.</summary>
    /// <inheritdoc cref="Apply(Image, CounterRandom, Span{byte}, Draw)"/>
    ImageSize Apply(Image image, CounterRandom random, Span<float> chw, Draw draw = default);
}

/// <summary>What makes a model's input in evaluation.</summary>
public static class ImageTransforms
{
    /// <summary>Images of one size, or of any size that are cut into patches.</summary>
    /// <param name="config">What the model expects of an image.</param>
    /// <exception cref="UserException">The config asks for what images do not have.</exception>
    public static IImageTransform Evaluation(DataConfig config) =>
        config.Patches is null ? EvalTransform.Create(config) : PatchTransform.Create(config);
}
