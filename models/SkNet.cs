using static OnnxTimm.Layers;

namespace OnnxTimm.Models;

/// <summary>
/// Selective kernel networks (arXiv:1903.06586): ResNets in which two windows compete for each channel.
/// timm/models/sknet.py, timm/layers/selective_kernel.py.
/// </summary>
public static class SkNet
{
    /// <summary>timm's variants of the module <c>sknet</c>.</summary>
    public static readonly Family<ResNet.Config> Family = new("sknet", ResNet.Build, ResNet.Facts)
    {
        { "skresnet18",        new(ResNet.N18, Basic(Halves(width => MakeDivisible(width / 8.0, 16)))) },
        { "skresnet34",        new(ResNet.N50, Basic(Halves(width => MakeDivisible(width / 8.0, 16)))) },
        { "skresnet50",        new(ResNet.N50, Bottleneck(Halves(width => MakeDivisible(width / 16.0)))) },
        { "skresnet50d",       ResNet.D(ResNet.N50, Bottleneck(Halves(width => MakeDivisible(width / 16.0)))) },
        { "skresnext50_32x4d", new(ResNet.N50, Bottleneck(Whole(width => MakeDivisible(width / 16.0, 32)))) {
            Groups = 32, BaseWidth = 4 } },
    };

    static ConvBlock<ResNetStyle> Basic(ConvBlock<ResNetStyle> select) => (x, s, planes, style, place) =>
    {
        var y = select(x, s["conv1"], planes, style, place);
        y = y.ConvNorm(s["conv2"], planes, new(3, Dilation: place.Dilation), style).DropPath(place.DropPath);
        return ResNetBlocks.Residual(x, y, s, planes, style, place);
    };

    static ConvBlock<ResNetStyle> Bottleneck(ConvBlock<ResNetStyle> select) => (x, s, planes, style, place) =>
    {
        var width = planes * style.BaseWidth / 64 * style.Groups;
        var y = x.ConvNormAct(s["conv1"], width, new(1), style);
        y = select(y, s["conv2"], width, style, place);
        y = y.ConvNorm(s["conv3"], planes * 4, new(1), style).DropPath(place.DropPath);
        return ResNetBlocks.Residual(x, y, s, planes * 4, style, place);
    };

    /// <summary>Each window reads a half of the channels.</summary>
    /// <param name="hidden">Channels that decide, by those that are chosen among.</param>
    static ConvBlock<ResNetStyle> Halves(Func<int, int> hidden) => (x, s, channels, style, place) =>
        Select(x.Split([x.Channels / 2, x.Channels / 2], axis: 1), s, hidden, channels, style, place);

    /// <summary>Both windows read all channels.</summary>
    /// <inheritdoc cref="Halves"/>
    static ConvBlock<ResNetStyle> Whole(Func<int, int> hidden) => (x, s, channels, style, place) =>
        Select([x, x], s, hidden, channels, style, place);

    /// <summary>A 3x3 window and the same at twice the distance, weighed by what both see in the mean.</summary>
    static Value Select(Value[] inputs, Scope s, Func<int, int> hidden, int channels, ResNetStyle style, Place place)
    {
        Value[] y =
        [
            .. inputs.Select((x, i) => x.ConvNormAct(s["paths"][i].Dropping(place), channels,
                new(3, place.Stride, place.FirstDilation * (i + 1), style.Groups), style)),
        ];
        var a = s["attn"];
        var weights = (y[0] + y[1]).GlobalAveragePool()
            .ConvNormAct((a["fc_reduce"], a["bn"]), hidden(channels), new(1), style)
            .Conv(a["fc_select"], 2 * channels, k: 1, bias: false)
            .Reshape(y[0].Shape[0], 2, channels).Softmax(axis: 1)
            .Reshape(y[0].Shape[0], 2 * channels, 1, 1).Split([channels, channels], axis: 1);
        return y[0] * weights[0] + y[1] * weights[1];
    }
}
