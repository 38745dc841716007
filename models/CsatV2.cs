namespace OnnxTimm.Models;

/// <summary>
/// CSATv2: reads the frequencies of 8x8 pixels, as JPEG has them, by ConvNeXt's blocks whose result a map of 7x7
/// weighs, and by attention at the ends of the late stages. timm/models/csatv2.py.
/// </summary>
public static partial class CsatV2
{
    /// <summary>Side of the squares of pixels whose frequencies are read.</summary>
    const int Side = 8;

    /// <param name="Dims">Channels of each stage.</param>
    /// <param name="Depths">Blocks of each stage.</param>
    /// <param name="Attending">How many of them, the last ones, attend.</param>
    public sealed record Config(int[] Dims, int[] Depths, params int[] Attending)
    {
        /// <summary>Whether a block is among the last of its stage, which attend.</summary>
        public bool Attends(Place b) => b.Index >= b.Depth - Attending[b.Stage];
    }

    /// <summary>timm's variants of the module <c>csatv2</c>.</summary>
    public static readonly Family<Config> Family = new("csatv2", Build, Facts)
    {
        { "csatv2",     new([32, 72, 168, 386], [2, 2, 8, 6], 0, 0, 2, 2) },
        { "csatv2_21m", new([48, 96, 224, 448], [3, 3, 10, 8], 0, 0, 4, 3) },
    };

    static Value Build(Value image, Scope s, Config c, Net net)
    {
        if (image.Channels != 3)
            throw new UserException(
                $"CSATv2 turns colours into brightness and hues: in_chans must be 3, not {image.Channels}.");
        net.RequireMultiples(image, Side);
        net.LeaveOut("stem_dct.transform.transform.weights");
        var x = net.Tap("stem_dct", Stem(image, s["stem_dct"], c.Dims[0]));
        foreach (var b in net.Blocks(c.Depths, (rate, place) => DropPath(rate, place, c)))
        {
            var (stage, first) = (s["stages"][b.Stage], b.Stage > 0 ? 1 : 0);
            if (b is { IsFirst: true, Stage: > 0 })
                x = x.Conv(stage[0], c.Dims[b.Stage], k: 2, stride: 2, Pad.Valid);
            var block = stage[b.Index + first];
            x = c.Attends(b) ? AttentionBlock(x, block, b) : Block(x, block, b);
            if (b.IsLast)
                x = net.Tap($"stages.{b.Stage}",
                    b.Stage == b.Stages - 1 ? x : x.LayerNorm2d(stage[b.Depth + first]));
        }
        return net.Head(x, new(s["head"]["fc"]) { Norm = y => y.LayerNorm(s["head"]["norm"]) });
    }

    /// <summary>Grows over the blocks that do not attend; those that do are never dropped.</summary>
    static double DropPath(double rate, Place place, Config c)
    {
        if (c.Attends(place))
            return 0;
        var before = place.Index + c.Depths.Zip(c.Attending, (d, a) => d - a).Take(place.Stage).Sum();
        return rate * before / (c.Depths.Sum() - c.Attending.Sum() - 1);
    }

    /// <summary>Three quarters of the channels read luma, the rest the two colour differences.</summary>
    static Value Stem(Value image, Scope s, int channels)
    {
        const int count = Side * Side;
        var graph = image.Graph;
        var frequencies = image.Conv(
            graph.Const($"frequencies_{Side}", () => Tensor.Lazy(Filters, 3 * count, 3, Side, Side)),
            graph.Const($"frequencies_{Side}_offset", () => Tensor.Lazy(Offsets, 3 * count)),
            new([Side, Side], [0, 0, 0, 0], [1, 1]));
        var parts = frequencies.Split([count, count, count], axis: 1);
        return new[]
        {
            parts[0].Conv(s["conv_y"], channels / 8 * 6, k: 1),
            parts[1].Conv(s["conv_cb"], channels / 8, k: 1),
            parts[2].Conv(s["conv_cr"], channels / 8, k: 1),
        }.Concat(1);
    }

    static Value Block(Value x, Scope s, Place place)
    {
        var hidden = x.DepthwiseConv(s["dwconv"], k: 7).ChannelsLast().LayerNorm(s["norm"])
            .Linear(s["pwconv1"], 4 * x.Channels).Gelu().GlobalResponseNorm(s["grn"]);
        var y = hidden.Linear(s["pwconv2"], x.Channels).ChannelsFirst();
        return x + (y * SpatialWeights(y, s["attn"])).DropPath(place.DropPath);
    }

    /// <summary>A factor for each pixel [N, 1, H, W], from the mean and the largest of its channels.</summary>
    static Value SpatialWeights(Value x, Scope s)
    {
        var both = new[] { x.ReduceMean([1]), x.ReduceMax([1]) }.Concat(1).As(Layout.ChannelsFirst);
        var map = both.Resample(7, 7, Resampling.AdaptiveMean).Conv(s["conv"], 1, k: 7);
        return OneChannelBlock(map, s["attn"]).Resample(x.Height, x.Width, Resampling.BilinearCorners);
    }

    /// <summary>
    /// A transformer's block over pixels of one channel. Its attention is over the images of a batch, whose queries are
    /// all the same, for the norm of one number is a constant: so each image keeps its values.
    /// </summary>
    static Value OneChannelBlock(Value x, Scope s)
    {
        s = s.Ordered("pos_embed").NormEps(1e-5);
        var (height, width) = (x.Height, x.Width);
        var placed = AddAround(x.ChannelsLast().LayerNorm(s["norm1"]).ChannelsFirst(), s["pos_embed"]);
        x += placed.ToTokens().Linear(s["qkv"], 3, bias: false).Slice(2, 2, 3).ToMap(height, width);
        return x + x.ChannelsLast().LayerNorm(s["norm2"]).Mlp(s["mlp"], 4, Activations.Gelu).ChannelsFirst();
    }

    static Value AttentionBlock(Value x, Scope s, Place place)
    {
        const int heads = 8, width = 32;
        s = s.Ordered("pos_embed").NormEps(1e-5);
        var y = AddAround(x.LayerNorm2d(s["norm1"]), s["pos_embed"]).ToTokens();
        y = y.Qkv(s["attn"], heads, QkvBias.None, heads * width).Attend(dropout: place.AttnDrop).MergeHeads()
            .Linear(s["attn"]["proj"], x.Channels).Dropout(place.ProjDrop);
        x += y.ToMap(x.Height, x.Width).DropPath(place.DropPath);
        y = x.ToTokens().LayerNorm(s["norm2"]).Mlp(s["mlp"], 4 * x.Channels, Activations.Gelu, place.ProjDrop);
        return x + y.ToMap(x.Height, x.Width).DropPath(place.DropPath);
    }

    static Value AddAround(Value x, Scope s) => x.DepthwiseConv(s["proj"], k: 3) + x;

    static FamilyFacts Facts(Config c) => new(LayerGroups.Counted)
    {
        Layers = LayerDefaults.TruncNormal,
        Taps = [1, 2, 3, 4],
    };
}
