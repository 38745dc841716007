using OnnxTimm.Passes;

namespace OnnxTimm.Train.Artifacts;

/// <summary>
/// <c>training_model.onnx</c>: forward, loss and backward in standard operators, and an accumulator for each trained
/// parameter. The runtime tells inputs apart by their names: those of the checkpoint are weights, what ends in
/// <c>_grad.accumulation.buffer</c> is a gradient's memory, the rest comes from the user.
/// </summary>
static class TrainingModel
{
    /// <summary>The gradient of a parameter, and the input that holds the sum of it.</summary>
    sealed record Trained(string Name, Value Gradient, Value Buffer);

    /// <summary>The model, and the masks that it has the user draw.</summary>
    /// <exception cref="UserException">Operators have no gradient; all of them are named.</exception>
    public static (Graph Graph, IReadOnlyList<Mask> Masks) Of(
        Graph model, WeightSelection weights, ArtifactOptions options)
    {
        try
        {
            return Make(model, weights, options);
        }
        // What a rule needs of a shape, a file of others need not tell.
        catch (Exception e) when (e is NoGradientException || (model.IsForeign && e is InvalidOperationException))
        {
            throw new UserException($"{model.Name} cannot be trained: {e.Message}", e);
        }
    }

    static (Graph Graph, IReadOnlyList<Mask> Masks) Make(Graph model, WeightSelection weights, ArtifactOptions options)
    {
        var lowered = Lowering.Of(model, (mean, variance) => weights.Mode(mean, variance,
            options.BiasedVariance ? BatchNormMode.InPlace : BatchNormMode.Unbiased));
        var graph = lowered.Graph;
        var logits = graph.Outputs[0];
        var (target, loss) = options.Loss.Append(logits);
        var sources = weights.Weights.Select(w => (Weight: w, Source: Source(graph, w))).ToArray();
        var trained = Differentiate(model, loss,
            [.. sources.Where(s => weights.Trains(s.Weight)).Select(s => (s.Weight.Name, s.Source))]);
        var reset = graph.Input("lazy_reset_grad", DType.Bool, new(1));
        var inputs = model.Inputs.Select(v => graph.Find(v.Name)!).Append(target)
            .Concat(lowered.Masks.Select(m => graph.Find(m.Input)!)).Select(v => (v.Name, v))
            .Concat(sources.Select(s => (s.Weight.Name, s.Source)))
            .Concat(trained.Select(t => t.Buffer).Append(reset).Select(v => (v.Name, v)));
        Value[] outputs =
        [
            loss, .. options.OutputLogits ? [logits] : Array.Empty<Value>(),
            .. trained.Select(t => Accumulate(t.Name, t.Gradient, t.Buffer, reset)),
            .. Statistics(lowered, sources.ToDictionary(s => s.Weight.Name, s => s.Source)),
        ];
        return (Fused.Expand(Rewrite.Select(graph, inputs, outputs)), lowered.Masks);
    }

    /// <summary>What stands for a weight; one that the forward does not read is an input all the same.</summary>
    static Value Source(Graph graph, Value weight)
    {
        var name = $"{(weight.Role == Role.Param ? "param" : "stat")}:{weight.Name}";
        return graph.Find(name) ?? graph.Input(name, weight.Type, weight.Shape);
    }

    static Trained[] Differentiate(Graph model, Value loss, (string Name, Value Param)[] trained)
    {
        Value[] targets = [.. trained.Select(t => t.Param)];
        var unknown = Gradients.WithoutRule(loss, targets).GroupBy(n => n.Op)
            .Select(n => $"{n.Key} ({n.Count()}, such as \"{n.Last().Name}\")").Order(StringComparer.Ordinal).ToArray();
        if (unknown.Length > 0)
            throw new UserException($"{model.Name} cannot be trained: there is no gradient for "
                + $"{string.Join(", ", unknown)}.");
        var grads = Gradients.Of(loss, targets);
        return [.. trained.Select(t => new Trained(t.Name, Named(grads[t.Param], $"{t.Name}_grad"),
            loss.Graph.Input($"{t.Name}_grad.accumulation.buffer", DType.Float32, t.Param.Shape)))];
    }

    /// <summary>
    /// The runtime has no other way to store a value: a running statistic is overwritten as a gradient's memory is on
    /// the first of several steps.
    /// </summary>
    static IEnumerable<Value> Statistics(Lowering lowered, Dictionary<string, Value> sources)
    {
        var always = lowered.Graph.Const(Tensor.Of([true], 1));
        return lowered.NextStats.Select(s => Accumulate(s.Key, s.Value, sources[s.Key], always));
    }

    /// <summary>
    /// Adds a value to what the buffer holds, or overwrites it. The operator's output is a flag, which the runtime
    /// waits for; it keeps outputs of this name from the user.
    /// </summary>
    static Value Accumulate(string name, Value value, Value buffer, Value overwrite) =>
        Named(value.InPlaceAccumulatorV2(buffer, overwrite), $"{name}_grad.accumulation.out");

    /// <summary>An output keeps its name, whatever is chosen of the graph.</summary>
    static Value Named(Value value, string name) => value.Graph.Output(name, value);
}
