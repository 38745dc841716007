namespace OnnxTimm;

public static partial class Layers
{
    /// <summary>
    /// Mixed convolution (arXiv:1907.09595): the channels fall into as many parts as there are windows, the first takes
    /// the rest, and each part has a window of its own, numbered in the scope. A single window is a plain convolution.
    /// With several, the groups are 1, or as many as channels for one filter a channel.
    /// </summary>
    /// <param name="k">Windows, in place of the one that the layer is given.</param>
    public static ConvLayer MixedConv(int[] k) => (x, s, channels, w, bias) =>
    {
        if (k.Length == 1)
            return x.Conv(s, channels, w with { K = k[0], Width = k[0] }, bias);
        if (w.Groups != 1 && w.Groups != x.Channels)
            throw new InvalidOperationException($"{s.Prefix}: a mixed convolution has no {w.Groups} groups.");
        var parts = x.Split(Parts(x.Channels, k.Length), axis: 1);
        var widths = Parts(channels, k.Length);
        Value[] results = [.. parts.Select((part, i) => part.Conv(s[i], (int)widths[i],
            w with { K = k[i], Width = k[i], Groups = w.Groups == 1 ? 1 : part.Channels }, bias))];
        return results.Concat(1);
    };

    static long[] Parts(int channels, int count) =>
        [.. Enumerable.Range(0, count).Select(i => (long)(channels / count + (i == 0 ? channels % count : 0)))];
}
