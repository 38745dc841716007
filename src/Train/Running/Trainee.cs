using OnnxTimm.Data;
using OnnxTimm.Onnx;
using OnnxTimm.Passes;

namespace OnnxTimm.Train;

/// <summary>What is trained: a network that gives <c>logits</c>, and what its family says of its parameters.</summary>
/// <param name="Architecture">timm's name.</param>
/// <param name="Graph">The network, with its initial weights.</param>
public sealed record Trainee(string Architecture, Graph Graph)
{
    /// <summary>Wildcards of parameters without weight decay.</summary>
    public IReadOnlyList<string> NoWeightDecay { get; init; } = [];

    /// <summary>
    /// Pattern of the parameters of the first layer, for layer-wise rates; empty where layers are counted, twelve
    /// parameters each and the classifier the last.
    /// </summary>
    public string Stem { get; init; } = "$^";

    /// <summary>
    /// Patterns of the layers between, each with groups that capture numbers, or with a fixed number.
    /// </summary>
    public IReadOnlyList<(string Pattern, int[]? Ordinal)> Blocks { get; init; } = [];

    /// <summary>Parameters of the classifier.</summary>
    public IReadOnlyList<string> Head { get; init; } = [];

    /// <summary>Outputs that only what is learned reads, and that deployment does not have.</summary>
    public IReadOnlyList<string> TaskOutputs { get; init; } = [];

    /// <summary>
    /// The same network for images of another height and width, or of another number or size of patches, its weights
    /// of any value; null where it has one size.
    /// </summary>
    public Func<BatchShape, Graph>? Resized { get; init; }

    /// <summary>Width of the image, for the name of a run.</summary>
    public int ImageSize { get => field > 0 ? field : Graph.Inputs[0].Width; init; }

    /// <summary>What an exported file says of itself, such as labels and preprocessing.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>Names of the parameters, in the order of the state-dict.</summary>
    public IEnumerable<string> Params => Graph.Weights.Where(w => w.Role == Role.Param).Select(w => w.Name);

    /// <summary>Writes the network as deployment gets it to an .onnx file.</summary>
    public Action<Graph, string> Write { get; init; } =
        (deployed, path) => OnnxFile.Write(Optimized(deployed), path, isSealed: true);

    /// <summary>
    /// The network that deployment starts from, with other weights, whose memory it holds on to: without what only
    /// learning reads, not folded yet.
    /// </summary>
    public Graph Deployed(IEnumerable<KeyValuePair<string, Tensor>> weights)
    {
        foreach (var (name, tensor) in weights)
            Graph.Find(name)!.Data = tensor;
        var graph = Rewrite.Select(Graph, Graph.Inputs.Select(input => (input.Name, input)),
            [.. Graph.Outputs.Where(output => !TaskOutputs.Contains(output.Name))]);
        foreach (var (key, value) in Metadata)
            graph.Metadata[key] = value;
        return graph;
    }

    /// <summary>The same, folded.</summary>
    public Graph Inference(IEnumerable<KeyValuePair<string, Tensor>> weights) => Optimized(Deployed(weights));

    static Graph Optimized(Graph deployed)
    {
        var graph = Export.Optimize(deployed).Graph;
        foreach (var (key, value) in deployed.Metadata)
            graph.Metadata[key] = value;
        return graph;
    }
}
