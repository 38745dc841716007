namespace OnnxTimm.Models;

/// <summary>
/// Res2Net and Res2NeXt (arXiv:1904.01169): ResNets whose bottlenecks look around at several scales.
/// timm/models/res2net.py.
/// </summary>
public static class Res2Net
{
    /// <summary>timm's variants of the module <c>res2net</c>.</summary>
    public static readonly Family<ResNet.Config> Family = new("res2net", ResNet.Build, ResNet.Facts)
    {
        { "res2net50_26w_4s",  new(ResNet.N50, Bottleneck(4)) { BaseWidth = 26 } },
        { "res2net101_26w_4s", new(ResNet.N101, Bottleneck(4)) { BaseWidth = 26 } },
        { "res2net50_26w_6s",  new(ResNet.N50, Bottleneck(6)) { BaseWidth = 26 } },
        { "res2net50_26w_8s",  new(ResNet.N50, Bottleneck(8)) { BaseWidth = 26 } },
        { "res2net50_48w_2s",  new(ResNet.N50, Bottleneck(2)) { BaseWidth = 48 } },
        { "res2net50_14w_8s",  new(ResNet.N50, Bottleneck(8)) { BaseWidth = 14 } },
        { "res2next50",        new(ResNet.N50, Bottleneck(4)) { BaseWidth = 4, Groups = 8 } },
        { "res2net50d",        ResNet.D(ResNet.N50, Bottleneck(4)) with { BaseWidth = 26 } },
        { "res2net101d",       ResNet.D(ResNet.N101, Bottleneck(4)) with { BaseWidth = 26 } },
    };

    static ConvBlock<ResNetStyle> Bottleneck(int scales) => (x, s, planes, style, place) =>
    {
        var width = planes * style.BaseWidth / 64 * style.Groups;
        var isApart = place.Stride > 1 || x.Channels != planes * 4;
        var y = x.ConvNormAct((s["conv1"], s["bn1"]), width * scales, new(1), style);
        y = y.ConvScales(s, scales, new(3, place.Stride, place.FirstDilation, style.Groups), isApart, style);
        y = y.ConvNorm((s["conv3"], s["bn3"].ZeroNorm()), planes * 4, new(1), style);
        return ResNetBlocks.Residual(x, y.DropPath(place.DropPath), s, planes * 4, style, place);
    };
}
