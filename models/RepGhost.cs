namespace OnnxTimm.Models;

/// <summary>
/// RepGhostNet (arXiv:2211.06088): GhostNet whose ghosts are added instead of joined, so that they fold into the filter
/// that computes them. timm/models/repghost.py.
/// </summary>
public static class RepGhost
{
    /// <summary>timm's variants of the module <c>repghost</c>.</summary>
    public static readonly Family<GhostNet.Config> Family = new("repghost", GhostNet.Build, GhostNet.Facts)
    {
        { "repghostnet_050", Net(0.5) },
        { "repghostnet_058", Net(0.58) },
        { "repghostnet_080", Net(0.8) },
        { "repghostnet_100", Net(1) },
        { "repghostnet_111", Net(1.11) },
        { "repghostnet_130", Net(1.3) },
        { "repghostnet_150", Net(1.5) },
        { "repghostnet_200", Net(2) },
    };

    static GhostNet.Row[][] Table =>
    [
        [new(3, 8, 16)],
        [new(3, 24, 24, Stride: 2)],
        [new(3, 36, 24)],
        [new(5, 36, 40, 0.25, Stride: 2)],
        [new(5, 60, 40, 0.25)],
        [new(3, 120, 80, Stride: 2)],
        [new(3, 100, 80), new(3, 120, 80), new(3, 120, 80), new(3, 240, 112, 0.25), new(3, 336, 112, 0.25)],
        [new(5, 336, 160, 0.25, Stride: 2)],
        [new(5, 480, 160), new(5, 480, 160, 0.25), new(5, 480, 160), new(5, 480, 160, 0.25)],
    ];

    static GhostNet.Config Net(double width) => new(width, Table) { Expand = _ => Module, Project = Module };

    static Value Module(Value x, Scope s, int channels, Act act)
    {
        var (first, cheap) = (s["primary_conv"], s["cheap_operation"]);
        var style = new ConvStyle(act);
        var y = x.ConvNormAct((first[0], first[1]), channels, new(1), style);
        var skipped = y.BatchNorm(s["fusion_bn"][0]);
        return act(y.ConvNorm((cheap[0], cheap[1]), channels, new(3, Groups: channels), style) + skipped);
    }
}
