namespace OnnxTimm.Train.Artifacts;

/// <summary>A loss of the training and the eval model, with the input that it adds to the network's.</summary>
/// <param name="Name">What the user types.</param>
/// <param name="Input">Name of the added input.</param>
/// <param name="Type">Int64 for labels [N], Float32 for rows [N, classes].</param>
/// <param name="Compute">The loss of logits [N, classes] and that input.</param>
public sealed record ArtifactLoss(string Name, string Input, DType Type, Classification.Measure Compute)
{
    /// <summary>The first loss that the library makes is called so: a counter stands in its names.</summary>
    public const string Output = "onnx::loss::2";

    /// <summary>The losses that there are to choose from.</summary>
    public static readonly ArtifactLoss[] All =
    [
        new("ce", "labels", DType.Int64, (logits, labels) =>
            Losses.SoftTargetCrossEntropy(logits, labels.OneHot(logits.Shape[1].Size))),
        new("bce", "target", DType.Float32, Losses.BinaryCrossEntropy()),
        new("soft", "target", DType.Float32, Losses.SoftTargetCrossEntropy),
    ];

    /// <exception cref="UserException">There is no such loss.</exception>
    public static ArtifactLoss Parse(string name) => All.FirstOrDefault(loss => loss.Name == name)
        ?? throw Nearest.Unknown("loss", name, All.Select(l => l.Name));

    /// <summary>Appends input and loss to a graph that gives logits; returns both.</summary>
    internal (Value Input, Value Loss) Append(Value logits)
    {
        var input = logits.Graph.Input(Input, Type, Type == DType.Int64 ? new(logits.Shape[0]) : logits.Shape);
        return (input, logits.Graph.Output(Output, Compute(logits, input)));
    }
}
