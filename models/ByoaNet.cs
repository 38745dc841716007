using static OnnxTimm.Layers;
using static OnnxTimm.Models.ByobBlocks;

namespace OnnxTimm.Models;

/// <summary>
/// ResNets with self-attention in their last stages: bottleneck transformers (arXiv:2101.11605), HaloNet (2103.12731),
/// LambdaNet (2102.08602). timm/models/byoanet.py.
/// </summary>
public static class ByoaNet
{
    /// <summary>timm's variants of the module <c>byoanet</c>.</summary>
    public static readonly Family<ByobNet.Config> Family = new("byoanet", ByobNet.Build, ByobNet.Facts)
    {
        { "botnet26t_256",          R26(Bot, Ops.Relu) },
        { "sebotnet33ts_256",       R33(Bot) },
        { "botnet50ts_256",         R50(Bot, null, Bot, Bot) },
        { "eca_botnext26ts_256",    R26((x, s, stride) => Whole(x).BottleneckAttention(s, stride, width: 16),
            Activations.Silu, groupSize: 16) with { Gate = Eca } },
        { "halonet_h1",             new(Ops.Relu, new(Attended(Halo(3)), 3, 64) { Stride = 1 },
            new(Attended(Halo(3)), 3, 128), new(Attended(Halo(3)), 10, 256), new(Attended(Halo(3)), 3, 512)) {
            Stem = ByobNet.LargeStem } },
        { "halonet26t",             R26(Halo(2), Ops.Relu) },
        { "sehalonet33ts",          R33(Halo(3)) },
        { "halonet50ts",            R50((x, s, stride) => x.HaloAttention(s, stride, 8, 3, heads: 4), null, Halo(3),
            Halo(3)) },
        { "eca_halonext26ts",       R26((x, s, stride) => x.HaloAttention(s, stride, 8, 2, width: 16), Activations.Silu,
            groupSize: 16) with { Gate = Eca } },
        { "lambda_resnet26t",       R26(Lambda(9), Ops.Relu) },
        { "lambda_resnet50ts",      R50(Lambda(9), null, Lambda(9), Lambda(9)) },
        { "lambda_resnet26rpt_256", R26((x, s, stride) => Whole(x).LambdaLayer(s, stride, LambdaTable), Ops.Relu) },
        { "haloregnetz_b",          RegNetZ() },
        { "lamhalobotnet50ts_256",  Mixed(Lambda(13)) },
        { "halo2botnet50ts_256",    Mixed(Halo(3)) },
    };

    static Value Bot(Value x, Scope s, int stride) => Whole(x).BottleneckAttention(s, stride);

    /// <summary>Positions are those of a map that no stride has rounded up.</summary>
    static Value Whole(Value x) => ByobNet.Rounded(x) == (x.Height, x.Width) ? x
        : throw new InvalidOperationException($"{x} is no whole share of the image, which positions are for.");

    static Func<Value, Scope, int, Value> Halo(int halo) => (x, s, stride) => x.HaloAttention(s, stride, 8, halo);

    static Func<Value, Scope, int, Value> Lambda(int r) =>
        (x, s, stride) => x.LambdaLayer(s, stride, LambdaWindow(r));

    static ByobNet.Config R26(Func<Value, Scope, int, Value> attention, Act act, int groupSize = 0) => new(act,
        new(Bottleneck, 2, 256, 0.25, groupSize) { Stride = 1 },
        new(Bottleneck, 2, 512, 0.25, groupSize),
        new(At(Attended(attention), 1), 2, 1024, 0.25, groupSize),
        new(Attended(attention), 2, 2048, 0.25, groupSize))
    {
        Stem = ByobNet.PooledTiered,
    };

    static ByobNet.Config R33(Func<Value, Scope, int, Value> attention) => new(Activations.Silu,
        new(Bottleneck, 2, 256, 0.25) { Stride = 1 },
        new(At(Attended(attention), 2), 3, 512, 0.25),
        new(At(Attended(attention), 2), 3, 1024, 0.25),
        new(Attended(attention), 2, 1536, 0.333))
    {
        Features = 1280,
        Gate = Se(1 / 16.0),
    };

    /// <param name="second">Attention of the second stage.</param>
    /// <param name="places">Where that stage has it; in its last block by default.</param>
    /// <param name="third">Attention of the third stage.</param>
    /// <param name="fourth">Attention of the last stage.</param>
    static ByobNet.Config R50(Func<Value, Scope, int, Value> second, int[]? places,
        Func<Value, Scope, int, Value> third, Func<Value, Scope, int, Value> fourth) => new(Activations.Silu,
        new(Bottleneck, 3, 256, 0.25) { Stride = 1 },
        new(At(Attended(second), places ?? [3]), 4, 512, 0.25),
        new(At(Attended(third), 1, 3, 5), 6, 1024, 0.25),
        new(At(Attended(fourth), 1), 3, 2048, 0.25))
        {
            Stem = ByobNet.PooledTiered,
        };

    /// <summary>Three stages with attention, in every second block.</summary>
    static ByobNet.Config Mixed(Func<Value, Scope, int, Value> second) =>
        R50(second, [1, 3], Halo(3), Bot) with { Stem = ByobNet.Tiered };

    static ByobNet.Config RegNetZ()
    {
        var attention = Attended((x, s, stride) =>
            x.HaloAttention(s, stride, 7, 2, width: MakeDivisible(x.Channels * 0.33) / 8));
        return ByobNet.Inverted(new(Activations.Silu, new(Bottleneck, 2, 48, 3, 16), new(Bottleneck, 6, 96, 3, 16),
            new(At(attention, 3, 7, 11), 12, 192, 3, 16), new(attention, 2, 288, 3, 16))
        {
            Stem = ByobNet.Plain(32),
            Reduction = 2,
            Features = 1536,
        });
    }
}
