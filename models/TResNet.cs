namespace OnnxTimm.Models;

/// <summary>
/// TResNet (arXiv:2003.13630): a ResNet for the throughput of GPUs: pixels folded into channels in place of a stem,
/// blurred strides, gates where they are cheap. timm/models/tresnet.py.
/// </summary>
public static class TResNet
{
    /// <param name="Depths">Blocks of each stage.</param>
    /// <param name="Planes">Planes of the first stage; each has twice those before it.</param>
    /// <param name="Block">The block of the first two stages; bottlenecks follow.</param>
    public sealed record Config(int[] Depths, int Planes, ConvBlock<TResNet.Config> Block)
        : ConvStyle(x => x.LeakyRelu(1e-3));

    /// <summary>timm's variants of the module <c>tresnet</c>.</summary>
    public static readonly Family<Config> Family = new("tresnet", Build, Facts)
    {
        { "tresnet_m",    new([3, 4, 11, 3], 64, Basic) },
        { "tresnet_l",    new([4, 5, 18, 3], 76, Basic) },
        { "tresnet_xl",   new([4, 5, 24, 3], 83, Basic) },
        { "tresnet_v2_l", new([3, 4, 23, 3], 64, Bottleneck) },
    };

    static Value Build(Value x, Scope s, Config c, Net net)
    {
        net.RequireMultiples(x, 4);
        var body = s["body"];
        x = Fold(x).ConvNormAct(body["conv1"], c.Planes, new(3), new(y => y.LeakyRelu(0.01)));
        net.Tap("", x);
        foreach (var b in net.Strided(c.Depths, reduction: 4))
        {
            var name = $"layer{b.Stage + 1}";
            x = (b.Stage < 2 ? c.Block : Bottleneck)(x, body[name][b.Index], c.Planes << b.Stage, c, b);
            if (b.IsLast)
                net.Tap($"body.{name}", x);
        }
        return net.Head(x, new(s["head"]["fc"]));
    }

    /// <summary>4x4 pixels as channels, those of one pixel side by side.</summary>
    static Value Fold(Value x) => x.Reshape(x.Shape[0], x.Channels, x.Height / 4, 4, x.Width / 4, 4)
        .Transpose(0, 3, 5, 1, 2, 4).Reshape(x.Shape[0], 16 * x.Channels, x.Height / 4, x.Width / 4);

    static Value Basic(Value x, Scope s, int planes, Config c, Place place)
    {
        var identity = Shortcut(x, s["downsample"], planes, c, place);
        var y = x.ConvNormAct(s["conv1"], planes, new(3, place.Stride), Blurred(c))
            .ConvNorm((s["conv2"]["conv"], s["conv2"]["bn"].ZeroNorm()), planes, new(3), c);
        y = y.SqueezeExcite(s["se"], Math.Max(planes / 4, 64));
        return (y.DropPath(place.DropPath) + identity).Relu();
    }

    /// <summary>Four times as many channels as planes; no gate in the last stage.</summary>
    static Value Bottleneck(Value x, Scope s, int planes, Config c, Place place)
    {
        var identity = Shortcut(x, s["downsample"], planes * 4, c, place);
        var y = x.ConvNormAct(s["conv1"], planes, new(1), c)
            .ConvNormAct(s["conv2"], planes, new(3, place.Stride), Blurred(c));
        y = place.Stage == 3 ? y : y.SqueezeExcite(s["se"], Math.Max(planes / 2, 64));
        y = y.ConvNorm((s["conv3"]["conv"], s["conv3"]["bn"].ZeroNorm()), planes * 4, new(1), c);
        return (y.DropPath(place.DropPath) + identity).Relu();
    }

    static Value Shortcut(Value x, Scope s, int channels, Config c, Place place) => place.Stride > 1
        ? x.MeanBefore(place).ConvNorm(s[1], channels, new(1), c)
        : x.Channels == channels ? x : x.ConvNorm(s[0], channels, new(1), c);

    static ConvStyle Blurred(Config c) => c with { AntiAlias = (x, stride) => x.BlurPool(stride) };

    static FamilyFacts Facts(Config c) => new(new(@"^body\.conv1", (@"^body\.layer(\d+)\.(\d+)", null)))
    {
        Layers = new() { Conv = Init.KaimingFanOut(), Linear = Init.Normal(0.01) },
        Taps = [1, 2, 3, 4],
    };
}
