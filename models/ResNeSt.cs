using static OnnxTimm.Layers;

namespace OnnxTimm.Models;

/// <summary>
/// ResNeSt (arXiv:2004.08955): ResNets whose bottlenecks attend to splits of their channels, and halve a map by an
/// average. The e variants have a wider stem than the d variants. timm/models/resnest.py.
/// </summary>
public static class ResNeSt
{
    public static readonly Family<ResNet.Config> Family = new("resnest", ResNet.Build, ResNet.Defaults,
        ResNet.Family.Groups)
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
    static ResNet.Block Split(int radix) => (c, s, x, planes, stride, dropPath) =>
        Bottleneck(c, s, x, planes, dropPath, y => Average(Attend(c, s["conv2"], y, radix), stride), stride);

    /// <summary>Halves the map before it attends, which costs less.</summary>
    static ResNet.Block FastSplit(int radix) => (c, s, x, planes, stride, dropPath) =>
        Bottleneck(c, s, x, planes, dropPath, y => Attend(c, s["conv2"], Average(y, stride), radix), stride);

    static Value Bottleneck(ResNet.Config c, Scope s, Value x, int planes, double dropPath,
        Func<Value, Value> spatial, int stride)
    {
        var width = planes * c.BaseWidth / 64 * c.Groups;
        var y = spatial(c.Norm(x.Conv(s["conv1"], width, k: 1, bias: false), s["bn1"]).Relu());
        y = c.Norm(y.Conv(s["conv3"], planes * 4, k: 1, bias: false), s["bn3"].ZeroNorm());
        // As in timm, stochastic depth leaves the residual alone and spares an identity.
        return (y + (x.Shape.Equals(y.Shape) ? x
            : c.Shortcut(c, s["downsample"], x.DropPath(dropPath), planes * 4, stride))).Relu();
    }

    static Value Average(Value x, int stride) => stride == 1 ? x : x.AvgPool(k: 3, stride);

    /// <summary>Weighs each channel of each split by what all splits see in the mean, and sums them up.</summary>
    static Value Attend(ResNet.Config c, Scope s, Value x, int radix)
    {
        var splits = x.Channels * radix;
        var y = c.Norm(x.Conv(s["conv"], splits, k: 3, groups: c.Groups * radix, bias: false), s["bn0"]).Relu();
        var hidden = MakeDivisible(splits / 4.0, min: 32);
        var gate = SumOfSplits(y.SpatialMean(), radix).Conv(s["fc1"], hidden, k: 1, groups: c.Groups);
        gate = c.Norm(gate, s["bn1"]).Relu().Conv(s["fc2"], splits, k: 1, groups: c.Groups);
        return SumOfSplits(y * Weights(gate, radix, c.Groups), radix);
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
