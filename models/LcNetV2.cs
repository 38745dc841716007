using static OnnxTimm.Layers;

namespace OnnxTimm.Models;

/// <summary>
/// PP-LCNetV2 (PaddleClas): separable convolutions whose late wide filters are sums of branches that fold into one;
/// gates and shortcuts only where a CPU does not mind. timm/models/lcnetv2.py.
/// </summary>
public static class LcNetV2
{
    /// <param name="Depths">Blocks of each stage.</param>
    /// <param name="Width">Factor of all channels.</param>
    public sealed record Config(int[] Depths, double Width) : ConvStyle(Ops.Relu)
    {
        /// <summary>The table's channels times the width, a multiple of 8.</summary>
        public int Channels(int channels) => MakeDivisible(channels * Width);
    }

    /// <summary>timm's variants of the module <c>lcnetv2</c>.</summary>
    public static readonly Family<Config> Family = new("lcnetv2", Build, Facts)
    {
        { "lcnetv2_small", new([2, 2, 4, 2], 0.75) },
        { "lcnetv2_base",  new([2, 2, 6, 2], 1) },
        { "lcnetv2_large", new([2, 2, 8, 2], 1.25) },
    };

    /// <summary>The block of each stage.</summary>
    static readonly ConvBlock<Config>[] Blocks = [Plain, Plain, Gated, Short];

    static Value Build(Value x, Scope s, Config c, Net net)
    {
        x = x.ConvNormAct(s["stem"][0], c.Channels(32), new(3, Stride: 2), c);
        x = Plain(x, s["stem"][1], c.Channels(64), c, new(0, 0, 0) { Stride = 1 });
        foreach (var b in net.Blocks(c.Depths))
        {
            var place = b with { Stride = b.IsFirst ? 2 : 1 };
            x = Blocks[b.Stage](x, s["stages"][b.Stage][b.Index], c.Channels(128 << b.Stage), c, place);
            if (b.IsLast)
                net.Tap($"stages.{b.Stage}", x);
        }
        return net.Head(x, new(s["classifier"])
        {
            Pooled = y => y.Conv(s["conv_head"], 1280, k: 1, bias: false).Relu(),
        });
    }

    static Value Plain(Value x, Scope s, int channels, Config c, Place place) => x
        .ConvNormAct(s["dw_conv"], x.Channels, new(3, place.Stride, Groups: x.Channels), c)
        .ConvNormAct(s["pw_conv"], channels, new(1), c);

    static Value Gated(Value x, Scope s, int channels, Config c, Place place) => Branches(
            x, s["dw_conv_list"], c, place)
        .SqueezeExcite(s["se"], x.Channels / 4)
        .ConvNormAct(s["pw_conv"][0], channels / 2, new(1), c)
        .ConvNormAct(s["pw_conv"][1], channels, new(1), c);

    static Value Short(Value x, Scope s, int channels, Config c, Place place)
    {
        var y = Branches(x, s["dw_conv_list"], c, place).ConvNormAct(s["pw_conv"], channels, new(1), c);
        return place.Stride == 1 ? y + x : y;
    }

    /// <summary>Windows of 5, 3 and, where the map keeps its size, 1.</summary>
    static Value Branches(Value x, Scope s, Config c, Place place)
    {
        int[] windows = place.Stride == 1 ? [5, 3, 1] : [5, 3];
        return windows.Select((k, i) => x.ConvNorm(s[i], x.Channels, new(k, place.Stride, Groups: x.Channels), c))
            .Aggregate((a, b) => a + b).Relu();
    }

    static FamilyFacts Facts(Config c) => new(new("^stem", (@"^stages\.(\d+)\.(\d+)", null)))
    {
        Layers = new() { Conv = Init.KaimingFanOut(), ConvBias = Init.Zeros, LinearBias = Init.Zeros },
    };
}
