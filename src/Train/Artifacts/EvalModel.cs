using OnnxTimm.Passes;

namespace OnnxTimm.Train.Artifacts;

/// <summary>
/// <c>eval_model.onnx</c>: the network as in inference, with its loss; weights are inputs. The runtime exports from it
/// whatever value it is asked for, such as the logits.
/// </summary>
static class EvalModel
{
    public static Graph Of(Graph model, WeightSelection weights, ArtifactOptions options)
    {
        var graph = Rewrite.Apply(model, Infer, (v, to) => v.IsWeight ? to.Input(v.Name, v.Type, v.Shape)
            : to.Store(v.Name, v.Role, v.Data!));
        var logits = graph.Outputs[0];
        var (target, loss) = options.Loss.Append(logits);
        Value[] user = [.. model.Inputs.Select(v => graph.Find(v.Name)!), target];
        var sources = weights.Weights.Select(w => graph.Find(w.Name) ?? graph.Input(w.Name, w.Type, w.Shape));
        return Rewrite.Select(graph, user.Concat(sources).Select(v => (v.Name, v)), options.OutputLogits
            ? [loss, logits] : [loss]);
    }

    /// <summary>A file may come as it was trained: with masks, and with norms that have more outputs.</summary>
    static Value[]? Infer(Node n, Rewrite to) => n.Op switch
    {
        _ when n.Drops() => [.. n.Outs.Select(_ => to[n[0]])],
        "BatchNormalization" => [to[n[0]].BatchNormalization(
            to[n[1]], to[n[2]], to[n[3]], to[n[4]], n.Float("epsilon", 1e-5f), n.Float("momentum", 0.9f))],
        _ => null,
    };
}
