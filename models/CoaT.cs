namespace OnnxTimm.Models;

/// <summary>
/// CoaT, co-scale conv-attentional image transformers (arXiv:2104.06399): attention that costs what the tokens cost,
/// with convolutions for positions that all blocks of a scale share; blocks in series, then some that hand what they
/// attend to from scale to scale. timm/models/coat.py.
/// </summary>
public static class CoaT
{
    const int Heads = 8;

    /// <summary>Windows of the relative positions, each with its heads.</summary>
    static readonly (int K, int Heads)[] Windows = [(3, 2), (5, 3), (7, 3)];

    static readonly string[] Pools = ["avg", "token"];

    /// <param name="Dims">Width of a token at each scale.</param>
    /// <param name="Depths">Blocks in series of each scale.</param>
    public sealed record Config(int[] Dims, int[] Depths)
    {
        /// <summary>Blocks over the last three scales side by side, which have one width then.</summary>
        public int Parallel { get; init; }

        /// <summary>Widths of the MLPs over those of the tokens.</summary>
        public int[] MlpRatios { get; init; } = [4, 4, 4, 4];
    }

    /// <summary>timm's variants of the module <c>coat</c>.</summary>
    public static readonly Family<Config> Family = new("coat", Build, Facts)
    {
        { "coat_tiny",        new([152, 152, 152, 152], [2, 2, 2, 2]) { Parallel = 6 } },
        { "coat_mini",        new([152, 216, 216, 216], [2, 2, 2, 2]) { Parallel = 6 } },
        { "coat_small",       new([152, 320, 320, 320], [2, 2, 2, 2]) { Parallel = 6 } },
        { "coat_lite_tiny",   new([64, 128, 256, 320], [2, 2, 2, 2]) { MlpRatios = [8, 8, 4, 4] } },
        { "coat_lite_mini",   new([64, 128, 320, 512], [2, 2, 2, 2]) { MlpRatios = [8, 8, 4, 4] } },
        { "coat_lite_small",  new([64, 128, 320, 512], [3, 4, 6, 3]) { MlpRatios = [8, 8, 4, 4] } },
        { "coat_lite_medium coat_lite_medium_384", new([128, 256, 320, 512], [3, 6, 10, 8]) },
    };

    /// <summary>A scale's tokens, the sides of its map, and the convolutions that its blocks share.</summary>
    sealed record Level(Value Tokens, (int H, int W) Grid)
    {
        /// <summary>Adds to each pixel of a map what lies around it.</summary>
        public required Func<Value, Value> Position { get; init; }

        /// <summary>Weighs the surroundings of each pixel of a map of values, head by head.</summary>
        public required Func<Value, Value> Relative { get; init; }

        /// <summary>Where the weights of the latter are.</summary>
        public required Scope RelativeScope { get; init; }

        public Value Map => ToMap(Tokens);

        /// <summary>The map of tokens like these, without the class token.</summary>
        public Value ToMap(Value tokens) => tokens.SkipTokens(1).ToMap(Grid.H, Grid.W);

        /// <summary>Tokens with their positions by what lies around them.</summary>
        public Value Placed() => new[] { Tokens.Slice(1, 0, 1), Position(Map).ToTokens() }.Concat(1);
    }

    static Value Build(Value image, Scope s, Config c, Net net)
    {
        s = s.Ordered("patch_embed", "cpe", "crpe", "serial_blocks", "parallel_blocks", "norm", "aggregate", "head");
        // Maps of the last three scales are brought to each other's sizes by whole factors.
        if (c.Parallel > 0 && (image.Height / 8 % 4 != 0 || image.Width / 8 % 4 != 0))
            throw net.Refused(image, "images whose second map can be halved twice");
        var (levels, map) = (new List<Level>(), image);
        foreach (var b in net.Blocks(c.Depths, DropPathRule.Constant))
        {
            var number = b.Stage + 1;
            if (b.IsFirst)
                levels.Add(Embed(map, s, number, c.Dims[b.Stage], patch: b.Stage == 0 ? 4 : 2));
            var level = levels[^1];
            var block = s[$"serial_blocks{number}"][b.Index];
            block.Tied("cpe", s[$"cpe{number}"]);
            levels[^1] = level = level with
            {
                Tokens = Serial(level, block, c.MlpRatios[b.Stage] * c.Dims[b.Stage], b),
            };
            map = level.Map;
            if (b.IsLast && (c.Parallel == 0 || number == 1))
                net.Tap($"serial_blocks{number}", map);
        }
        return c.Parallel == 0 ? Head(levels[^1].Tokens.LayerNorm(s["norm4"]), s, net)
            : Parallel([.. levels.Skip(1)], s, c, net);
    }

    static Level Embed(Value map, Scope s, int number, int dim, int patch)
    {
        var token = s.Param($"cls_token{number}", Init.TruncNormal(), 1, 1, dim);
        var embed = s[$"patch_embed{number}"];
        var x = map.Conv(embed["proj"], dim, k: patch, stride: patch, Pad.Valid);
        var tokens = x.ToTokens().LayerNorm(embed["norm"].NormEps(1e-5));
        var around = Filter(s[$"cpe{number}"]["proj"], dim, k: 3);
        var relative = s[$"crpe{number}"];
        return new(new[] { token.RepeatFor(tokens), tokens }.Concat(1), (x.Height, x.Width))
        {
            Position = y => around(y) + y,
            Relative = Filters(relative["conv_list"], dim / Heads),
            RelativeScope = relative,
        };
    }

    /// <summary>A window for each group of heads, side by side.</summary>
    static Func<Value, Value> Filters(Scope s, int headWidth)
    {
        Func<Value, Value>[] filters = [.. Windows.Select((w, i) => Filter(s[i], w.Heads * headWidth, w.K))];
        long[] widths = [.. Windows.Select(w => (long)w.Heads * headWidth)];
        return map => map.Split(widths, axis: 1).Zip(filters, (part, filter) => filter(part)).ToArray().Concat(1);
    }

    /// <summary>A convolution of each channel by itself, whose weights are there once for all who call it.</summary>
    static Func<Value, Value> Filter(Scope s, int channels, int k)
    {
        var weight = s.Param("weight", s.Defaults.ConvBy(channels), channels, 1, k, k);
        var bias = s.Param("bias", s.Defaults.ConvBiasBy(k * k), channels);
        return map => map.Conv(weight, bias, new([1, 1], [k / 2, k / 2, k / 2, k / 2], [1, 1], channels));
    }

    static Value Serial(Level level, Scope s, int hidden, Place place)
    {
        var x = level.Placed();
        var y = Attend(x.LayerNorm(s["norm1"]), s["factoratt_crpe"], level, place);
        x += y.DropPath(place.DropPath);
        return x + Mlp(x.LayerNorm(s["norm2"]), s["mlp"], hidden, place).DropPath(place.DropPath);
    }

    static Value Mlp(Value x, Scope s, int hidden, Place place) =>
        x.Mlp(s, hidden, Activations.Gelu, place.ProjDrop);

    /// <summary>
    /// Keys weigh all values into one matrix a head, which each query is put through; beside it each query weighs what
    /// lies around it.
    /// </summary>
    static Value Attend(Value x, Scope s, Level level, Place place)
    {
        var dim = x.Features;
        var parts = x.Linear(s["qkv"], 3 * dim).Split([dim, dim, dim], -1);
        var qkv = Qkv.Of(parts[0], parts[1], parts[2], Heads);
        var context = qkv.K.Transpose(0, 1, 3, 2).Softmax().MatMul(qkv.V);
        var content = (qkv.Q.MatMul(context) * Math.Sqrt(Heads / (double)dim)).MergeHeads();
        var around = parts[0].SkipTokens(1) * level.Relative(level.ToMap(parts[2])).ToTokens();
        var y = (content + around.Pad([0, 1, 0, 0, 0, 0])).Linear(s["proj"], dim);
        s.Tied("crpe", level.RelativeScope);
        return y.Dropout(place.ProjDrop);
    }

    static Value Parallel(Level[] levels, Scope s, Config c, Net net)
    {
        foreach (var b in net.Blocks([c.Parallel], DropPathRule.Constant))
            levels = Exchange(levels, s["parallel_blocks"][b.Index], c.MlpRatios[^1] * c.Dims[^1], b);
        foreach (var level in levels)
            net.Tap("parallel_blocks", level.Tokens, level.ToMap);
        Value[] normed = [.. levels.Select((level, i) => level.Tokens.LayerNorm(s[$"norm{i + 2}"]))];
        net.Unpooled(normed);
        Value[] pooled = [.. normed.Select(x => Pool(x, net.Options.GlobalPool ?? "token").Unsqueeze(1))];
        var aggregate = s["aggregate"];
        var weight = aggregate.Param("weight", Init.PyTorchDefault, 1, 3, 1);
        var mean = pooled.Concat(1).Conv(weight, aggregate.Param("bias", Init.Uniform(Math.Sqrt(1 / 3.0)), 1),
            new([1], [0, 0], [1]));
        return net.Heads([(new(s["head"]), mean.Squeeze(1))]);
    }

    /// <summary>Each scale attends by itself and is given what the others attended to; one MLP for all.</summary>
    static Level[] Exchange(Level[] levels, Scope s, int hidden, Place place)
    {
        Value[] x = [.. levels.Select(level => level.Placed())];
        Value[] normed = [.. x.Select((tokens, i) => tokens.LayerNorm(s[$"norm1{i + 2}"]))];
        Value[] y = [.. normed.Select((tokens, i) =>
            Attend(tokens, s[$"factoratt_crpe{i + 2}"], levels[i], place))];
        x = [.. x.Select((tokens, i) => tokens + Together(y, levels, i).DropPath(place.DropPath))];
        normed = [.. x.Select((tokens, i) => tokens.LayerNorm(s[$"norm2{i + 2}"]))];
        var parts = Mlp(normed.Concat(1), s["mlp2"], hidden, place)
            .Split([.. x.Select(tokens => tokens.Shape[1].Size)], axis: 1);
        s.Tied("mlp3", s["mlp2"]);
        s.Tied("mlp4", s["mlp2"]);
        return [.. levels.Select((level, i) => level with { Tokens = x[i] + parts[i].DropPath(place.DropPath) })];
    }

    /// <summary>What all scales attended to, in the size of one.</summary>
    static Value Together(Value[] y, Level[] levels, int to) => y.Index().Where(from => from.Index != to)
        .Aggregate(y[to], (sum, from) => sum + Resized(from.Item, levels[from.Index], levels[to].Grid));

    static Value Resized(Value tokens, Level level, (int H, int W) grid) => new[]
    {
        tokens.Slice(1, 0, 1), level.ToMap(tokens).Resample(grid.H, grid.W, Resampling.Bilinear).ToTokens(),
    }.Concat(1);

    static Value Head(Value x, Scope s, Net net) =>
        net.Head(x, new(s["head"]) { Pool = "token", PoolBy = Pool });

    static Value Pool(Value x, string name) => GlobalPool.Needed(x, name, prefix: 1, Pools);

    static FamilyFacts Facts(Config c) => new(new("^cls_token1|patch_embed1|crpe1|cpe1",
    [
        (@"^(?:cls_token|patch_embed|crpe|cpe)(\d+)", [-1]), (@"^serial_blocks(\d+)\.(\d+)", null),
        // Behind the fourth scale, each a layer of its own.
        .. Enumerable.Range(0, c.Parallel).Select(i => ($@"^parallel_blocks\.{i}\.", (int[]?)[5, i])),
        ("^norm|aggregate", [LayerGroups.Previous]),
    ]))
    {
        Layers = new() { Linear = Init.TruncNormal(), LinearBias = Init.Zeros },
        NoDecay = ["cls_token1", "cls_token2", "cls_token3", "cls_token4"],
    };
}
