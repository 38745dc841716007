namespace OnnxTimm;

public static partial class Layers
{
    /// <summary>
    /// An image [N, C, H, W] as tokens [N, H/patch * W/patch, dim]: a linear map of each patch, row by row. What does
    /// not fill a patch, right and below, is left out.
    /// </summary>
    public static Value PatchEmbed(this Value x, Scope s, int dim, int patch, bool bias = true) =>
        x.Conv(s["proj"], dim, k: patch, stride: patch, Pad.Valid, bias: bias).ToTokens();

    /// <summary>A map [N, C, H, W] as tokens [N, H * W, C], row by row.</summary>
    public static Value ToTokens(this Value map) =>
        map.Reshape(map.Shape[0], map.Channels, map.Height * map.Width).Transpose(0, 2, 1);

    /// <summary>Tokens [N, H * W, C] back to a map [N, C, H, W].</summary>
    public static Value ToMap(this Value tokens, int height, int width) =>
        tokens.Transpose(0, 2, 1).Reshape(tokens.Shape[0], tokens.Features, height, width);

    /// <summary>Tokens [N, L, D] without the first ones.</summary>
    public static Value SkipTokens(this Value x, int count) => count == 0 ? x : x.Slice(1, count, x.Shape[1].Size);

    /// <summary>One token of [N, L, D] as [N, D].</summary>
    public static Value Token(this Value x, int index) => x.Shape[1].IsFixed ? x.Slice(1, index, index + 1).Squeeze(1)
        : x.Gather(x.Graph.Scalar(index, DType.Int64), 1);
}
