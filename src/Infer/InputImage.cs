using System.Numerics.Tensors;
using OnnxTimm.Data;

namespace OnnxTimm.Infer;

/// <summary>
/// Where an image's numbers go: a model's input is float32 or float16 [N, C, H, W], or the image itself, uint8
/// [1, H, W, 3] of any size, or its patches [1, L, patch * patch * C] with the row and column of each and whether it is
/// one.
/// </summary>
public sealed class InputImage
{
    /// <summary>
    /// Times that a side may be as long as the other where a graph resizes: what it resizes to would be gigabytes.
    /// </summary>
    const long MostNarrow = 1000;

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

    /// <summary>Whether a model takes the patches of an image of any shape.</summary>
    public static bool IsPatches(Session session) => session.Inputs is
        [{ Name: "patches", Shape: { IsKnown: true, Rank: 3 } }, { Name: "patch_coord" }, { Name: "patch_valid" }];

    /// <summary>Whether each image goes in by itself, in buffers of its size.</summary>
    public static bool IsAlone(Session session) => IsRaw(session) || IsPatches(session);

    /// <summary>
    /// The sizes of the inputs for a batch; for one image, of the largest size, where each goes in by itself.
    /// </summary>
    public static long[][] Shapes(Session session, DataConfig config, int batch) => IsPatches(session)
        ? PatchShapes(config.Patches?.MaxSeqLen ?? 1,
            session.Inputs[0].Shape[2] is { IsFixed: true, Size: var size } ? size : 0)
        : IsRaw(session) ? [[1, config.Height, config.Width, 3]]
        : [[batch, config.Channels, config.Height, config.Width]];

    /// <summary>Buffers of one call with an image in them, for a model that takes each by itself.</summary>
    /// <exception cref="UserException">It cannot be cut into patches, or its model does not take these.</exception>
    public static Binding Bind(Session session, DataConfig config, Pixels image)
    {
        if (IsPatches(session))
            return BindPatches(session, PatchTransform.Create(config), image);
        if (Math.Max(image.Height, image.Width) > MostNarrow * Math.Min(image.Height, image.Width))
            throw new UserException($"An image of {image.Height}x{image.Width} is too narrow for \"{session.Name}\", "
                + "which resizes images as a whole.");
        var binding = session.Bind([1, image.Height, image.Width, 3]);
        image.CopyRgb(binding.Input<byte>());
        return binding;
    }

    static Binding BindPatches(Session session, PatchTransform transform, Pixels image)
    {
        var grid = transform.GridOf(image);
        var binding = session.Bind(PatchShapes(grid.Rows * grid.Columns, transform.Numbers));
        if (session.Inputs[0].Type == DType.Float16)
        {
            var room = new float[grid.Rows * grid.Columns * transform.Numbers];
            transform.Apply(image, grid, room);
            TensorPrimitives.ConvertToHalf(room, binding.Input<Half>());
        }
        else
            transform.Apply(image, grid, binding.Input<float>());
        PlacePatches(binding, grid.Columns);
        return binding;
    }

    /// <summary>Says of the patches in the buffers that all are there, row by row of so many columns.</summary>
    public static void PlacePatches(Binding binding, int columns)
    {
        var places = binding.Input<long>(1);
        for (var i = 0; i < places.Length / 2; i++)
            (places[2 * i], places[2 * i + 1]) = Math.DivRem(i, columns);
        binding.Input<bool>(2).Fill(true);
    }

    static long[][] PatchShapes(long length, long numbers) => [[1, length, numbers], [1, length, 2], [1, length]];

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
