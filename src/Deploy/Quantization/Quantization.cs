using System.Numerics.Tensors;
using OnnxTimm.Passes;

namespace OnnxTimm.Deploy;

/// <summary>
/// A network on its way from float32 to codes: it is measured once, and written as often as one likes.
/// </summary>
public sealed class Quantization
{
    static readonly string[] CodedOps = ["QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear", "ConvInteger",
        "MatMulInteger", "MatMulNBits"];

    readonly Dictionary<string, TensorStatistics> tensors = [];
    readonly Func<string, bool> isExcluded;
    readonly CalibrationImages? images;

    Quantization(Graph graph, QuantizeOptions options, CalibrationImages? images)
    {
        (Recipe, Why) = options.Recipe is { } asked ? (asked, "as asked") : Recipe.For(graph);
        if (Recipe.Calibrates && images is null)
            throw new UserException(
                $"The recipe {Recipe.Name} measures the network on images: --calibrate says which.");
        (Method, isExcluded, this.images) = (options.Method, Wildcard.AnyOf(options.Exclude), images);
        graph = Recipe.Prepare(graph);
        Float = Recipe.Calibrates && options.Equalizes ? Equalized(graph) : graph;
    }

    /// <summary>The network in float32, in the form in which it is measured.</summary>
    public Graph Float { get; }

    /// <summary>What becomes of its numbers.</summary>
    public Recipe Recipe { get; }

    /// <summary>Why this recipe.</summary>
    public string Why { get; }

    /// <summary>From what was measured to ranges.</summary>
    public RangeMethod Method { get; }

    /// <summary>Decibels between each weight and its error, by its name: of what was written last.</summary>
    public IReadOnlyDictionary<string, double> Weights { get; private set; } = new Dictionary<string, double>();

    /// <summary>Begins.</summary>
    /// <param name="graph">The network in float32, from the zoo or from a file.</param>
    /// <param name="options">How.</param>
    /// <param name="images">Images to measure it on; null for recipes that measure nothing.</param>
    /// <exception cref="UserException">It cannot be quantized so, which is said.</exception>
    public static Quantization Begin(Graph graph, QuantizeOptions options, CalibrationImages? images)
    {
        Check(graph);
        return new(Export.Optimize(options.UpdatesNorms ? Updated(graph, images) : graph).Graph, options, images);
    }

    /// <summary>The network before its norms are merged, with statistics of these images.</summary>
    static Graph Updated(Graph graph, CalibrationImages? images) => images is null
        ? throw new UserException("Batch norms are measured again on images: --calibrate says which.")
        : NormStatistics.Apply(Export.Plain(Export.Joined(graph)), images);

    /// <summary>What of the network is codes.</summary>
    /// <param name="spared">Names of nodes that stay in float, beside those of the options.</param>
    public IPlacement Place(IReadOnlySet<string> spared) => Recipe.Place(Float, Recipe, n => spared.Contains(n.Name)
        || isExcluded(n.Name) || n.In.Any(v => v is { Data: not null } && isExcluded(v.Name)));

    /// <summary>Writes the network with its codes.</summary>
    /// <param name="spared">Names of nodes that stay in float, beside those of the options.</param>
    public Graph Write(IReadOnlySet<string> spared)
    {
        var placement = Place(spared);
        if (spared.Count == 0 && !placement.Nodes.Any())
            throw new UserException($"\"{Float.Name}\" has nothing that the recipe {Recipe.Name} makes codes of.");
        Measure(placement.Measured);
        var numbers = new Measurements(Method, tensors);
        var written = placement.Write(numbers);
        Weights = numbers.Weights;
        return written;
    }

    void Measure(IEnumerable<Value> values)
    {
        Value[] unknown = [.. values.Where(v => !tensors.ContainsKey(v.Name))];
        if (unknown.Length > 0)
            foreach (var (name, statistics) in Calibrator.Measure(Float, unknown, images!))
                tensors.Add(name, statistics);
    }

    Graph Equalized(Graph graph)
    {
        Value[] values = [.. Equalization.Measured(graph)];
        return values.Length == 0 ? graph
            : Equalization.Apply(graph, Calibrator.Measure(graph, values, images!));
    }

    /// <summary>Looks whether a network can be quantized at all; <see cref="Begin"/> does so too.</summary>
    /// <exception cref="UserException">It is quantized already, or has what no codes can stand for.</exception>
    public static void Check(Graph graph)
    {
        if (graph.Nodes.FirstOrDefault(IsCoded) is { } n)
            throw new UserException($"\"{graph.Name}\" is quantized already: it has {n.Op} \"{n.Name}\".");
        if (graph.Opset < 13)
            throw new UserException($"\"{graph.Name}\" has opset {graph.Opset}: codes with a step a channel need 13.");
        if (graph.Inputs is not [{ Type: DType.Float32, Shape: { IsKnown: true, Rank: 4 } shape }])
            throw new UserException($"\"{graph.Name}\" does not take images [N, C, H, W] alone: it has "
                + $"{string.Join(", ", graph.Inputs)}.");
        if (!shape.Skip(1).All(d => d.IsFixed))
            throw new UserException($"\"{graph.Name}\" takes images of any size, {graph.Inputs[0]}: codes are "
                + "measured at one. Export it with its size fixed.");
        if (graph.Nodes.Where(n => n.Op is "Conv" or "Gemm" or "MatMul").SelectMany(n => n.In.OfType<Value>())
            .FirstOrDefault(v => v is { Data: not null, Type: DType.Float32 } && !IsFinite(v.Data)) is { } weight)
            throw new UserException($"\"{weight.Name}\" has values that are not finite: such numbers have no codes.");
    }

    static bool IsCoded(Node n) => CodedOps.Contains(n.Op) || n.Op.StartsWith("QLinear", StringComparison.Ordinal);

    static bool IsFinite(Tensor tensor) => TensorPrimitives.IsFiniteAll(tensor.Span<float>());
}
