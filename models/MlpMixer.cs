namespace OnnxTimm.Models;

/// <summary>
/// Networks of MLPs alone, which mix over the patches as they do over the channels: MLP-Mixer (arXiv:2105.01601),
/// timm's gated form of it, ResMLP (2105.03404) and gMLP (2105.08050). timm/models/mlp_mixer.py.
/// </summary>
public static class MlpMixer
{
    /// <param name="Depth">Number of blocks.</param>
    /// <param name="Dim">Width of a token.</param>
    /// <param name="Patch">Pixels along the side of a patch.</param>
    public sealed record Config(int Depth, int Dim, int Patch)
    {
        /// <summary>A block over tokens [N, L, D].</summary>
        public TokenBlock<Config> Block { get; init; } = MixerBlock;

        /// <summary>Hidden widths of the MLPs over tokens and over channels, as shares of a token's width.</summary>
        public (double Tokens, double Channels) MlpRatio { get; init; } = (0.5, 4);

        /// <summary>Transforms the last axis by two layers, with a hidden width and dropout after each.</summary>
        public Func<Value, Scope, int, double, Value> Mlp { get; init; } = PlainMlp;

        /// <summary>Of tokens, over their last axis.</summary>
        public Norm Norm { get; init; } = Layers.LayerNorm;
    }

    /// <summary>timm's variants of the module <c>mlp_mixer</c>.</summary>
    public static readonly Family<Config> Family = new("mlp_mixer", Build, Facts)
    {
        { "mixer_s32_224",     new(8, 512, 32) },
        { "mixer_s16_224",     new(8, 512, 16) },
        { "mixer_b32_224",     new(12, 768, 32) },
        { "mixer_b16_224",     new(12, 768, 16) },
        { "mixer_l32_224",     new(24, 1024, 32) },
        { "mixer_l16_224",     new(24, 1024, 16) },
        { "gmixer_12_224",     new(12, 384, 16) { MlpRatio = (1, 4), Mlp = GatedMlp } },
        { "gmixer_24_224",     new(24, 384, 16) { MlpRatio = (1, 4), Mlp = GatedMlp } },
        { "resmlp_12_224",     new(12, 384, 16) { Block = ResMlpBlock(1e-4f), Norm = Affine } },
        { "resmlp_24_224",     new(24, 384, 16) { Block = ResMlpBlock(1e-5f), Norm = Affine } },
        { "resmlp_36_224",     new(36, 384, 16) { Block = ResMlpBlock(1e-6f), Norm = Affine } },
        { "resmlp_big_24_224", new(24, 768, 8) { Block = ResMlpBlock(1e-6f), Norm = Affine } },
        { "gmlp_ti16_224",     Gmlp(128) },
        { "gmlp_s16_224",      Gmlp(256) },
        { "gmlp_b16_224",      Gmlp(512) },
    };

    static Config Gmlp(int dim) => new(30, dim, 16) { Block = GatingBlock, MlpRatio = (0, 6) };

    static Value Build(Value image, Scope s, Config c, Net net)
    {
        var (height, width) = (image.Height / c.Patch, image.Width / c.Patch);
        var x = image.PatchEmbed(s["stem"], c.Dim, c.Patch);
        // timm hands its drop_path to every block as it is, where other transformers let it grow with depth.
        foreach (var b in net.Blocks([c.Depth], DropPathRule.Constant))
            x = net.Tap($"blocks.{b.Index}", c.Block(x, s["blocks"][b.Index], c, b),
                tokens => tokens.ToMap(height, width));
        var head = s["head"].With(d => d with { Linear = Init.Zeros, LinearBias = Init.Zeros });
        return net.Head(c.Norm(x, s["norm"]), new(head) { PoolBy = (t, name) => GlobalPool.Of(t, name, 0, ["avg"]) });
    }

    static Value MixerBlock(Value x, Scope s, Config c, Place place)
    {
        var (tokens, channels) = ((int)(c.Dim * c.MlpRatio.Tokens), (int)(c.Dim * c.MlpRatio.Channels));
        var y = OverTokens(c.Norm(x, s["norm1"]), t => c.Mlp(t, s["mlp_tokens"], tokens, place.ProjDrop));
        x += y.DropPath(place.DropPath);
        return x + c.Mlp(c.Norm(x, s["norm2"]), s["mlp_channels"], channels, place.ProjDrop).DropPath(place.DropPath);
    }

    /// <summary>
    /// Mixes patches by one linear layer; each residual has a factor for each channel, small at first.
    /// </summary>
    static TokenBlock<Config> ResMlpBlock(float scale) => (x, s, c, place) =>
    {
        var channels = (int)(c.Dim * c.MlpRatio.Channels);
        var linear = s["linear_tokens"].With(d => d with { LinearBias = Init.Zeros });
        var y = OverTokens(c.Norm(x, s["norm1"]), t => t.Linear(linear, t.Features));
        x += (s.Param("ls1", Init.Fill(scale), c.Dim) * y).DropPath(place.DropPath);
        y = c.Mlp(c.Norm(x, s["norm2"]), s["mlp_channels"], channels, place.ProjDrop);
        return x + (s.Param("ls2", Init.Fill(scale), c.Dim) * y).DropPath(place.DropPath);
    };

    /// <summary>gMLP's: one MLP, in which the patches gate each other.</summary>
    static Value GatingBlock(Value x, Scope s, Config c, Place place)
    {
        var (mlp, channels) = (s["mlp_channels"], (int)(c.Dim * c.MlpRatio.Channels));
        var y = c.Norm(x, s["norm"]).Linear(mlp["fc1"], channels).Gelu().Dropout(place.ProjDrop);
        y = SpatialGate(y, mlp["gate"]).Linear(mlp["fc2"], c.Dim).Dropout(place.ProjDrop);
        return x + y.DropPath(place.DropPath);
    }

    /// <summary>
    /// Half of the channels, mapped linearly over the patches, gate the other half; the gate begins open. Its norm
    /// alone has PyTorch's default epsilon.
    /// </summary>
    static Value SpatialGate(Value x, Scope s)
    {
        var open = s["proj"].With(d => d with { Linear = Init.Normal(1e-6), LinearBias = Init.Ones });
        var halves = x.Split([x.Features / 2, x.Features / 2], -1);
        return halves[0] * OverTokens(halves[1].LayerNorm(s["norm"].NormEps(1e-5)), t => t.Linear(open, t.Features));
    }

    /// <summary>Applies to [N, D, L] what transforms the last axis.</summary>
    static Value OverTokens(Value x, Func<Value, Value> mix) => mix(x.Transpose(0, 2, 1)).Transpose(0, 2, 1);

    static Value PlainMlp(Value x, Scope s, int hidden, double drop) => x.Mlp(s, hidden, Activations.Gelu, drop);

    static Value GatedMlp(Value x, Scope s, int hidden, double drop) => x.GluMlp(s, hidden, Activations.Silu, drop);

    /// <summary>In place of a norm: a factor and an offset for each channel.</summary>
    static Value Affine(Value x, Scope s) =>
        x * s.Param("alpha", Init.Ones, 1, 1, x.Features) + s.Param("beta", Init.Zeros, 1, 1, x.Features);

    static FamilyFacts Facts(Config c) => new(new("^stem", (@"^blocks\.(\d+)", null),
        ("^norm", [LayerGroups.Previous])))
    {
        Layers = new()
        {
            Conv = Init.LecunNormal,
            ConvBias = Init.Zeros,
            Linear = Init.XavierUniform,
            LinearBias = Init.Normal(1e-6),
        },
        Taps = [-3, -2, -1],
    };
}
