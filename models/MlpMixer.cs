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
        public Block Block { get; init; } = Mixer;

        /// <summary>Hidden widths of the MLPs over tokens and over channels, as shares of a token's width.</summary>
        public (double Tokens, double Channels) MlpRatio { get; init; } = (0.5, 4);
        public Mlp Mlp { get; init; } = Plain;
        public Norm Norm { get; init; } = Layers.LayerNorm;
    }

    /// <summary>A residual block over tokens [N, L, D].</summary>
    public delegate Value Block(Config c, Scope s, Value x, BlockContext b);

    /// <summary>Transforms the last axis by two layers, with dropout after each.</summary>
    public delegate Value Mlp(Value x, Scope s, int hidden, double drop);

    public static readonly Family<Config> Family = new("mlp_mixer", Build, Defaults,
        new("^stem", (@"^blocks\.(\d+)", null), ("^norm", [LayerGroups.Previous])))
    {
        { "mixer_s32_224",     new(8, 512, 32) },
        { "mixer_s16_224",     new(8, 512, 16) },
        { "mixer_b32_224",     new(12, 768, 32) },
        { "mixer_b16_224",     new(12, 768, 16) },
        { "mixer_l32_224",     new(24, 1024, 32) },
        { "mixer_l16_224",     new(24, 1024, 16) },
        { "gmixer_12_224",     new(12, 384, 16) { MlpRatio = (1, 4), Mlp = Gated } },
        { "gmixer_24_224",     new(24, 384, 16) { MlpRatio = (1, 4), Mlp = Gated } },
        { "resmlp_12_224",     new(12, 384, 16) { Block = ResMlp(1e-4f), Norm = Affine } },
        { "resmlp_24_224",     new(24, 384, 16) { Block = ResMlp(1e-5f), Norm = Affine } },
        { "resmlp_36_224",     new(36, 384, 16) { Block = ResMlp(1e-6f), Norm = Affine } },
        { "resmlp_big_24_224", new(24, 768, 8) { Block = ResMlp(1e-6f), Norm = Affine } },
        { "gmlp_ti16_224",     Gmlp(128) },
        { "gmlp_s16_224",      Gmlp(256) },
        { "gmlp_b16_224",      Gmlp(512) },
    };

    static Config Gmlp(int dim) => new(30, dim, 16) { Block = SpatialGating, MlpRatio = (0, 6) };

    static Value Build(Config c, Net net, Scope s, Value image)
    {
        var (height, width) = (image.Height / c.Patch, image.Width / c.Patch);
        var x = image.PatchEmbed(s["stem"], c.Dim, c.Patch);
        for (var i = 0; i < c.Depth; i++)
        {
            // timm hands its drop_path to every block as it is, where other transformers let it grow with depth.
            var block = new BlockContext(i, AttnDrop: 0, net.Options.ProjDropRate, net.DropPathRate);
            x = c.Block(c, s["blocks"][i], x, block);
            net.Tap($"blocks.{i}", x, tokens => tokens.ToMap(height, width));
        }
        // timm's features_only takes the last three blocks where no out_indices are given.
        net.DefaultIndices = [-3, -2, -1];
        var zero = s.Layers with { Linear = Init.Zeros, LinearBias = _ => Init.Zeros };
        return net.Classify(s["head"].With(zero), Pool(net, net.Unpooled(c.Norm(x, s["norm"]))));
    }

    static Value Mixer(Config c, Scope s, Value x, BlockContext b)
    {
        var (tokens, channels) = ((int)(c.Dim * c.MlpRatio.Tokens), (int)(c.Dim * c.MlpRatio.Channels));
        var y = OverTokens(c.Norm(x, s["norm1"]), t => c.Mlp(t, s["mlp_tokens"], tokens, b.ProjDrop));
        x += y.DropPath(b.DropPath);
        return x + c.Mlp(c.Norm(x, s["norm2"]), s["mlp_channels"], channels, b.ProjDrop).DropPath(b.DropPath);
    }

    /// <summary>
    /// Mixes patches by one linear layer; each residual has a factor for each channel, small at first.
    /// </summary>
    static Block ResMlp(float scale) => (c, s, x, b) =>
    {
        var channels = (int)(c.Dim * c.MlpRatio.Channels);
        var linear = s["linear_tokens"].With(s.Layers with { LinearBias = _ => Init.Zeros });
        var y = OverTokens(c.Norm(x, s["norm1"]), t => t.Linear(linear, t.Dim));
        x += (s.Param("ls1", Init.Fill(scale), c.Dim) * y).DropPath(b.DropPath);
        y = c.Mlp(c.Norm(x, s["norm2"]), s["mlp_channels"], channels, b.ProjDrop);
        return x + (s.Param("ls2", Init.Fill(scale), c.Dim) * y).DropPath(b.DropPath);
    };

    /// <summary>gMLP's: one MLP, in which the patches gate each other.</summary>
    static Value SpatialGating(Config c, Scope s, Value x, BlockContext b)
    {
        var (mlp, channels) = (s["mlp_channels"], (int)(c.Dim * c.MlpRatio.Channels));
        var y = c.Norm(x, s["norm"]).Linear(mlp["fc1"], channels).Gelu().Dropout(b.ProjDrop);
        y = SpatialGate(mlp["gate"], y).Linear(mlp["fc2"], c.Dim).Dropout(b.ProjDrop);
        return x + y.DropPath(b.DropPath);
    }

    /// <summary>
    /// Half of the channels, mapped linearly over the patches, gate the other half; the gate begins open. Its norm
    /// alone has PyTorch's default epsilon.
    /// </summary>
    static Value SpatialGate(Scope s, Value x)
    {
        var open = s["proj"].With(s.Layers with { Linear = Init.Normal(1e-6), LinearBias = _ => Init.Ones });
        var halves = x.Split([x.Dim / 2, x.Dim / 2], -1);
        return halves[0] * OverTokens(halves[1].LayerNorm(s["norm"].NormEps(1e-5)), t => t.Linear(open, t.Dim));
    }

    /// <summary>Applies to [N, D, L] what transforms the last axis.</summary>
    static Value OverTokens(Value x, Func<Value, Value> mix) => mix(x.Transpose(0, 2, 1)).Transpose(0, 2, 1);

    static Value Plain(Value x, Scope s, int hidden, double drop) => x.Mlp(s, hidden, Activations.Gelu, drop);

    static Value Gated(Value x, Scope s, int hidden, double drop) => x.GluMlp(s, hidden, Activations.Silu, drop);

    /// <summary>In place of a norm: a factor and an offset for each channel.</summary>
    static Value Affine(Value x, Scope s) =>
        x * s.Param("alpha", Init.Ones, 1, 1, x.Dim) + s.Param("beta", Init.Zeros, 1, 1, x.Dim);

    static Value Pool(Net net, Value tokens) => (net.Options.GlobalPool ?? "avg") is ("avg" or "") and var pool
        ? tokens.Pool(pool, 0)
        : throw new UserException($"{net.Record.Architecture} has the global pools \"avg\" and \"\" (none), "
            + $"not \"{net.Options.GlobalPool}\".");

    static LayerDefaults Defaults(Config c) => new()
    {
        Conv = _ => Init.LecunNormal,
        ConvBias = _ => Init.Zeros,
        Linear = Init.XavierUniform,
        LinearBias = _ => Init.Normal(1e-6),
    };
}
