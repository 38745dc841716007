namespace OnnxTimm.Conversion;

/// <summary>
/// Changes pretrained weights so that they fit a model of another input or output, by timm's rules. Results are
/// computed when they are read, in float32, and keep the type of the file.
/// </summary>
public static partial class Adapt
{
    /// <summary>
    /// The kernel of a first convolution for another number of channels (adapt_input_conv of
    /// timm/models/_manipulate.py): one channel gets the sum over colors, other numbers the colors in turn, scaled to
    /// keep the expected magnitude.
    /// </summary>
    /// <param name="weight">
    /// [out, in, height, width]; 3 input channels, or a multiple of 3 (space to depth) for gray.
    /// </param>
    /// <param name="channels">Input channels of the model.</param>
    /// <returns>null where the kernel has no such form: timm then drops it and keeps the initial one.</returns>
    public static Tensor? InputConv(Tensor weight, int channels)
    {
        if (weight.Shape is not [_, var input, var height, var width])
            return null;
        var area = (int)(height * width);
        return channels == 3 ? weight
            : channels == 1 && (input <= 3 || input % 3 == 0) ? Gray(weight, (int)Math.Min(input, 3), area)
            : channels != 1 && input == 3 ? Cycled(weight, channels, area)
            : null;
    }

    static Tensor Gray(Tensor weight, int colors, int area)
    {
        long[] shape = [weight.Shape[0], weight.Shape[1] / colors, .. weight.Shape[2..]];
        return Computed.Like(weight, shape, from =>
        {
            var to = new float[from.Length / colors];
            for (var i = 0; i < from.Length; i++)
                to[i / (colors * area) * area + i % area] += from[i];
            return to;
        });
    }

    static Tensor Cycled(Tensor weight, int channels, int area)
    {
        var scale = (float)(3 / (double)channels);
        return Computed.Like(weight, [weight.Shape[0], channels, .. weight.Shape[2..]], from =>
        {
            var to = new float[weight.Shape[0] * channels * area];
            for (var i = 0; i < to.Length; i++)
            {
                var (output, channel) = (i / (channels * area), i / area % channels);
                to[i] = from[(output * 3 + channel % 3) * area + i % area] * scale;
            }
            return to;
        });
    }

    /// <summary>Rows <c>[offset:]</c> of a tensor: a classifier without its leading background classes.</summary>
    public static Tensor Rows(Tensor tensor, int offset) => tensor.Slice(0, offset, tensor.Shape[0] - offset);

    /// <summary>
    /// The kernel of a patch embedding for another patch size: the pseudo-inverse of resizing an image, so that resized
    /// images keep their tokens (FlexiViT, arXiv:2212.08013; resample_patch_embed of timm/layers/patch_embed.py).
    /// </summary>
    /// <param name="weight">[out, in, height, width].</param>
    /// <param name="height">New height of a patch.</param>
    /// <param name="width">New width of a patch.</param>
    /// <param name="filter">How images would be resized.</param>
    public static Tensor PatchEmbedding(Tensor weight, int height, int width, GridFilter filter)
    {
        if (weight.Shape is not [var output, var input, var oldHeight, var oldWidth])
            throw new UserException($"A patch embedding has 4 dimensions, this weight is {weight}.");
        if (oldHeight == height && oldWidth == width)
            return weight;
        var by = By(filter).Inverse;
        return Computed.Like(weight, [output, input, height, width], from => Resampling.Apply(
            from, (int)(output * input), 1, by.Matrix((int)oldHeight, height), by.Matrix((int)oldWidth, width)));
    }
}
