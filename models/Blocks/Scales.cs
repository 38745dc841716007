namespace OnnxTimm.Models;

/// <summary>
/// The hierarchy of Res2Net (arXiv:1904.01169): channels in several scales, each of which looks around in what the one
/// before it saw. timm/models/res2net.py, dla.py.
/// </summary>
public static class Scales
{
    /// <summary>
    /// A 3x3 convolution, norm and activation of every scale but the last; parameters <c>convs</c> and <c>bns</c>.
    /// </summary>
    /// <param name="x">The map, all scales side by side.</param>
    /// <param name="s">Scope of the block.</param>
    /// <param name="count">Number of scales.</param>
    /// <param name="w">The window of a scale.</param>
    /// <param name="isApart">
    /// True where the map changes: scales do not see each other there, and the last one is averaged.
    /// </param>
    /// <param name="style">How the block convolves.</param>
    public static Value ConvScales(this Value x, Scope s, int count, Window w, bool isApart, ConvStyle style)
    {
        var parts = x.Split([.. Enumerable.Repeat((long)x.Channels / count, count)], axis: 1);
        var y = new List<Value>();
        for (var i = 0; i < count - 1; i++)
        {
            var seen = i == 0 || isApart ? parts[i] : y[^1] + parts[i];
            y.Add(seen.ConvNormAct((s["convs"][i], s["bns"][i]), seen.Channels, w, style));
        }
        y.Add(isApart ? parts[^1].AvgPool(k: 3, w.Stride, pad: 1) : parts[^1]);
        return y.Concat(1);
    }
}
