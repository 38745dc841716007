namespace OnnxTimm;

public static partial class Layers
{
    /// <summary>
    /// A learned factor for each feature on the last axis (arXiv:2103.17239); without a first value there is none.
    /// </summary>
    public static Value LayerScale(this Value x, Scope s, double? init, string name = "gamma") =>
        init is { } value ? x * s.Param(name, Init.Fill((float)value), x.Features) : x;

    /// <summary>The same for each channel of a map [N, C, H, W].</summary>
    public static Value LayerScale2d(this Value x, Scope s, double? init) =>
        init is { } value ? x * s.Param("gamma", Init.Fill((float)value), x.ChannelsOf(s)).PerChannel() : x;
}
