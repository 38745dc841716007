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

    /// <summary>Cross entropy of rows, which timm calls the same as that of labels.</summary>
    const string Soft = "soft";

    /// <summary>These need more than a batch and its targets: several views, or counts of a data set.</summary>
    static readonly string[] NotHere = ["jsd", "db"];

    /// <summary>The names of losses of one or of several labels an image.</summary>
    public static IReadOnlyList<string> Names(bool multiLabel = false) =>
        [.. LossTypes.NamesOf(multiLabel).Except(NotHere), .. multiLabel ? Array.Empty<string>() : [Soft]];

    /// <summary>A row of <see cref="LossTypes"/>, or soft.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="multiLabel">Whether an image may have several labels.</param>
    /// <exception cref="UserException">There is no such loss.</exception>
    public static ArtifactLoss Parse(string name, bool multiLabel = false)
    {
        if (!Names(multiLabel).Contains(name))
            throw Nearest.Unknown("loss", name, Names(multiLabel));
        var loss = LossTypes.Create(new() { Type = name == Soft ? "ce" : name, MultiLabel = multiLabel });
        return multiLabel || name is Soft or "bce"
            ? new(name, "target", DType.Float32, loss)
            : new(name, "labels", DType.Int64, (logits, labels) => loss(logits, labels.OneHot(logits.Shape[1].Size)));
    }

    /// <summary>Appends input and loss to a graph that gives logits; returns both.</summary>
    internal (Value Input, Value Loss) Append(Value logits)
    {
        var input = logits.Graph.Input(Input, Type, Type == DType.Int64 ? new(logits.Shape[0]) : logits.Shape);
        return (input, logits.Graph.Output(Output, Compute(logits, input)));
    }
}
