using OnnxTimm.Passes;

namespace OnnxTimm.Train;

/// <summary>
/// One training step as an ONNX graph. Names carry the role: inputs <c>input</c>, <c>target</c>, <c>param:NAME</c>,
/// <c>stat:NAME</c>, <c>mask:I</c>; outputs <c>loss</c>, <c>logits</c>, <c>grad:NAME</c>, <c>next:stat:NAME</c>.
/// </summary>
/// <param name="Graph">The graph, in the training dialect; <see cref="Fused.Expand"/> makes it portable.</param>
/// <param name="Params">Names of the parameters, in state-dict order.</param>
/// <param name="Stats">Names of the running statistics, in state-dict order.</param>
/// <param name="Masks">What the host draws for each step.</param>
public sealed record StepGraph(Graph Graph, IReadOnlyList<string> Params, IReadOnlyList<string> Stats, IReadOnlyList<Mask> Masks)
{
    /// <summary>A loss over logits and targets, both [N, classes].</summary>
    public delegate Value Loss(Value logits, Value targets);

    /// <summary>
    /// The split form: loss, gradients and next statistics of a model that gives <c>logits</c>, for accumulation,
    /// clipping and data parallelism.
    /// </summary>
    public static StepGraph Gradients(Graph model, Loss? loss = null)
    {
        var lowered = Lowering.Of(model);
        var graph = lowered.Graph;
        string[] parameters = [.. model.Weights.Where(w => w.Role == Role.Param).Select(w => w.Name)];
        string[] stats = [.. model.Weights.Where(w => w.Role == Role.Stat).Select(w => w.Name)];
        var logits = graph.Find("logits") ?? throw new UserException(
            $"\"{model.Name}\" has no output \"logits\": a model that is trained needs a classifier.");
        var targets = graph.Input("target", DType.Float32, logits.Shape);
        var value = (loss ?? Losses.SoftTargetCrossEntropy)(logits, targets);
        Value[] sources = [.. parameters.Select(name => graph.Find($"param:{name}")!)];
        var grads = Train.Gradients.Of(value, sources);
        graph.Output("loss", value);
        foreach (var (name, source) in parameters.Zip(sources))
            graph.Output($"grad:{name}", grads[source]);
        foreach (var name in stats)
            graph.Output($"next:stat:{name}", lowered.NextStats[name]);
        return new(Rewrite.Apply(graph), parameters, stats, lowered.Masks);
    }
}
