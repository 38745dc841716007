using static OnnxTimm.Layers;

namespace OnnxTimm.Models;

/// <summary>
/// ResNeSt (arXiv:2004.08955): ResNets whose bottlenecks attend to splits of their channels, and halve a map by an
/// average. The e variants have a wider stem than the d variants. timm/models/resnest.py.
/// </summary>
public static class ResNeSt
{
    /// <summary>timm's variants of the module <c>resnest</c>.</summary>
    public static readonly Family<ResNet.Config> Family = new("resnest", ResNet.Build, ResNet.Facts)
    {
        { "resnest14d",         ResNet.D(ResNet.N10, Split(2)) },
        { "resnest26d",         ResNet.D(ResNet.N18, Split(2)) },
        { "resnest50d",         ResNet.D(ResNet.N50, Split(2)) },
        { "resnest101e",        ResNet.D(ResNet.N101, Split(2)) with { Stem = ResNet.Deep(64) } },
        { "resnest200e",        ResNet.D(ResNet.N200, Split(2)) with { Stem = ResNet.Deep(64) } },
        { "resnest269e",        ResNet.D(ResNet.N269, Split(2)) with { Stem = ResNet.Deep(64) } },
        { "resnest50d_4s2x40d", ResNet.D(ResNet.N50, FastSplit(4)) with { Groups = 2, BaseWidth = 40 } },
        { "resnest50d_1s4x24d", ResNet.D(ResNet.N50, FastSplit(1)) with { Groups = 4, BaseWidth = 24 } },
    };

    /// <summary>Attends to a number of splits, the paper's radix, and then halves the map.</summary>
    static ConvBlock<ResNetStyle> Split(int radix) => (x, s, planes, style, place) =>
        Bottleneck(x, s, planes, style, place, y => MeanPool(Attend(y, s["conv2"], style, place, radix), place));

    /// <summary>Halves the map before it attends, which costs less.</summary>
    static ConvBlock<ResNetStyle> FastSplit(int radix) => (x, s, planes, style, place) =>
        Bottleneck(x, s, planes, style, place, y => Attend(MeanPool(y, place), s["conv2"], style, place, radix));

    static Value Bottleneck(Value x, Scope s, int planes, ResNetStyle style, Place place, Func<Value, Value> spatial)
    {
        var width = planes * style.BaseWidth / 64 * style.Groups;
        var y = spatial(x.ConvNormAct((s["conv1"], s["bn1"]), width, new(1), style));
        y = y.ConvNorm((s["conv3"], s["bn3"].ZeroNorm()), planes * 4, new(1), style);
        // As in timm, stochastic depth leaves the residual alone and spares an identity.
        var dropped = x.Shape.Equals(y.Shape) ? x : x.DropPath(place.DropPath);
        return ResNetBlocks.Residual(dropped, y, s, planes * 4, style, place);
    }

    static Value MeanPool(Value x, Place place) => place.Stride == 1 ? x : x.AvgPool(k: 3, place.Stride);

    /// <summary>Weighs each channel of each split by what all splits see in the mean, and sums them up.</summary>
    static Value Attend(Value x, Scope s, ResNetStyle style, Place place, int radix)
    {
        var (splits, groups) = (x.Channels * radix, style.Groups);
        var w = new Window(3, Dilation: place.FirstDilation, Groups: groups * radix);
        var y = x.ConvNormAct((s["conv"], s["bn0"].Dropping(place)), splits, w, style);
        var hidden = MakeDivisible(splits / 4.0, min: 32);
        var gate = SumOfSplits(y.GlobalAveragePool(), radix).Conv(s["fc1"], hidden, k: 1, groups: groups);
        gate = style.Norm(gate, s["bn1"], style.Act).Conv(s["fc2"], splits, k: 1, groups: groups);
        return SumOfSplits(y * Weights(gate, radix, groups), radix);
    }

    /// <summary>Splits compete by a softmax; a single one has no rival and is gated. [N, radix * C, 1, 1].</summary>
    static Value Weights(Value gate, int radix, int groups) => radix == 1
        ? gate.Sigmoid()
        : gate.Reshape(gate.Shape[0], groups, radix, gate.Channels / groups / radix).Softmax(axis: 2)
            .Transpose(0, 2, 1, 3).Reshape(gate.Shape);

    /// <summary>[N, radix * C, H, W] to [N, C, H, W].</summary>
    static Value SumOfSplits(Value x, int radix) =>
        x.Split([.. Enumerable.Repeat((long)x.Channels / radix, radix)], axis: 1).Aggregate((a, b) => a + b);
}
