namespace OnnxTimm.Models;

/// <summary>
/// Xception (arXiv:1610.02357): separable convolutions all the way, as it was first ported. timm/models/xception.py.
/// </summary>
public static class Xception
{
    /// <summary>What is free in the one network that the paper has.</summary>
    public sealed record Config
    {
        /// <summary>From the paper's channels of a convolution to the network's.</summary>
        public Func<int, int> Channels { get; init; } = channels => channels;
    }

    /// <summary>timm's variants of the module <c>xception</c>.</summary>
    public static readonly Family<Config> Family = new("xception", Build, Facts)
    {
        { "legacy_xception", new() },
    };

    static Value Build(Value x, Scope s, Config c, Net net)
    {
        var (style, w) = (new ConvStyle(Ops.Relu), c.Channels);
        x = x.ConvNormAct((s["conv1"], s["bn1"]), w(32), new(3, Stride: 2) { Pad = Pad.Valid }, style);
        x = net.Tap("act2", x.ConvNormAct((s["conv2"], s["bn2"]), w(64), new(3) { Pad = Pad.Valid }, style));
        x = Block(x, s["block1"], [w(128), w(128)], stride: 2, first: 0);
        x = Block(Lead(x, net, "block2"), s["block2"], [w(256), w(256)], stride: 2);
        x = Block(Lead(x, net, "block3"), s["block3"], [w(728), w(728)], stride: 2);
        for (var i = 4; i <= 11; i++)
            x = Block(x, s[$"block{i}"], [w(728), w(728), w(728)], stride: 1);
        x = Block(Lead(x, net, "block12"), s["block12"], [w(728), w(1024)], stride: 2);
        x = SeparableConv(x, s["conv3"], w(1536)).BatchNorm(s["bn3"]).Relu();
        x = net.Tap("act4", SeparableConv(x, s["conv4"], w(2048)).BatchNorm(s["bn4"]).Relu());
        return net.Head(x, new(s["fc"]));
    }

    /// <summary>A stage's map is what the activation at the head of the next block gives.</summary>
    static Value Lead(Value x, Net net, string block) => net.Tap($"{block}.rep.0", x, y => y.Relu());

    /// <param name="x">The map.</param>
    /// <param name="s">Scope of the block.</param>
    /// <param name="channels">Of each convolution.</param>
    /// <param name="stride">By what a pool at the end divides the map.</param>
    /// <param name="first">Number of the first convolution: 1 behind an activation, 0 without.</param>
    static Value Block(Value x, Scope s, int[] channels, int stride, int first = 1)
    {
        var identity = x.Channels == channels[^1] ? x
            : x.Conv(s["skip"], channels[^1], k: 1, stride, bias: false).BatchNorm(s["skipbn"]);
        var y = x;
        foreach (var (i, width) in channels.Index())
        {
            var at = first + 3 * i;
            y = SeparableConv(at == 0 ? y : y.Relu(), s["rep"][at], width).BatchNorm(s["rep"][at + 1]);
        }
        return (stride == 1 ? y : y.MaxPool(k: 3, stride)) + identity;
    }

    static Value SeparableConv(Value x, Scope s, int channels) => x
        .DepthwiseConv(s["conv1"], k: 3, bias: false)
        .Conv(s["pointwise"], channels, k: 1, bias: false);

    static FamilyFacts Facts(Config c) => new(new("^conv[12]|bn[12]",
        (@"^block(\d+)", null), ("^conv[34]|bn[34]", [99])))
    {
        Layers = new() { Conv = Init.KaimingFanOut() },
    };
}
