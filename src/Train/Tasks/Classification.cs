namespace OnnxTimm.Train;

/// <summary>Learning to tell classes apart: one loss over logits and soft targets.</summary>
/// <param name="loss">The loss.</param>
/// <param name="smoothing">Share of a label that is spread over all classes.</param>
public sealed class Classification(Classification.Measure loss, double smoothing = 0) : ITask
{
    /// <summary>Name of the input that has the targets.</summary>
    public const string Target = "target";

    /// <summary>A loss over logits and targets, both [N, classes].</summary>
    public delegate Value Measure(Value logits, Value targets);

    /// <summary>Cross entropy of hard labels.</summary>
    public static Classification Plain { get; } = new(Losses.SoftTargetCrossEntropy);

    /// <summary>Adds the input of targets [N, classes].</summary>
    public Value Loss(TaskGraph graph) => loss(graph.Logits, graph.Input(Target, graph.Logits.Shape));

    /// <summary>One, which makes targets of labels: smoothed, and mixed with the partners'.</summary>
    public IReadOnlyList<IFeeder> Feeders { get; } =
        [new Feeder(Target, (batch, to) =>
        {
            if (batch.Targets.IsEmpty)
                Targets.Fill(batch.Labels, batch.Partners, smoothing, to);
            else
                Targets.FillSeveral(batch.Targets, batch.Partners, batch.Labels.Length, smoothing, to);
        })];
}
