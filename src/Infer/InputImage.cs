using System.Numerics.Tensors;
using OnnxTimm.Data;

namespace OnnxTimm.Infer;

/// <summary>
/// Where an image's numbers go: a model's input is float32 or float16 [N, C, H, W], or the image itself, uint8
/// [1, H, W, 3] of any size.
/// </summary>
public sealed class InputImage
{
    readonly bool isHalf;
    readonly float[] room;

    /// <param name="session">The model.</param>
    /// <param name="config">How an image becomes the input.</param>
    public InputImage(Session session, DataConfig config)
    {
        isHalf = session.Inputs[0].Type == DType.Float16;
        Size = config.Channels * config.Height * config.Width;
        room = isHalf ? new float[Size] : [];
    }

    /// <summary>Numbers of an image.</summary>
    public int Size { get; }

    /// <summary>Whether a model takes images themselves and prepares them in its graph.</summary>
    public static bool IsRaw(Session session) =>
        session.Inputs is [{ Type: DType.UInt8, Shape: { IsKnown: true, Rank: 4 } shape }] && shape[3] == 3;

    /// <summary>The sizes of a batch, or of an image in a model's own size where it takes them raw.</summary>
    public static long[] Shape(Session session, DataConfig config, int batch) => IsRaw(session)
        ? [1, config.Height, config.Width, 3] : [batch, config.Channels, config.Height, config.Width];

    /// <summary>Buffers of one call with an image in them, for a model that takes it raw.</summary>
    public static Binding Bind(Session session, Pixels image)
    {
        var binding = session.Bind([1, image.Height, image.Width, 3]);
        image.CopyRgb(binding.Input<byte>());
        return binding;
    }

    /// <summary>Where an image of a batch is to be written; <see cref="Done"/> follows.</summary>
    public Span<float> Target(Binding binding, int image) =>
        isHalf ? room : binding.Input<float>().Slice(image * Size, Size);

    /// <summary>The image is written.</summary>
    public void Done(Binding binding, int image)
    {
        if (isHalf)
            TensorPrimitives.ConvertToHalf(room, binding.Input<Half>().Slice(image * Size, Size));
    }
}
