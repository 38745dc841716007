namespace OnnxTimm.Models;

/// <summary>
/// The small ResNets for CIFAR-10 of section 4.2 of arXiv:1512.03385, with shortcuts without parameters (its option
/// A), in the form of akamaster/pytorch_resnet_cifar10.
/// </summary>
public static class CifarResNet
{
    /// <param name="Depth">Blocks of each of the three stages; the name counts layers, 6 * Depth + 2.</param>
    public sealed record Config(int Depth);

    /// <summary>timm's variants of the module <c>cifar_resnet</c>.</summary>
    public static readonly Family<Config> Family = new("cifar_resnet", Build, Facts)
    {
        { "cifar_resnet20",  new(3) },
        { "cifar_resnet32",  new(5) },
        { "cifar_resnet44",  new(7) },
        { "cifar_resnet56",  new(9) },
        { "cifar_resnet110", new(18) },
    };

    static Value Build(Value image, Scope s, Config c, Net net)
    {
        var x = image.ConvNormAct((s["conv1"], s["bn1"]), 16, new(3), new(Ops.Relu));
        foreach (var b in net.Blocks([c.Depth, c.Depth, c.Depth]))
        {
            x = Block(x, s[$"layer{b.Stage + 1}"][b.Index], planes: 16 << b.Stage, b);
            if (b.IsLast)
                net.Tap($"layer{b.Stage + 1}", x);
        }
        return net.Head(x, new(s["fc"]));
    }

    static Value Block(Value x, Scope s, int planes, Place place)
    {
        var (style, stride) = (new ConvStyle(Ops.Relu), x.Channels == planes ? 1 : 2);
        var y = x.ConvNormAct((s["conv1"], s["bn1"]), planes, new(3, stride), style);
        y = y.ConvNorm((s["conv2"], s["bn2"]), planes, new(3), style).DropPath(place.DropPath);
        return (y + (stride == 1 ? x : Subsample(x, planes))).Relu();
    }

    /// <summary>Every second pixel, with as many empty channels before as after.</summary>
    static Value Subsample(Value x, int planes)
    {
        var empty = (planes - x.Channels) / 2;
        return x.Slice([2, 3], [0, 0], [x.Height, x.Width], [2, 2]).Pad([0, empty, 0, 0, 0, empty, 0, 0]);
    }

    static FamilyFacts Facts(Config c) => new(new("^conv1|bn1", (@"^layer(\d+)\.(\d+)", null)))
    {
        Layers = new() { Conv = Init.KaimingFanIn, Linear = Init.KaimingFanIn },
    };
}
