namespace OnnxTimm;

public static partial class Layers
{
    /// <summary>
    /// The largest of each k x k window of a map [N, C, H, W]; with <c>ceil</c> a last window may hang over.
    /// </summary>
    public static Value MaxPool(this Value x, int k, int stride, Pad pad = default, bool ceil = false) =>
        x.MaxPool([k, k], [stride, stride], pad.For(x, k, stride), ceil);

    /// <summary>
    /// The mean of each k x k window of a map [N, C, H, W]; the zeros of the padding count unless told otherwise.
    /// </summary>
    public static Value AvgPool(this Value x, int k, int stride, Pad pad = default, bool ceil = false,
        bool countPads = true) =>
        x.AveragePool([k, k], [stride, stride], pad.For(x, k, stride), ceil, countPads);
}
