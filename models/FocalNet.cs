namespace OnnxTimm.Models;

/// <summary>
/// FocalNet (arXiv:2203.11926): in place of attention, each pixel is weighed by what lies around it, seen through ever
/// wider windows, each with a gate. timm/models/focalnet.py.
/// </summary>
public static class FocalNet
{
    /// <param name="Depths">Blocks of each stage.</param>
    /// <param name="Dim">Channels of the first stage; each next has twice as many.</param>
    /// <param name="Levels">Number of windows.</param>
    public sealed record Config(int[] Depths, int Dim, int Levels)
    {
        /// <summary>The first window; each next is wider by two.</summary>
        public int Window { get; init; } = 3;

        /// <summary>A layer with its norm, the number of which is given.</summary>
        public Func<Value, Scope, int, Func<Value, Value>, Value> Normed { get; init; } = NormFirst;

        /// <summary>Norms what is modulated.</summary>
        public Norm Inner { get; init; } = (x, _) => x;

        /// <summary>Windows by which a map is halved, and by which the image becomes one.</summary>
        public (Window Stem, Window Down) Steps { get; init; } =
            (new(4, 4) { Pad = Pad.Valid }, new(2, 2) { Pad = Pad.Valid });

        /// <summary>What the factors of the residuals begin with; none where null.</summary>
        public double? LayerScale { get; init; }
    }

    /// <summary>timm's variants of the module <c>focalnet</c>.</summary>
    public static readonly Family<Config> Family = new("focalnet", Build, Facts)
    {
        { "focalnet_tiny_srf",   new([2, 2, 6, 2], 96, 2) },
        { "focalnet_small_srf",  new([2, 2, 18, 2], 96, 2) },
        { "focalnet_base_srf",   new([2, 2, 18, 2], 128, 2) },
        { "focalnet_tiny_lrf",   new([2, 2, 6, 2], 96, 3) },
        { "focalnet_small_lrf",  new([2, 2, 18, 2], 96, 3) },
        { "focalnet_base_lrf",   new([2, 2, 18, 2], 128, 3) },
        { "focalnet_large_fl3",  Large(192, 3) with { Window = 5 } },
        { "focalnet_large_fl4",  Large(192, 4) },
        { "focalnet_xlarge_fl3", Large(256, 3) with { Window = 5 } },
        { "focalnet_xlarge_fl4", Large(256, 4) },
        { "focalnet_huge_fl3",   Large(352, 3) with { Inner = Layers.LayerNorm2d } },
        { "focalnet_huge_fl4",   Large(352, 4) with { Inner = Layers.LayerNorm2d } },
    };

    static Config Large(int dim, int levels) => new([2, 2, 18, 2], dim, levels)
    {
        Normed = NormLast,
        Steps = (new(7, 4) { Pad = 2 }, new(3, 2)),
        LayerScale = 1e-4,
    };

    static Value Build(Value x, Scope s, Config c, Net net)
    {
        x = x.Conv(s["stem"]["proj"], c.Dim, c.Steps.Stem).LayerNorm2d(s["stem"]["norm"]);
        foreach (var b in net.Blocks(c.Depths))
        {
            var stage = s["layers"][b.Stage];
            if (b is { IsFirst: true, Stage: > 0 })
                x = x.Conv(stage["downsample"]["proj"], 2 * x.Channels, c.Steps.Down)
                    .LayerNorm2d(stage["downsample"]["norm"]);
            x = Block(x, stage["blocks"][b.Index], c, b);
            if (b.IsLast)
                net.Tap($"layers.{b.Stage}", x);
        }
        return net.Head(x.LayerNorm2d(s["norm"]), new(s["head"]["fc"]));
    }

    static Value Block(Value x, Scope s, Config c, Place place)
    {
        var y = c.Normed(x, s, 1, z => Modulate(z, s["modulation"], c, place));
        x += y.LayerScale2d(s["ls1"], c.LayerScale).DropPath(place.DropPath);
        y = c.Normed(x, s, 2, z => Mlp(z, s["mlp"], place));
        return x + y.LayerScale2d(s["ls2"], c.LayerScale).DropPath(place.DropPath);
    }

    static Value NormFirst(Value x, Scope s, int number, Func<Value, Value> layer) =>
        layer(x.LayerNorm2d(s[$"norm{number}"]));

    static Value NormLast(Value x, Scope s, int number, Func<Value, Value> layer) =>
        layer(x).LayerNorm2d(s[$"norm{number}_post"]);

    static Value Modulate(Value x, Scope s, Config c, Place place)
    {
        s = s.Ordered("f", "h", "proj", "focal_layers", "norm");
        var width = x.Channels;
        var parts = x.Conv(s["f"], 2 * width + c.Levels + 1, k: 1)
            .Split([width, width, .. Enumerable.Repeat(1L, c.Levels + 1)], axis: 1);
        var context = parts[1];
        var seen = new List<Value>();
        for (var i = 0; i < c.Levels; i++)
        {
            context = context.DepthwiseConv(s["focal_layers"][i][0], k: c.Window + 2 * i, bias: false).Gelu();
            seen.Add(context * parts[2 + i]);
        }
        seen.Add(context.GlobalAveragePool().Gelu() * parts[^1]);
        var y = c.Inner(parts[0] * seen.Aggregate((a, b) => a + b).Conv(s["h"], width, k: 1), s["norm"]);
        return y.Conv(s["proj"], width, k: 1).Dropout(place.ProjDrop);
    }

    static Value Mlp(Value x, Scope s, Place place)
    {
        var y = x.Conv(s["fc1"], 4 * x.Channels, k: 1).Gelu().Dropout(place.ProjDrop);
        return y.Conv(s["fc2"], x.Channels, k: 1).Dropout(place.ProjDrop);
    }

    static FamilyFacts Facts(Config c) => new(new("^stem", (@"^layers\.(\d+).downsample", [0]),
        (@"^layers\.(\d+)\.\w+\.(\d+)", null), ("^norm", [LayerGroups.Previous])))
    {
        Layers = LayerDefaults.TruncNormal with { LayerNormEps = 1e-5 },
        DropPathRate = 0.1,
    };
}
