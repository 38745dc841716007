using static OnnxTimm.Models.Branches;

namespace OnnxTimm.Models;

/// <summary>
/// Inception-ResNet-v2 (arXiv:1602.07261): the branches of an Inception as residuals, scaled down so that training
/// stays stable. timm/models/inception_resnet_v2.py.
/// </summary>
public static class InceptionResNetV2
{
    /// <summary>timm's variants of the module <c>inception_resnet_v2</c>.</summary>
    public static readonly Family<InceptionStyle> Family = new("inception_resnet_v2", Build, Facts)
    {
        { "inception_resnet_v2", new() },
    };

    static Value Build(Value x, Scope s, InceptionStyle c, Net net)
    {
        x = x.Unit(s["conv2d_1a"], c, 32, Valid(3, stride: 2)).Unit(s["conv2d_2a"], c, 32, Valid(3));
        x = net.Tap("conv2d_2b", x.Unit(s["conv2d_2b"], c, 64, new(3))).LargestOf3();
        x = x.Unit(s["conv2d_3b"], c, 80, new(1));
        x = net.Tap("conv2d_4a", x.Unit(s["conv2d_4a"], c, 192, Valid(3))).LargestOf3();
        x = Mixed5(x, s["mixed_5b"], c);
        for (var i = 0; i < 10; i++)
            x = Block35(x, s["repeat"][i], c);
        x = Mixed6(net.Tap("repeat", x), s["mixed_6a"], c);
        for (var i = 0; i < 20; i++)
            x = Block17(x, s["repeat_1"][i], c);
        x = Mixed7(net.Tap("repeat_1", x), s["mixed_7a"], c);
        for (var i = 0; i < 9; i++)
            x = Block8(x, s["repeat_2"][i], c).Relu();
        x = Block8(x, s["block8"], c, scale: 1);
        x = net.Tap("conv2d_7b", x.Unit(s["conv2d_7b"], c, 1536, new(1)));
        return net.Head(x, new(s["classif"]));
    }

    static Value Mixed5(Value x, Scope s, InceptionStyle c) => new[]
    {
        x.Unit(s["branch0"], c, 96, new(1)),
        x.Chain(s["branch1"], c, (48, new(1)), (64, new(5))),
        x.Chain(s["branch2"], c, (64, new(1)), (96, new(3)), (96, new(3))),
        x.MeanOf3().Unit(s["branch3"][1], c, 64, new(1)),
    }.Concat(1);

    static Value Block35(Value x, Scope s, InceptionStyle c) => Residual(x, s, 0.17,
        x.Unit(s["branch0"], c, 32, new(1)),
        x.Chain(s["branch1"], c, (32, new(1)), (32, new(3))),
        x.Chain(s["branch2"], c, (32, new(1)), (48, new(3)), (64, new(3)))).Relu();

    static Value Mixed6(Value x, Scope s, InceptionStyle c) => new[]
    {
        x.Unit(s["branch0"], c, 384, Valid(3, stride: 2)),
        x.Chain(s["branch1"], c, (256, new(1)), (256, new(3)), (384, Valid(3, stride: 2))),
        x.LargestOf3(),
    }.Concat(1);

    static Value Block17(Value x, Scope s, InceptionStyle c) => Residual(x, s, 0.1,
        x.Unit(s["branch0"], c, 192, new(1)),
        x.Chain(s["branch1"], c, (128, new(1)), (160, Row(7)), (192, Column(7)))).Relu();

    static Value Mixed7(Value x, Scope s, InceptionStyle c) => new[]
    {
        x.Chain(s["branch0"], c, (256, new(1)), (384, Valid(3, stride: 2))),
        x.Chain(s["branch1"], c, (256, new(1)), (288, Valid(3, stride: 2))),
        x.Chain(s["branch2"], c, (256, new(1)), (288, new(3)), (320, Valid(3, stride: 2))),
        x.LargestOf3(),
    }.Concat(1);

    static Value Block8(Value x, Scope s, InceptionStyle c, double scale = 0.2) => Residual(x, s, scale,
        x.Unit(s["branch0"], c, 192, new(1)),
        x.Chain(s["branch1"], c, (192, new(1)), (224, Row(3)), (256, Column(3))));

    static Value Residual(Value x, Scope s, double scale, params Value[] branches) =>
        branches.Concat(1).Conv(s["conv2d"], x.Channels, k: 1) * scale + x;

    /// <summary>timm counts its modules, of which the sequences' blocks are some.</summary>
    static FamilyFacts Facts(InceptionStyle c) => new(new("^conv2d_[12]",
    [
        ("^conv2d_[34]", [1]), ("^mixed_5b", [7]),
        .. Enumerable.Range(0, 10).Select(i => ($@"^repeat\.{i}\.", new[] { 8 + i })), ("^mixed_6a", [18]),
        .. Enumerable.Range(0, 20).Select(i => ($@"^repeat_1\.{i}\.", new[] { 19 + i })), ("^mixed_7a", [39]),
        .. Enumerable.Range(0, 9).Select(i => ($@"^repeat_2\.{i}\.", new[] { 40 + i })), ("^block8|conv2d_7", [52]),
    ]))
    {
        Layers = new() { BatchNormEps = 1e-3 },
    };
}
