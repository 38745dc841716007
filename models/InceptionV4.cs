using static OnnxTimm.Models.Branches;

namespace OnnxTimm.Models;

/// <summary>
/// Inception-v4 (arXiv:1602.07261): Inception-v3 made uniform, with branches already in its stem.
/// timm/models/inception_v4.py.
/// </summary>
public static class InceptionV4
{
    /// <summary>timm's variants of the module <c>inception_v4</c>.</summary>
    public static readonly Family<InceptionStyle> Family = new("inception_v4", Build, Facts)
    {
        { "inception_v4", new() },
    };

    static Value Build(Value x, Scope s, InceptionStyle c, Net net)
    {
        var f = s["features"];
        x = x.Unit(f[0], c, 32, Valid(3, stride: 2)).Unit(f[1], c, 32, Valid(3));
        x = net.Tap("features.2", x.Unit(f[2], c, 64, new(3)));
        x = net.Tap("features.3", new[] { x.LargestOf3(), x.Unit(f[3]["conv"], c, 96, Valid(3, stride: 2)) }.Concat(1));
        x = StemB(x, f[4], c);
        x = new[] { x.Unit(f[5]["conv"], c, 192, Valid(3, stride: 2)), x.LargestOf3() }.Concat(1);
        for (var i = 6; i <= 9; i++)
            x = InceptionA(x, f[i], c);
        x = ReductionA(net.Tap("features.9", x), f[10], c);
        for (var i = 11; i <= 17; i++)
            x = InceptionB(x, f[i], c);
        x = ReductionB(net.Tap("features.17", x), f[18], c);
        for (var i = 19; i <= 21; i++)
            x = InceptionC(x, f[i], c);
        return net.Head(net.Tap("features.21", x), new(s["last_linear"]));
    }

    static Value StemB(Value x, Scope s, InceptionStyle c) => new[]
    {
        x.Chain(s["branch0"], c, (64, new(1)), (96, Valid(3))),
        x.Chain(s["branch1"], c, (64, new(1)), (64, Row(7)), (64, Column(7)), (96, Valid(3))),
    }.Concat(1);

    static Value InceptionA(Value x, Scope s, InceptionStyle c) => new[]
    {
        x.Unit(s["branch0"], c, 96, new(1)),
        x.Chain(s["branch1"], c, (64, new(1)), (96, new(3))),
        x.Chain(s["branch2"], c, (64, new(1)), (96, new(3)), (96, new(3))),
        x.MeanOf3().Unit(s["branch3"][1], c, 96, new(1)),
    }.Concat(1);

    static Value ReductionA(Value x, Scope s, InceptionStyle c) => new[]
    {
        x.Unit(s["branch0"], c, 384, Valid(3, stride: 2)),
        x.Chain(s["branch1"], c, (192, new(1)), (224, new(3)), (256, Valid(3, stride: 2))),
        x.LargestOf3(),
    }.Concat(1);

    static Value InceptionB(Value x, Scope s, InceptionStyle c) => new[]
    {
        x.Unit(s["branch0"], c, 384, new(1)),
        x.Chain(s["branch1"], c, (192, new(1)), (224, Row(7)), (256, Column(7))),
        x.Chain(s["branch2"], c, (192, new(1)), (192, Column(7)), (224, Row(7)), (224, Column(7)), (256, Row(7))),
        x.MeanOf3().Unit(s["branch3"][1], c, 128, new(1)),
    }.Concat(1);

    static Value ReductionB(Value x, Scope s, InceptionStyle c) => new[]
    {
        x.Chain(s["branch0"], c, (192, new(1)), (192, Valid(3, stride: 2))),
        x.Chain(s["branch1"], c, (256, new(1)), (256, Row(7)), (320, Column(7)), (320, Valid(3, stride: 2))),
        x.LargestOf3(),
    }.Concat(1);

    static Value InceptionC(Value x, Scope s, InceptionStyle c)
    {
        var a = x.Unit(s["branch0"], c, 256, new(1));
        var b = x.Unit(s["branch1_0"], c, 384, new(1)).Cross(s, c, 256, "branch1_1");
        var d = x.Unit(s["branch2_0"], c, 384, new(1)).Unit(s["branch2_1"], c, 448, Column(3))
            .Unit(s["branch2_2"], c, 512, Row(3));
        return new[] { a, b, d.Cross(s, c, 256, "branch2_3"), x.MeanOf3().Unit(s["branch3"][1], c, 256, new(1)) }
            .Concat(1);
    }

    static FamilyFacts Facts(InceptionStyle c) => new(new(@"^features\.[012]\.", (@"^features\.(\d+)", null)))
    {
        Layers = new() { BatchNormEps = 1e-3 },
    };
}
