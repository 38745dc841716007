using static OnnxTimm.Layers;

namespace OnnxTimm.Models;

/// <summary>
/// ReXNet (arXiv:2007.00992): inverted bottlenecks that widen block by block, each adding what it took to the first of
/// its channels. timm/models/rexnet.py.
/// </summary>
public static class ReXNet
{
    /// <param name="Width">Factor of all channels.</param>
    /// <param name="Divisor">What divides all channels.</param>
    public sealed record Config(double Width, int Divisor = 1) : ConvStyle(Activations.Silu)
    {
        /// <summary>The nearest number that <see cref="Divisor"/> divides, at most a tenth below.</summary>
        public int Channels(double channels) => MakeDivisible(channels, Divisor);
    }

    /// <summary>timm's variants of the module <c>rexnet</c>.</summary>
    public static readonly Family<Config> Family = new("rexnet", Build, Facts)
    {
        { "rexnet_100",  new(1) },
        { "rexnet_130",  new(1.3) },
        { "rexnet_150",  new(1.5) },
        { "rexnet_200",  new(2) },
        { "rexnet_300",  new(3) },
        { "rexnetr_100", new(1, Divisor: 8) },
        { "rexnetr_130", new(1.3, Divisor: 8) },
        { "rexnetr_150", new(1.5, Divisor: 8) },
        { "rexnetr_200", new(2, Divisor: 8) },
        { "rexnetr_300", new(3, Divisor: 16) },
    };

    static readonly int[] Depths = [1, 2, 2, 3, 3, 5];
    static readonly int[] Strides = [1, 2, 2, 2, 1, 2];

    static Value Build(Value x, Scope s, Config c, Net net)
    {
        var features = s["features"];
        x = x.ConvNormAct(s["stem"], c.Channels(Math.Round(32 * c.Width)), new(3, Stride: 2), c);
        foreach (var b in net.Strided(Depths, reduction: 2, Strides))
        {
            if (b.IsFirst && Strides[b.Stage] > 1)
                net.Tap($"features.{b.Number - 1}", x);
            var width = 16 + 180.0 * b.Number / b.Blocks;
            x = Block(x, features[b.Number], c.Channels(Math.Round(width * c.Width)), c, b);
        }
        net.Tap($"features.{Depths.Sum() - 1}", x);
        x = x.ConvNormAct(features[Depths.Sum()], c.Channels(1280 * c.Width), new(1), c);
        return net.Head(x, new(s["head"]["fc"]));
    }

    static Value Block(Value x, Scope s, int channels, Config c, Place place)
    {
        var y = place.Stage == 0 ? x
            : x.ConvNormAct(s["conv_exp"], c.Channels(Math.Round(x.Channels * 6.0)), new(1), c);
        y = y.ConvNorm(s["conv_dw"], y.Channels, new(3, place.Stride, place.FirstDilation, y.Channels), c);
        y = place.Stage < 2 ? y : SqueezeExcite(y, s["se"], c.Channels((int)(y.Channels / 12.0)));
        y = y.Relu6().ConvNorm(s["conv_pwl"], channels, new(1), c);
        return place.Stride == 1 && place.FirstDilation == place.Dilation && x.Channels <= channels
            ? AddToFirst(y.DropPath(place.DropPath), x) : y;
    }

    /// <summary>Squeeze and excitation with a norm of what is squeezed.</summary>
    static Value SqueezeExcite(Value x, Scope s, int reduced)
    {
        var squeezed = x.GlobalAveragePool().Conv(s["fc1"], reduced, k: 1).BatchNorm(s["bn"]).Relu();
        return x * squeezed.Conv(s["fc2"], x.Channels, k: 1).Sigmoid();
    }

    static Value AddToFirst(Value y, Value x)
    {
        if (x.Channels == y.Channels)
            return y + x;
        var parts = y.Split([x.Channels, y.Channels - x.Channels], axis: 1);
        return new[] { parts[0] + x, parts[1] }.Concat(1);
    }

    static FamilyFacts Facts(Config c) => new(new("^stem", (@"^features\.(\d+)", null)))
    {
        Layers = new()
        {
            ConvBy = Init.KaimingFanOut,
            ConvBias = Init.Zeros,
            Linear = Init.UniformFanOut,
            LinearBias = Init.Zeros,
        },
        Dilates = true,
    };
}
