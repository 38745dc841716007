namespace OnnxTimm.Models;

/// <summary>
/// SelecSLS (arXiv:1907.00837): blocks that join what three windows in a row see, and what the first block of their
/// stage saw. timm/models/selecsls.py.
/// </summary>
public static class SelecSls
{
    /// <param name="Stages">Inner channels of a stage and what each of its blocks gives.</param>
    /// <param name="Head">Channels, window and stride of the last convolutions.</param>
    public sealed record Config((int Inner, int[] Outer)[] Stages, (int Channels, Window W)[] Head)
        : ConvStyle(Ops.Relu);

    /// <summary>timm's variants of the module <c>selecsls</c>.</summary>
    public static readonly Family<Config> Family = new("selecsls", Build, Facts)
    {
        { "selecsls42",  new(S42, [(960, Half), (1024, new(3)), (1024, Half), (1280, new(1))]) },
        { "selecsls42b", new(S42, [(960, Half), (1024, new(3)), (1280, Half), (1024, new(1))]) },
        { "selecsls60",  new(S60, [(756, Half), (1024, new(3)), (1024, Half), (1280, new(1))]) },
        { "selecsls60b", new(S60, [(756, Half), (1024, new(3)), (1280, Half), (1024, new(1))]) },
        { "selecsls84",  new([(64, [64, 144]), (144, [144, 144, 144, 144, 304]), (304, [304, 304, 304, 304, 304, 512])],
            [(960, Half), (1024, new(3)), (1024, Half), (1280, new(3))]) },
    };

    static (int, int[])[] S42 => [(64, [64, 128]), (144, [144, 288]), (304, [304, 480])];

    static (int, int[])[] S60 => [(64, [64, 128]), (128, [128, 128, 288]), (288, [288, 288, 288, 416])];

    static Window Half => new(3, Stride: 2);

    static Value Build(Value x, Scope s, Config c, Net net)
    {
        x = net.Tap("stem.2", Unit(x, s["stem"], 32, Half, c));
        var number = 0;
        foreach (var (inner, outer) in c.Stages)
        {
            Value? first = null;
            foreach (var channels in outer)
            {
                x = Block(x, first, s["features"][number++], (inner, channels), c);
                first ??= x;
            }
            net.Tap($"features.{number - 1}", x);
        }
        foreach (var (i, (channels, w)) in c.Head.Index())
        {
            x = Unit(x, s["head"][i], channels, w, c);
            if (i % 2 == 1)
                net.Tap($"head.{i}", x);
        }
        return net.Head(x, new(s["fc"]));
    }

    /// <summary>Joins what the first block of the stage gave, too; that is null for the first itself.</summary>
    static Value Block(Value x, Value? first, Scope s, (int Inner, int Outer) width, Config c)
    {
        var a = Unit(x, s["conv1"], width.Inner, first is null ? Half : new(3), c);
        var b = Unit(Unit(a, s["conv2"], width.Inner, new(1), c), s["conv3"], width.Inner / 2, new(3), c);
        var d = Unit(Unit(b, s["conv4"], width.Inner, new(1), c), s["conv5"], width.Inner / 2, new(3), c);
        return Unit((first is null ? new[] { a, b, d } : [a, b, d, first]).Concat(1), s["conv6"], width.Outer,
            new(1), c);
    }

    static Value Unit(Value x, Scope s, int channels, Window w, Config c) =>
        x.ConvNormAct((s[0], s[1]), channels, w, c);

    static FamilyFacts Facts(Config c) => new(new("^stem", (@"^features\.(\d+)", null), ("^head", [99])))
    {
        Layers = new() { Conv = Init.KaimingFanOut() },
        Taps = [0, 1, 2, 3, 4],
    };
}
