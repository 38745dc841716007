namespace OnnxTimm.Models;

/// <summary>
/// Sequencer (arXiv:2205.01972): in place of attention, LSTMs that read the columns and the rows of a map in both
/// directions. timm/models/sequencer.py.
/// </summary>
public static class Sequencer
{
    static readonly int[] Strides = [1, 2, 1, 1];

    /// <param name="Depths">Blocks of each stage.</param>
    public sealed record Config(params int[] Depths);

    /// <summary>timm's variants of the module <c>sequencer</c>.</summary>
    public static readonly Family<Config> Family = new("sequencer", Build, Facts)
    {
        { "sequencer2d_s", new(4, 3, 8, 3) },
        { "sequencer2d_m", new(4, 3, 14, 3) },
        { "sequencer2d_l", new(8, 8, 16, 4) },
    };

    static Value Build(Value image, Scope s, Config c, Net net)
    {
        var x = image.Conv(s["stem"]["proj"], 192, k: 7, stride: 7, Pad.Valid).ChannelsLast();
        foreach (var b in net.Blocks(c.Depths, DropPathRule.Constant))
        {
            var stage = s["stages"][b.Stage];
            if (b is { IsFirst: true, Stage: > 0 })
                x = x.ChannelsFirst().Conv(stage["downsample"]["down"], 384, k: Strides[b.Stage], Strides[b.Stage],
                    Pad.Valid).ChannelsLast();
            x = Block(x, stage["blocks"][b.Index], b);
            if (b.IsLast)
                net.Tap($"stages.{b.Stage}", x, y => y.ChannelsFirst());
        }
        return net.Head(x.LayerNorm(s["norm"]), new(s["head"]["fc"].With(d => d with { Linear = Init.Zeros })));
    }

    static Value Block(Value x, Scope s, Place place)
    {
        x += Sequences(x.LayerNorm(s["norm1"]), s["rnn_tokens"]).DropPath(place.DropPath);
        var mlp = s["mlp_channels"].With(d => d with { LinearBias = Init.Normal(1e-6) });
        var y = x.LayerNorm(s["norm2"]).Mlp(mlp, 3 * x.Features, Activations.Gelu, place.ProjDrop);
        return x + y.DropPath(place.DropPath);
    }

    /// <summary>Columns and rows of a map [N, H, W, C] as sequences, and a layer that joins what is read.</summary>
    static Value Sequences(Value x, Scope s)
    {
        var hidden = x.Features / 4;
        var down = Read(x, s["rnn_v"], hidden, [1, 0, 2, 3], [1, 0, 2, 3]);
        var across = Read(x, s["rnn_h"], hidden, [2, 0, 1, 3], [1, 2, 0, 3]);
        return new[] { down, across }.Concat(3).Linear(s.Early("fc"), x.Features);
    }

    /// <summary>The map with one side first, each line of the other a sequence, and turned back.</summary>
    static Value Read(Value x, Scope s, int hidden, long[] turn, long[] back)
    {
        var turned = x.Transpose(turn);
        var shape = turned.Shape;
        return turned.Reshape(shape[0], shape[1] * shape[2], x.Features).BidirectionalLstm(s, hidden)
            .Reshape(shape[0], shape[1], shape[2], 2 * hidden).Transpose(back).As(Layout.ChannelsLast);
    }

    static FamilyFacts Facts(Config c) => new(new("^stem", (@"^stages\.(\d+)\.blocks\.(\d+)", null),
        (@"^stages\.(\d+)\.downsample", [0]), ("^norm", [LayerGroups.Previous])))
    {
        Layers = new()
        {
            Conv = Init.LecunNormal,
            ConvBias = Init.Zeros,
            Linear = Init.XavierUniform,
            LinearBias = Init.Zeros,
        },
        Taps = [0, 1, 2],
    };
}
