namespace OnnxTimm;

public static partial class Layers
{
    /// <summary>
    /// Mixed convolution (arXiv:1907.09595), without bias: the channels fall into as many parts as there are windows,
    /// the first takes the rest, and each part has a window of its own. A single window is a plain convolution.
    /// </summary>
    /// <param name="x">The map.</param>
    /// <param name="s">Scope of the parameters; parts are numbered.</param>
    /// <param name="channels">Channels of the result.</param>
    /// <param name="k">Windows.</param>
    /// <param name="stride">Step of the windows.</param>
    /// <param name="pad">Padding of each window.</param>
    /// <param name="groups">Groups; with several windows 1, or as many as channels for one filter a channel.</param>
    public static Value MixedConv(this Value x, Scope s, int channels, int[] k, int stride = 1,
        Pad pad = default, int groups = 1)
    {
        if (k.Length == 1)
            return x.Conv(s, channels, k[0], stride, pad, groups: groups, bias: false);
        if (groups != 1 && groups != x.Channels)
            throw new InvalidOperationException($"{s.Prefix}: a mixed convolution has no {groups} groups.");
        var parts = x.Split(Parts(x.Channels, k.Length), axis: 1);
        var widths = Parts(channels, k.Length);
        Value[] results = [.. parts.Select((part, i) => part.Conv(
            s[i], (int)widths[i], k[i], stride, pad, groups: groups == 1 ? 1 : part.Channels, bias: false))];
        return results.Concat(1);
    }

    static long[] Parts(int channels, int count) =>
        [.. Enumerable.Range(0, count).Select(i => (long)(channels / count + (i == 0 ? channels % count : 0)))];
}
