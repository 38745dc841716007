using OnnxTimm.Passes;

namespace OnnxTimm.Train.Artifacts;

/// <summary>
/// <c>training_model.onnx</c>: forward, loss and backward in standard operators, and an accumulator for each trained
/// parameter. The runtime tells inputs apart by their names: those of the checkpoint are weights, what ends in
/// <c>_grad.accumulation.buffer</c> is a gradient's memory, the rest comes from the user.
/// </summary>
static class TrainingModel
{
    const string Buffer = "_grad.accumulation.buffer", Done = "_grad.accumulation.out";

    /// <summary>The model, and the masks that it has the user draw.</summary>
    /// <exception cref="UserException">Operators have no gradient; all of them are named.</exception>
    public static (Graph Graph, IReadOnlyList<Mask> Masks) Of(Graph model, Trainable weights, ArtifactOptions options)
    {
        var lowered = Lowering.Of(model, weights.Mode);
        var graph = lowered.Graph;
        var logits = graph.Outputs[0];
        var (target, loss) = options.Loss.Append(logits);
        Value[] user = [.. model.Inputs.Select(v => graph.Find(v.Name)!), target,
            .. lowered.Masks.Select(m => graph.Find(m.Input)!)];
        var sources = weights.Weights.ToDictionary(w => w.Name, w => Source(graph, w));
        Value[] trained = [.. weights.Weights.Where(weights.Trains).Select(w => sources[w.Name])];
        string[] names = [.. weights.Weights.Where(weights.Trains).Select(w => w.Name)];
        var grads = Differentiate(model, loss, trained);
        Value[] buffers = [.. names.Zip(trained, (name, p) => graph.Input(name + Buffer, DType.Float32, p.Shape))];
        var reset = graph.Input("lazy_reset_grad", DType.Bool, new(1));
        Value[] done = [.. trained.Select((p, i) => Accumulate(names[i], graph.Output($"{names[i]}_grad", grads[p]),
            buffers[i], reset))];
        // The runtime has no other way to store a value: a running statistic is overwritten as a gradient's memory is
        // on the first of several steps.
        Value[] moved = [.. lowered.NextStats.Select(s =>
            Accumulate(s.Key, s.Value, sources[s.Key], Always(graph)))];
        Value[] outputs = [loss, .. options.OutputLogits ? [logits] : Array.Empty<Value>(), .. done, .. moved];
        var inputs = user.Select(v => (v.Name, v))
            .Concat(sources.Select(s => (s.Key, s.Value)))
            .Concat(buffers.Append(reset).Select(v => (v.Name, v)));
        return (Fused.Expand(Rewrite.Select(graph, inputs, outputs)), lowered.Masks);
    }

    /// <summary>What stands for a weight; one that the forward does not read is an input all the same.</summary>
    static Value Source(Graph graph, Value weight)
    {
        var name = $"{(weight.Role == Role.Param ? "param" : "stat")}:{weight.Name}";
        return graph.Find(name) ?? graph.Input(name, weight.Type, weight.Shape);
    }

    /// <summary>
    /// Adds a value to what the buffer holds, or overwrites it. The operator's output is a flag, which the runtime
    /// waits for; it keeps outputs of this name from the user.
    /// </summary>
    static Value Accumulate(string name, Value value, Value buffer, Value overwrite) =>
        value.Graph.Output(name + Done, value.InPlaceAccumulatorV2(buffer, overwrite));

    static Value Always(Graph graph) => graph.Const(Tensor.Of([true], 1));

    static Dictionary<Value, Value> Differentiate(Graph model, Value loss, Value[] trained)
    {
        var known = Gradients.Known.ToHashSet();
        var unknown = Gradients.Path(loss, trained).Where(n => !known.Contains(n.Op)).GroupBy(n => n.Op)
            .Select(n => $"{n.Key} ({n.Count()}, such as \"{n.Last().Name}\")").Order(StringComparer.Ordinal).ToArray();
        if (unknown.Length > 0)
            throw new UserException($"{model.Name} cannot be trained: there is no gradient for "
                + $"{string.Join(", ", unknown)}.");
        try
        {
            return Gradients.Of(loss, trained);
        }
        catch (InvalidOperationException e)
        {
            throw new UserException($"{model.Name} cannot be trained: {e.Message}", e);
        }
    }
}
