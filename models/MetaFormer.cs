namespace OnnxTimm.Models;

/// <summary>
/// MetaFormer: a transformer's blocks with other mixers than attention. PoolFormer (arXiv:2111.11418) has means,
/// ConvFormer windows, CAFormer windows and then attention (2210.13452). timm/models/metaformer.py.
/// </summary>
public static class MetaFormer
{
    /// <summary>How the blocks of a stage work: on maps, or on tokens.</summary>
    /// <param name="Norm">Norms what a block's halves read.</param>
    /// <param name="Mix">Lets pixels see each other.</param>
    /// <param name="Layer">A layer over each pixel, to so many features.</param>
    public sealed record Kind(Norm Norm, TokenBlock<Config> Mix, Func<Value, Scope, int, bool, Value> Layer)
    {
        /// <summary>What a stage makes of its map before its blocks.</summary>
        public Func<Value, Value> Enter { get; init; } = x => x;

        /// <summary>A map of a height and width again.</summary>
        public Func<Value, int, int, Value> Leave { get; init; } = (x, _, _) => x;
    }

    /// <param name="Depths">Blocks of each stage.</param>
    /// <param name="Dims">Channels of each stage.</param>
    /// <param name="Kinds">How each stage's blocks work.</param>
    public sealed record Config(int[] Depths, int[] Dims, Kind[] Kinds)
    {
        /// <summary>Between the layers of an MLP; StarReLU has parameters.</summary>
        public Func<Value, Scope, Value> Act { get; init; } = StarRelu;

        /// <summary>Whether the layers of an MLP have biases.</summary>
        public bool MlpBias { get; init; }

        /// <summary>Norms at the stem and between stages.</summary>
        public Norm StageNorm { get; init; } = Unbiased2d;

        /// <summary>What the factors of residuals begin with.</summary>
        public double? LayerScale { get; init; }

        /// <summary>What the factors of identities begin with, in each stage.</summary>
        public double?[] IdentityScale { get; init; } = [null, null, 1, 1];

        /// <summary>What classifies, with its parameters at a scope.</summary>
        public Func<Scope, Head> Head { get; init; } = MlpHead;
    }

    /// <summary>timm's variants of the module <c>metaformer</c>.</summary>
    public static readonly Family<Config> Family = new("metaformer", Build, Facts)
    {
        { "poolformer_s12",   First([2, 2, 6, 2], Small, 1e-5) },
        { "poolformer_s24",   First([4, 4, 12, 4], Small, 1e-5) },
        { "poolformer_s36",   First([6, 6, 18, 6], Small, 1e-6) },
        { "poolformer_m36",   First([6, 6, 18, 6], Medium, 1e-6) },
        { "poolformer_m48",   First([8, 8, 24, 8], Medium, 1e-6) },
        { "poolformerv2_s12", Second([2, 2, 6, 2], Small) },
        { "poolformerv2_s24", Second([4, 4, 12, 4], Small) },
        { "poolformerv2_s36", Second([6, 6, 18, 6], Small) },
        { "poolformerv2_m36", Second([6, 6, 18, 6], Medium) },
        { "poolformerv2_m48", Second([8, 8, 24, 8], Medium) },
        { "convformer_s18",   new([3, 3, 9, 3], Small, Windows) },
        { "convformer_s36",   new([3, 12, 18, 3], Small, Windows) },
        { "convformer_m36",   new([3, 12, 18, 3], [96, 192, 384, 576], Windows) },
        { "convformer_b36",   new([3, 12, 18, 3], [128, 256, 512, 768], Windows) },
        { "caformer_s18",     new([3, 3, 9, 3], Small, WindowsAndAttention) },
        { "caformer_s36",     new([3, 12, 18, 3], Small, WindowsAndAttention) },
        { "caformer_m36",     new([3, 12, 18, 3], [96, 192, 384, 576], WindowsAndAttention) },
        { "caformer_b36",     new([3, 12, 18, 3], [128, 256, 512, 768], WindowsAndAttention) },
    };

    static int[] Small => [64, 128, 320, 512];

    static int[] Medium => [96, 192, 384, 768];

    static Kind[] Windows => [OfWindows, OfWindows, OfWindows, OfWindows];

    static Kind[] WindowsAndAttention => [OfWindows, OfWindows, OfAttention, OfAttention];

    static Kind OfWindows => new(Unbiased2d, Separable, Layer2d);

    static Kind OfAttention => new(
        Layers.LayerNormWithoutBias, Attention, (x, s, width, bias) => x.Linear(s, width, bias))
    {
        Enter = x => x.ToTokens(),
        Leave = (x, height, width) => x.ToMap(height, width),
    };

    static Kind OfMeans(Norm norm) => new(norm, (x, _, _, _) => x.MeanOf3() - x, Layer2d);

    static Config First(int[] depths, int[] dims, double layerScale)
    {
        var kind = OfMeans((x, s) => x.GroupNorm(s, groups: 1));
        return new(depths, dims, [kind, kind, kind, kind])
        {
            Act = (x, _) => x.Gelu(),
            MlpBias = true,
            StageNorm = (x, _) => x,
            LayerScale = layerScale,
            IdentityScale = [null, null, null, null],
            Head = LinearHead,
        };
    }

    static Config Second(int[] depths, int[] dims)
    {
        var kind = OfMeans((x, s) => x.GroupNormWithoutBias(s, groups: 1, eps: 1e-6));
        return new(depths, dims, [kind, kind, kind, kind]) { Head = LinearHead };
    }

    static Value Build(Value x, Scope s, Config c, Net net)
    {
        x = c.StageNorm(x.Conv(s["stem"]["conv"], c.Dims[0], k: 7, stride: 4, pad: 2), s["stem"]["norm"]);
        foreach (var stage in net.Blocks(c.Depths).GroupBy(b => b.Stage))
        {
            var (t, i) = (s["stages"][stage.Key], stage.Key);
            if (i > 0)
                x = c.StageNorm(x, t["downsample"]["norm"]).Conv(t["downsample"]["conv"], c.Dims[i], k: 3, stride: 2);
            var (height, width) = (x.Height, x.Width);
            var blocks = stage.Aggregate(c.Kinds[i].Enter(x), (y, b) => Block(y, t["blocks"][b.Index], c, b));
            x = net.Tap($"stages.{i}", c.Kinds[i].Leave(blocks, height, width));
        }
        var head = s["head"];
        return net.Head(x, c.Head(head["fc"]) with { Norm = y => y.LayerNorm(head["norm"]) });
    }

    static Value Block(Value x, Scope s, Config c, Place place)
    {
        var kind = c.Kinds[place.Stage];
        x = Join(1, kind.Mix(kind.Norm(x, s["norm1"]), s["token_mixer"], c, place));
        return Join(2, Mlp(kind.Norm(x, s["norm2"]), s["mlp"], c, place));

        Value Join(int number, Value y)
        {
            y = Scaled(y.DropPath(place.DropPath), s[$"layer_scale{number}"], c.LayerScale);
            return Scaled(x, s[$"res_scale{number}"], c.IdentityScale[place.Stage]) + y;
        }
    }

    static Value Scaled(Value x, Scope s, double? init)
    {
        if (init is not { } value)
            return x;
        var scale = s.Param("scale", Init.Fill((float)value), x.Shape[x.Shape.Rank == 4 ? 1 : 2].Size);
        return x * (x.Shape.Rank == 4 ? scale.PerChannel() : scale);
    }

    static Value Mlp(Value x, Scope s, Config c, Place place)
    {
        var (layer, width) = (c.Kinds[place.Stage].Layer, c.Dims[place.Stage]);
        var y = c.Act(layer(x, s["fc1"], 4 * width, c.MlpBias), s["act"]).Dropout(place.ProjDrop);
        return layer(y, s["fc2"], width, c.MlpBias).Dropout(place.ProjDrop);
    }

    static Value Layer2d(Value x, Scope s, int channels, bool bias) => x.Conv(s, channels, k: 1, bias: bias);

    /// <summary>A wide window for each of twice as many channels.</summary>
    static Value Separable(Value x, Scope s, Config c, Place place)
    {
        var y = StarRelu(x.Conv(s["pwconv1"], 2 * x.Channels, k: 1, bias: false), s["act1"]);
        return y.DepthwiseConv(s["dwconv"], k: 7, bias: false).Conv(s["pwconv2"], x.Channels, k: 1, bias: false);
    }

    static Value Attention(Value x, Scope s, Config c, Place place) =>
        TransformerBlocks.UnbiasedAttention(x, s, new(x.Features / 32, 0), place);

    /// <summary>The square of ReLU with a learned scale and offset.</summary>
    static Value StarRelu(Value x, Scope s)
    {
        var (scale, bias) = (s.Param("scale", Init.Ones, 1), s.Param("bias", Init.Zeros, 1));
        return scale * Squared(x.Relu()) + bias;
    }

    static Value Squared(Value x) => x * x;

    static Value Unbiased2d(Value x, Scope s) => x.ChannelsLast().LayerNormWithoutBias(s).ChannelsFirst();

    static Head MlpHead(Scope s) => new(s["fc2"])
    {
        Classifier = (x, last, classes, drop) =>
        {
            var hidden = Squared(Head.Rows(x).Dropout(drop).Linear(s["fc1"], 4 * x.Features).Relu());
            return Head.Linear(hidden.LayerNorm(s["norm"]), last, classes, drop);
        },
    };

    /// <summary>timm drops nothing before a single layer, whatever the rate.</summary>
    static Head LinearHead(Scope s) => new(s)
    {
        Classifier = (x, fc, classes, _) => Head.Linear(x, fc, classes, drop: 0),
    };

    static FamilyFacts Facts(Config c) => new(LayerGroups.Counted)
    {
        Layers = LayerDefaults.TruncNormal,
    };
}
