namespace OnnxTimm.Models;

// Where blocks stand.
public sealed partial class Net
{
    readonly List<BuiltBlock> built = [];

    /// <summary>The blocks that the network was made of, in order.</summary>
    public IReadOnlyList<BuiltBlock> Built => built;

    /// <summary>The graph that the network is built in.</summary>
    internal Graph? Graph { get; set; }

    int NodeCount => Graph?.Nodes.Count ?? 0;

    /// <summary>The places of all blocks of a network over tokens, in order.</summary>
    /// <param name="depths">Blocks of each stage.</param>
    /// <param name="rule">How stochastic depth grows; linear by default.</param>
    public IEnumerable<Place> Blocks(int[] depths, Func<double, Place, double>? rule = null)
    {
        var number = 0;
        foreach (var (stage, depth) in depths.Index())
            for (var i = 0; i < depth; i++)
            {
                var place = new Place(stage, i, number++)
                {
                    Stages = depths.Length,
                    Depth = depth,
                    Blocks = depths.Sum(),
                    AttnDrop = options.AttnDropRate,
                    ProjDrop = options.ProjDropRate,
                };
                place = place with { DropBlock = BlockDrop.Of(options.DropBlockRate, place) };
                var first = NodeCount;
                yield return place with { DropPath = (rule ?? DropPathRule.Linear)(DropPathRate, place) };
                built.Add(new(place, first, NodeCount));
            }
    }

    /// <summary>
    /// The same of a network over maps, whose stages begin with a stride: by 2 all but the first. Where
    /// <see cref="ModelOptions.OutputStride"/> is reached, a stage dilates instead, by timm's rule, of a family that
    /// <see cref="FamilyFacts.Dilates"/>.
    /// </summary>
    /// <param name="depths">Blocks of each stage.</param>
    /// <param name="reduction">What the stem has divided the image by.</param>
    /// <param name="strides">Strides of the stages.</param>
    /// <param name="rule">How stochastic depth grows; linear by default.</param>
    public IEnumerable<Place> Strided(int[] depths, int reduction, int[]? strides = null,
        Func<double, Place, double>? rule = null)
    {
        var (dilation, before) = (1, 1);
        foreach (var place in Blocks(depths, rule))
        {
            var stride = !place.IsFirst ? 1 : strides?[place.Stage] ?? (place.Stage == 0 ? 1 : 2);
            if (stride > 1 && reduction * stride > (options.OutputStride ?? int.MaxValue))
                (dilation, stride) = (dilation * stride, 1);
            reduction *= stride;
            yield return place with { Stride = stride, Dilation = dilation, FirstDilation = before };
            before = dilation;
        }
    }
}
