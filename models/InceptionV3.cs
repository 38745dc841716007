namespace OnnxTimm.Models;

/// <summary>
/// Inception-v3 (arXiv:1512.00567): branches with windows of several sizes side by side, large windows as a chain of
/// small or flat ones. The auxiliary classifier of its training is left out. timm/models/inception_v3.py.
/// </summary>
public static class InceptionV3
{
    /// <summary>timm's variants of the module <c>inception_v3</c>.</summary>
    public static readonly Family<InceptionStyle> Family = new("inception_v3", Build, Facts)
    {
        { "inception_v3", new() },
    };

    static Value Build(Value x, Scope s, InceptionStyle c, Net net)
    {
        net.LeaveOut("AuxLogits.*");
        x = x.Unit(s["Conv2d_1a_3x3"], c, 32, k: 3, stride: 2, Pad.Valid);
        x = x.Unit(s["Conv2d_2a_3x3"], c, 32, k: 3, pad: Pad.Valid);
        x = net.Tap("Conv2d_2b_3x3", x.Unit(s["Conv2d_2b_3x3"], c, 64, k: 3));
        x = x.LargestOf3().Unit(s["Conv2d_3b_1x1"], c, 80, k: 1);
        x = net.Tap("Conv2d_4a_3x3", x.Unit(s["Conv2d_4a_3x3"], c, 192, k: 3, pad: Pad.Valid));
        x = MixedA(x.LargestOf3(), s["Mixed_5b"], c, pool: 32);
        x = MixedA(x, s["Mixed_5c"], c, pool: 64);
        x = net.Tap("Mixed_5d", MixedA(x, s["Mixed_5d"], c, pool: 64));
        x = MixedB(x, s["Mixed_6a"], c);
        x = MixedC(x, s["Mixed_6b"], c, inner: 128);
        x = MixedC(x, s["Mixed_6c"], c, inner: 160);
        x = MixedC(x, s["Mixed_6d"], c, inner: 160);
        x = net.Tap("Mixed_6e", MixedC(x, s["Mixed_6e"], c, inner: 192));
        x = MixedD(x, s["Mixed_7a"], c);
        x = MixedE(x, s["Mixed_7b"], c);
        x = net.Tap("Mixed_7c", MixedE(x, s["Mixed_7c"], c));
        return net.Head(x, new(s["fc"]));
    }

    /// <summary>5x5 as such, and as two of 3x3.</summary>
    static Value MixedA(Value x, Scope s, InceptionStyle c, int pool) => new[]
    {
        x.Unit(s["branch1x1"], c, 64, k: 1),
        x.Unit(s["branch5x5_1"], c, 48, k: 1).Unit(s["branch5x5_2"], c, 64, k: 5),
        x.Unit(s["branch3x3dbl_1"], c, 64, k: 1).Unit(s["branch3x3dbl_2"], c, 96, k: 3)
            .Unit(s["branch3x3dbl_3"], c, 96, k: 3),
        Mean(x).Unit(s["branch_pool"], c, pool, k: 1),
    }.Concat(1);

    /// <summary>Halves the map of A.</summary>
    static Value MixedB(Value x, Scope s, InceptionStyle c) => new[]
    {
        x.Unit(s["branch3x3"], c, 384, k: 3, stride: 2, Pad.Valid),
        x.Unit(s["branch3x3dbl_1"], c, 64, k: 1).Unit(s["branch3x3dbl_2"], c, 96, k: 3)
            .Unit(s["branch3x3dbl_3"], c, 96, k: 3, stride: 2, Pad.Valid),
        x.LargestOf3(),
    }.Concat(1);

    /// <summary>7x7 as a row and a column, once and twice.</summary>
    static Value MixedC(Value x, Scope s, InceptionStyle c, int inner) => new[]
    {
        x.Unit(s["branch1x1"], c, 192, k: 1),
        x.Unit(s["branch7x7_1"], c, inner, k: 1).Flat(s["branch7x7_2"], c, inner, 1, 7)
            .Flat(s["branch7x7_3"], c, 192, 7, 1),
        x.Unit(s["branch7x7dbl_1"], c, inner, k: 1).Flat(s["branch7x7dbl_2"], c, inner, 7, 1)
            .Flat(s["branch7x7dbl_3"], c, inner, 1, 7).Flat(s["branch7x7dbl_4"], c, inner, 7, 1)
            .Flat(s["branch7x7dbl_5"], c, 192, 1, 7),
        Mean(x).Unit(s["branch_pool"], c, 192, k: 1),
    }.Concat(1);

    /// <summary>Halves the map of C.</summary>
    static Value MixedD(Value x, Scope s, InceptionStyle c) => new[]
    {
        x.Unit(s["branch3x3_1"], c, 192, k: 1).Unit(s["branch3x3_2"], c, 320, k: 3, stride: 2, Pad.Valid),
        x.Unit(s["branch7x7x3_1"], c, 192, k: 1).Flat(s["branch7x7x3_2"], c, 192, 1, 7)
            .Flat(s["branch7x7x3_3"], c, 192, 7, 1).Unit(s["branch7x7x3_4"], c, 192, k: 3, stride: 2, Pad.Valid),
        x.LargestOf3(),
    }.Concat(1);

    /// <summary>Rows and columns side by side: the last maps are small and have many channels.</summary>
    static Value MixedE(Value x, Scope s, InceptionStyle c) => new[]
    {
        x.Unit(s["branch1x1"], c, 320, k: 1),
        x.Unit(s["branch3x3_1"], c, 384, k: 1).Cross(s, c, 384, "branch3x3_2"),
        x.Unit(s["branch3x3dbl_1"], c, 448, k: 1).Unit(s["branch3x3dbl_2"], c, 384, k: 3)
            .Cross(s, c, 384, "branch3x3dbl_3"),
        Mean(x).Unit(s["branch_pool"], c, 192, k: 1),
    }.Concat(1);

    static Value Mean(Value x) => x.AvgPool(k: 3, stride: 1);

    static Value Unit(this Value x, Scope s, InceptionStyle c, int channels, int k, int stride = 1,
        Pad pad = default) =>
        x.Unit(s, c, channels, new Window(k, stride) { Pad = pad });

    static Value Flat(this Value x, Scope s, InceptionStyle c, int channels, int height, int width) =>
        x.Unit(s, c, channels, new Window(height) { Width = width });

    static FamilyFacts Facts(InceptionStyle c) => new(new("^Conv2d_[12]", [("^Conv2d_[34]", null),
        .. "5b 5c 5d 6a 6b 6c 6d 6e 7a 7b 7c".Split(' ').Index()
            .Select(block => ($"^Mixed_{block.Item}", new[] { block.Index }))]))
    {
        Layers = new() { Conv = Init.TruncNormal(0.1), Linear = Init.TruncNormal(0.1), BatchNormEps = 1e-3 },
    };
}
