namespace OnnxTimm.Models;

/// <summary>
/// The small ResNets for CIFAR-10 of section 4.2 of arXiv:1512.03385, with shortcuts without parameters (its option
/// A), in the form of akamaster/pytorch_resnet_cifar10.
/// </summary>
public static class CifarResNet
{
    /// <param name="Depth">Blocks of each of the three stages; the name counts layers, 6 * Depth + 2.</param>
    public sealed record Config(int Depth);

    public static readonly Family<Config> Family = new("cifar_resnet", Build, Defaults,
        new("^conv1|bn1", (@"^layer(\d+)\.(\d+)", null)))
    {
        { "cifar_resnet20",  new(3) },
        { "cifar_resnet32",  new(5) },
        { "cifar_resnet44",  new(7) },
        { "cifar_resnet56",  new(9) },
        { "cifar_resnet110", new(18) },
    };

    static Value Build(Config c, Net net, Scope s, Value x)
    {
        x = x.Conv(s["conv1"], 16, k: 3, bias: false).BatchNorm(s["bn1"]).Relu();
        for (var i = 0; i < 3; i++)
        {
            for (var b = 0; b < c.Depth; b++)
                x = Block(s[$"layer{i + 1}"][b], x, planes: 16 << i, stride: b == 0 && i > 0 ? 2 : 1,
                    net.DropPath(i * c.Depth + b, 3 * c.Depth));
            net.Tap($"layer{i + 1}", x);
        }
        return net.Head(s["fc"], net.Unpooled(x));
    }

    static Value Block(Scope s, Value x, int planes, int stride, double dropPath)
    {
        var y = x.Conv(s["conv1"], planes, k: 3, stride, bias: false).BatchNorm(s["bn1"]).Relu();
        y = y.Conv(s["conv2"], planes, k: 3, bias: false).BatchNorm(s["bn2"]).DropPath(dropPath);
        return (y + (stride == 1 ? x : Subsample(x, planes))).Relu();
    }

    /// <summary>Every second pixel, with as many empty channels before as after.</summary>
    static Value Subsample(Value x, int planes)
    {
        var empty = (planes - x.Channels) / 2;
        return x.Slice([2, 3], [0, 0], [x.Height, x.Width], [2, 2]).Pad([0, empty, 0, 0, 0, empty, 0, 0]);
    }

    static LayerDefaults Defaults(Config c) => new() { Conv = _ => Init.KaimingFanIn, Linear = Init.KaimingFanIn };
}
