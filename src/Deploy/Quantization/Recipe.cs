namespace OnnxTimm.Deploy;

/// <summary>What becomes of a network's numbers: which are codes, and of which kind.</summary>
/// <param name="Name">What it is asked for by.</param>
/// <param name="Purpose">What it is for, in a line.</param>
/// <param name="Weights">Codes of weights.</param>
/// <param name="Activations">Codes of activations; null where they stay in float.</param>
/// <param name="Place">Decides what of a network is codes.</param>
public sealed record Recipe(string Name, string Purpose, Codes Weights, Codes? Activations, Placing Place)
{
    /// <summary>All recipes: a new one is a row here.</summary>
    public static readonly IReadOnlyList<Recipe> All =
    [
        new("cpu-cnn", "static int8 for convolutions, on x64 with VNNI and on arm64",
            Codes.Int8, Codes.UInt8, (g, r, x) => new StaticPlacement(g, r, x)) { Prepare = Canonical.Apply },
        new("cpu-vit", "int8 products whose ranges are found at each call, for transformers",
            Codes.Int8, null, (g, r, x) => new DynamicPlacement(g, r, x)),
        new("x64-avx2", "cpu-cnn with weights of 7 bits, for x64 without VNNI",
            Codes.Int7, Codes.UInt8, (g, r, x) => new StaticPlacement(g, r, x)) { Prepare = Canonical.Apply },
        new("x64-avx2-vit", "cpu-vit with weights of 7 bits, for x64 without VNNI",
            Codes.Int7, null, (g, r, x) => new DynamicPlacement(g, r, x)),
        new("tensorrt", "symmetric int8 before each convolution and product, for TensorRT",
            Codes.Int8, Codes.Int8, (g, r, x) => new InputPlacement(g, r, x)),
        new("weights-int8", "a quarter of the size; computes in float32",
            Codes.Int8, null, (g, r, x) => new WeightPlacement(g, r, x)),
        new("weights-int4", "matrices in 4 bits, other weights in 8; computes in float32",
            Codes.Int8, null, (g, r, x) => new NibblePlacement(g, r, x)),
    ];

    /// <summary>Writes a network by the operators that the recipe has codes for.</summary>
    public Func<Graph, Graph> Prepare { get; init; } = graph => graph;

    /// <summary>Whether ranges of activations are measured on images.</summary>
    public bool Calibrates => Activations is not null;

    /// <exception cref="UserException">There is none of that name.</exception>
    public static Recipe Named(string name) => All.FirstOrDefault(r => r.Name == name)
        ?? throw Nearest.Unknown("recipe", name, All.Select(r => r.Name));

    /// <summary>
    /// The recipe for processors that fits a network, and why: where most of the work is products with a constant
    /// matrix, ranges are found at each call, since static ones are less accurate there and no faster.
    /// </summary>
    public static (Recipe Recipe, string Why) For(Graph graph)
    {
        var products = graph.Nodes.Where(DynamicPlacement.IsProduct).Sum(Work.Macs);
        var convolutions = graph.Nodes.Where(n => n.Op == "Conv").Sum(Work.Macs);
        var (name, share) = products > convolutions ? ("cpu-vit", products) : ("cpu-cnn", convolutions);
        return (Named(name), $"{100.0 * share / Math.Max(1, products + convolutions):F0} % of the multiply-adds are "
            + (name == "cpu-vit" ? "products with a matrix of weights" : "convolutions"));
    }
}

/// <summary>Decides what of a network is codes.</summary>
/// <param name="graph">The network in float32.</param>
/// <param name="recipe">What becomes of its numbers.</param>
/// <param name="isExcluded">Nodes that stay in float.</param>
public delegate IPlacement Placing(Graph graph, Recipe recipe, Predicate<Node> isExcluded);

/// <summary>What of a network is codes.</summary>
public interface IPlacement
{
    /// <summary>Nodes that are computed on codes, or whose weights are codes.</summary>
    IEnumerable<Node> Nodes { get; }

    /// <summary>The values whose ranges have to be measured.</summary>
    IEnumerable<Value> Measured { get; }

    /// <summary>Writes the network with its codes.</summary>
    /// <param name="numbers">What was measured.</param>
    Graph Write(Measurements numbers);
}
