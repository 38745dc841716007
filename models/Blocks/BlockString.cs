using System.Collections.Immutable;
using System.Globalization;

namespace OnnxTimm.Models;

/// <summary>One definition of timm's block strings, such as "ir_r2_k3_s2_e6_c24_se0.25".</summary>
/// <param name="Type">
/// ir: inverted residual; ds: depthwise separable; dsa: the same with an activation at its end; er: edge residual
/// (fused inverted residual); cn: convolution.
/// </param>
public sealed record BlockSpec(string Type)
{
    /// <summary>r: how often the block is repeated; only the first has the stride.</summary>
    public int Repeats { get; init; } = 1;

    /// <summary>k: windows; several share the channels (arXiv:1907.09595).</summary>
    public int[] Kernel { get; init; } = [3];

    /// <summary>a: windows of the convolution that expands.</summary>
    public int[] Start { get; init; } = [1];

    /// <summary>p: windows of the convolution that projects.</summary>
    public int[] End { get; init; } = [1];

    /// <summary>s</summary>
    public int Stride { get; init; } = 1;

    /// <summary>e: hidden channels for each channel that comes in.</summary>
    public double Expand { get; init; } = 1;

    /// <summary>c: channels that go out.</summary>
    public int Channels { get; init; }

    /// <summary>fc: what counts as the number of channels that come in, 0 for the true one.</summary>
    public int ForcedIn { get; init; }

    /// <summary>se: squeezed channels for each channel that comes in; 0 for no gate.</summary>
    public double Squeeze { get; init; }

    /// <summary>gs: channels of a group; null for the type's own.</summary>
    public int? GroupSize { get; init; }

    /// <summary>cc: experts of conditional convolutions (arXiv:1904.04971).</summary>
    public int Experts { get; init; }

    /// <summary>d: halves the map by a 2x2 window first; the next stride is spared.</summary>
    public bool SpaceToDepth { get; init; }

    /// <summary>n: the activation, null for the network's.</summary>
    public Act? Act { get; init; }

    /// <summary>skip, noskip; null for the type's own rule.</summary>
    public bool? Skip { get; init; }

    /// <summary>Numbers that mean something to one type alone, such as h, v and d of "mqa".</summary>
    public ImmutableDictionary<string, int> Own { get; init; } = ImmutableDictionary<string, int>.Empty;
}

/// <summary>Number of blocks of a stage, of several stages, from the number that its strings give.</summary>
public delegate int Depth(int blocks, int stage, int stages);

/// <summary>The language in which the papers' tables are written down (timm/models/_efficientnet_builder.py).</summary>
public static class BlockString
{
    /// <summary>
    /// Reads a block's string such as <c>ir_r2_k3_s2_e6_c24_se0.25</c>: the type, then options in any order.
    /// </summary>
    public static BlockSpec Parse(string text)
    {
        var tokens = text.Split('_');
        return tokens.Skip(1).Aggregate(new BlockSpec(tokens[0]), With);
    }

    /// <summary>All blocks of a network, stage by stage; the definitions of a stage are separated by blanks.</summary>
    public static BlockSpec[][] Stages(string[] stages, Depth depth, Func<double, int> channels) =>
        SpareStrides(stages.Select((text, i) =>
        {
            var specs = Array.ConvertAll(text.Split(' '), Parse);
            var scaled = depth(specs.Sum(spec => spec.Repeats), i, stages.Length);
            return specs.Zip(Share(specs, scaled), Enumerable.Repeat).SelectMany(repeated => repeated)
                .Select((spec, b) => spec with
                {
                    Stride = b == 0 ? spec.Stride : 1,
                    Channels = channels(spec.Channels),
                    ForcedIn = spec.ForcedIn == 0 ? 0 : channels(spec.ForcedIn),
                });
        }));

    /// <summary>Widths times a factor, by timm's rule.</summary>
    public static Func<double, int> Wide(double width, int divisor = 8, double roundLimit = 0.9) =>
        channels => Layers.MakeDivisible(channels * width, divisor, roundLimit: roundLimit);

    /// <summary>Depths times a factor, rounded up.</summary>
    public static Depth Deep(double factor) => (blocks, _, _) => (int)Math.Ceiling(blocks * factor);

    /// <summary>How many of a stage's blocks each definition has: shared from the last to the first.</summary>
    static int[] Share(BlockSpec[] specs, int blocks)
    {
        var (before, shares) = (specs.Sum(spec => spec.Repeats), new int[specs.Length]);
        for (var i = specs.Length - 1; i >= 0; i--)
        {
            shares[i] = Math.Max(1, (int)Math.Round((double)specs[i].Repeats / before * blocks));
            before -= specs[i].Repeats;
            blocks -= shares[i];
        }
        return shares;
    }

    /// <summary>
    /// Space to depth (arXiv:2102.05610): four times the channels on a quarter of the map, from the block that asks
    /// for it to the next stride.
    /// </summary>
    static BlockSpec[][] SpareStrides(IEnumerable<IEnumerable<BlockSpec>> stages)
    {
        var folded = false;
        return [.. stages.Select(stage => stage.Select(Fold).ToArray())];

        BlockSpec Fold(BlockSpec spec)
        {
            var (before, begins) = (folded, spec.SpaceToDepth && !folded);
            folded = begins || (folded && spec.Stride == 1);
            return begins ? spec with { Stride = 2, Channels = spec.Channels * 4, Squeeze = spec.Squeeze / 4 }
                : folded ? spec with { Channels = spec.Channels * 4, SpaceToDepth = false }
                : before ? spec with { Stride = 1, Expand = spec.Expand / 4 }
                : spec;
        }
    }

    static BlockSpec With(BlockSpec spec, string token)
    {
        var digit = token.AsSpan().IndexOfAnyInRange('0', '9');
        var value = digit < 0 ? "" : token[digit..];
        return (digit < 0 ? token : token[..digit]) switch
        {
            "r" => spec with { Repeats = Int(value) },
            "k" => spec with { Kernel = Ints(value) },
            "a" => spec with { Start = Ints(value) },
            "p" => spec with { End = Ints(value) },
            "s" => spec with { Stride = Int(value) },
            "e" => spec with { Expand = Number(value) },
            "c" => spec with { Channels = Int(value) },
            "fc" => spec with { ForcedIn = Int(value) },
            "se" => spec with { Squeeze = Number(value) },
            "gs" => spec with { GroupSize = Int(value) },
            "cc" => spec with { Experts = Int(value) },
            "d" when MbConv.Types.ContainsKey(spec.Type) => spec with { SpaceToDepth = Int(value) > 0 },
            "nre" => spec with { Act = Ops.Relu },
            "nsw" => spec with { Act = Activations.Silu },
            "skip" => spec with { Skip = true },
            "noskip" => spec with { Skip = false },
            var own when !MbConv.Types.ContainsKey(spec.Type) => spec with { Own = spec.Own.Add(own, Int(value)) },
            _ => throw new InvalidOperationException($"Block string: \"{token}\" is no token."),
        };
    }

    static int Int(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    static int[] Ints(string text) => Array.ConvertAll(text.Split('.'), Int);

    static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
