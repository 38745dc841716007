namespace OnnxTimm.Data;

/// <summary>Makes a model's input of an image. Safe to use from many threads.</summary>
public interface IImageTransform
{
    /// <summary>Planes of the model's input: 3, or 1 for gray.</summary>
    int Channels { get; }

    /// <summary>Rows of the model's input.</summary>
    int Height { get; }

    /// <summary>Columns of the model's input.</summary>
    int Width { get; }

    /// <summary>
    /// Writes uint8 planes, channels x height x width. The image is the transform's: it may be changed and disposed.
    /// </summary>
    void Apply(Image image, CounterRandom random, Span<byte> chw);

    /// <summary>Writes normalised float32 planes, channels x height x width.</summary>
    void Apply(Image image, CounterRandom random, Span<float> chw);
}
