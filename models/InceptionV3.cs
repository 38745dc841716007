namespace OnnxTimm.Models;

/// <summary>
/// Inception-v3 (arXiv:1512.00567): branches with windows of several sizes side by side, large windows as a chain of
/// small or flat ones. The auxiliary classifier of its training is left out. timm/models/inception_v3.py.
/// </summary>
public static class InceptionV3
{
    public sealed record Config
    {
        /// <summary>From the paper's channels of a convolution to the network's.</summary>
        public Func<int, int> Channels { get; init; } = channels => channels;
    }

    public static readonly Family<Config> Family = new("inception_v3", Build, Defaults,
        new("^Conv2d_[12]", [("^Conv2d_[34]", null), .. "5b 5c 5d 6a 6b 6c 6d 6e 7a 7b 7c".Split(' ').Index()
            .Select(block => ($"^Mixed_{block.Item}", new[] { block.Index }))]))
    {
        { "inception_v3", new() },
    };

    static Value Build(Config c, Net net, Scope s, Value x)
    {
        net.LeaveOut("AuxLogits.*");
        x = x.Unit(c, s["Conv2d_1a_3x3"], 32, k: 3, stride: 2, Pad.Valid);
        x = x.Unit(c, s["Conv2d_2a_3x3"], 32, k: 3, pad: Pad.Valid);
        x = net.Tap("Conv2d_2b_3x3", x.Unit(c, s["Conv2d_2b_3x3"], 64, k: 3));
        x = Largest(x).Unit(c, s["Conv2d_3b_1x1"], 80, k: 1);
        x = net.Tap("Conv2d_4a_3x3", x.Unit(c, s["Conv2d_4a_3x3"], 192, k: 3, pad: Pad.Valid));
        x = MixedA(Largest(x), c, s["Mixed_5b"], pool: 32);
        x = MixedA(x, c, s["Mixed_5c"], pool: 64);
        x = net.Tap("Mixed_5d", MixedA(x, c, s["Mixed_5d"], pool: 64));
        x = MixedB(x, c, s["Mixed_6a"]);
        x = MixedC(x, c, s["Mixed_6b"], inner: 128);
        x = MixedC(x, c, s["Mixed_6c"], inner: 160);
        x = MixedC(x, c, s["Mixed_6d"], inner: 160);
        x = net.Tap("Mixed_6e", MixedC(x, c, s["Mixed_6e"], inner: 192));
        x = MixedD(x, c, s["Mixed_7a"]);
        x = MixedE(x, c, s["Mixed_7b"]);
        x = net.Tap("Mixed_7c", MixedE(x, c, s["Mixed_7c"]));
        return net.Head(s["fc"], net.Unpooled(x));
    }

    /// <summary>5x5 as such, and as two of 3x3.</summary>
    static Value MixedA(Value x, Config c, Scope s, int pool) => new[]
    {
        x.Unit(c, s["branch1x1"], 64, k: 1),
        x.Unit(c, s["branch5x5_1"], 48, k: 1).Unit(c, s["branch5x5_2"], 64, k: 5),
        x.Unit(c, s["branch3x3dbl_1"], 64, k: 1).Unit(c, s["branch3x3dbl_2"], 96, k: 3)
            .Unit(c, s["branch3x3dbl_3"], 96, k: 3),
        Mean(x).Unit(c, s["branch_pool"], pool, k: 1),
    }.Concat(1);

    /// <summary>Halves the map of A.</summary>
    static Value MixedB(Value x, Config c, Scope s) => new[]
    {
        x.Unit(c, s["branch3x3"], 384, k: 3, stride: 2, Pad.Valid),
        x.Unit(c, s["branch3x3dbl_1"], 64, k: 1).Unit(c, s["branch3x3dbl_2"], 96, k: 3)
            .Unit(c, s["branch3x3dbl_3"], 96, k: 3, stride: 2, Pad.Valid),
        Largest(x),
    }.Concat(1);

    /// <summary>7x7 as a row and a column, once and twice.</summary>
    static Value MixedC(Value x, Config c, Scope s, int inner) => new[]
    {
        x.Unit(c, s["branch1x1"], 192, k: 1),
        x.Unit(c, s["branch7x7_1"], inner, k: 1).Unit(c, s["branch7x7_2"], inner, (1, 7))
            .Unit(c, s["branch7x7_3"], 192, (7, 1)),
        x.Unit(c, s["branch7x7dbl_1"], inner, k: 1).Unit(c, s["branch7x7dbl_2"], inner, (7, 1))
            .Unit(c, s["branch7x7dbl_3"], inner, (1, 7)).Unit(c, s["branch7x7dbl_4"], inner, (7, 1))
            .Unit(c, s["branch7x7dbl_5"], 192, (1, 7)),
        Mean(x).Unit(c, s["branch_pool"], 192, k: 1),
    }.Concat(1);

    /// <summary>Halves the map of C.</summary>
    static Value MixedD(Value x, Config c, Scope s) => new[]
    {
        x.Unit(c, s["branch3x3_1"], 192, k: 1).Unit(c, s["branch3x3_2"], 320, k: 3, stride: 2, Pad.Valid),
        x.Unit(c, s["branch7x7x3_1"], 192, k: 1).Unit(c, s["branch7x7x3_2"], 192, (1, 7))
            .Unit(c, s["branch7x7x3_3"], 192, (7, 1)).Unit(c, s["branch7x7x3_4"], 192, k: 3, stride: 2, Pad.Valid),
        Largest(x),
    }.Concat(1);

    /// <summary>Rows and columns side by side: the last maps are small and have many channels.</summary>
    static Value MixedE(Value x, Config c, Scope s) => new[]
    {
        x.Unit(c, s["branch1x1"], 320, k: 1),
        Cross(x.Unit(c, s["branch3x3_1"], 384, k: 1), c, s, "branch3x3_2"),
        Cross(x.Unit(c, s["branch3x3dbl_1"], 448, k: 1).Unit(c, s["branch3x3dbl_2"], 384, k: 3), c, s,
            "branch3x3dbl_3"),
        Mean(x).Unit(c, s["branch_pool"], 192, k: 1),
    }.Concat(1);

    static Value Cross(Value x, Config c, Scope s, string name) =>
        new[] { x.Unit(c, s[$"{name}a"], 384, (1, 3)), x.Unit(c, s[$"{name}b"], 384, (3, 1)) }.Concat(1);

    static Value Mean(Value x) => x.AvgPool(k: 3, stride: 1);

    static Value Largest(Value x) => x.MaxPool(k: 3, stride: 2, Pad.Valid);

    static Value Unit(this Value x, Config c, Scope s, int channels, int k, int stride = 1, Pad pad = default) =>
        x.Unit(c, s, channels, (k, k), stride, pad);

    static Value Unit(this Value x, Config c, Scope s, int channels, (int H, int W) k, int stride = 1,
        Pad pad = default) =>
        x.Conv(s["conv"], c.Channels(channels), k, stride, pad, bias: false).BatchNorm(s["bn"]).Relu();

    static LayerDefaults Defaults(Config c) => new()
    {
        Conv = _ => Init.TruncNormal(0.1),
        Linear = Init.TruncNormal(0.1),
        BatchNormEps = 1e-3,
    };
}
