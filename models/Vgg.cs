namespace OnnxTimm.Models;

/// <summary>
/// VGG (arXiv:1409.1556): small windows in a row, with batch norms in a later form; the classifier's hidden layers are
/// convolutions, so that other sizes of image are seen whole. timm/models/vgg.py.
/// </summary>
public static class Vgg
{
    /// <param name="Depths">Convolutions before each pool.</param>
    public sealed record Config(params int[] Depths)
    {
        /// <summary>Norms each convolution, if anything does.</summary>
        public Norm? Norm { get; init; }
    }

    /// <summary>timm's variants of the module <c>vgg</c>.</summary>
    public static readonly Family<Config> Family = new("vgg", Build, Facts)
    {
        { "vgg11",    new(1, 1, 2, 2, 2) },
        { "vgg11_bn", new(1, 1, 2, 2, 2) { Norm = Layers.BatchNorm } },
        { "vgg13",    new(2, 2, 2, 2, 2) },
        { "vgg13_bn", new(2, 2, 2, 2, 2) { Norm = Layers.BatchNorm } },
        { "vgg16",    new(2, 2, 3, 3, 3) },
        { "vgg16_bn", new(2, 2, 3, 3, 3) { Norm = Layers.BatchNorm } },
        { "vgg19",    new(2, 2, 4, 4, 4) },
        { "vgg19_bn", new(2, 2, 4, 4, 4) { Norm = Layers.BatchNorm } },
    };

    static int[] Channels => [64, 128, 256, 512, 512];

    static Value Build(Value x, Scope s, Config c, Net net)
    {
        var (features, number) = (s["features"], 0);
        foreach (var b in net.Blocks(c.Depths))
        {
            x = x.Conv(features[number++], Channels[b.Stage], k: 3);
            x = (c.Norm is null ? x : c.Norm(x, features[number++])).Relu();
            number++;
            if (b.IsLast)
                x = net.Tap($"features.{number - 1}", x).MaxPool(k: 2, stride: 2, Pad.Valid);
            if (b.IsLast)
                number++;
        }
        net.Unpooled(net.Tap($"features.{number - 1}", x));
        return net.Head(Hidden(x, s["pre_logits"], net), new(s["head"]["fc"]));
    }

    /// <summary>The paper's hidden layers over 7x7 pixels; a smaller map is repeated to as many.</summary>
    static Value Hidden(Value x, Scope s, Net net)
    {
        x = x.Resample(Math.Max(7, x.Height), Math.Max(7, x.Width), Resampling.AdaptiveMean);
        return x.Conv(s["fc1"], 4096, k: 7, pad: Pad.Valid).Relu().Dropout(net.Options.DropRate)
            .Conv(s["fc2"], 4096, k: 1).Relu();
    }

    static FamilyFacts Facts(Config c) => new(new(@"^features\.0", (@"^features\.(\d+)", null)))
    {
        Layers = new()
        {
            Conv = Init.KaimingFanOut(),
            ConvBias = Init.Zeros,
            Linear = Init.Normal(0.01),
            LinearBias = Init.Zeros,
        },
    };
}
