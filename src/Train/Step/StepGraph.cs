using System.Text.Json.Nodes;

namespace OnnxTimm.Train;

/// <summary>
/// One training step as an ONNX graph. Names carry the role: inputs <c>input</c>, <c>param:NAME</c>, <c>stat:NAME</c>,
/// <c>mask:I</c> and those of the task, such as <c>target</c>; outputs <c>loss</c>, <c>grad:NAME</c>,
/// <c>next:stat:NAME</c>. The fused form has no
/// gradients among its outputs but <c>next:param:NAME</c>, and state and scalars as <see cref="UpdateGraph"/> names
/// them. The metadata <c>onnxtimm.step</c> lists them all.
/// </summary>
/// <param name="Graph">The graph, in the training dialect; <see cref="Fused.Expand"/> makes it portable.</param>
/// <param name="Params">Names of the parameters, in state-dict order.</param>
/// <param name="Trained">Those among them that have a gradient.</param>
/// <param name="Stats">Names of the running statistics, in state-dict order.</param>
/// <param name="Masks">What the host draws for each step.</param>
public sealed record StepGraph(
    Graph Graph, IReadOnlyList<string> Params, IReadOnlyList<string> Trained, IReadOnlyList<string> Stats,
    IReadOnlyList<Mask> Masks)
{
    /// <summary>Key of the metadata that lists parameters, statistics, masks, state and scalars.</summary>
    public const string MetadataKey = "onnxtimm.step";

    /// <summary>
    /// The split form: loss, gradients and next statistics of a model that gives <c>logits</c>, for accumulation,
    /// clipping and data parallelism.
    /// </summary>
    /// <param name="model">The network.</param>
    /// <param name="task">What is learned; cross entropy by default.</param>
    /// <param name="weights">What of it is trained; all by default.</param>
    /// <param name="isScaled">Whether gradients are those of the loss times an input, <c>scale</c>.</param>
    /// <param name="keeping">What is not computed twice; <see cref="Keepings.Costly"/> by default.</param>
    public static StepGraph Gradients(Graph model, ITask? task = null, WeightSelection? weights = null,
        bool isScaled = false, Keeping? keeping = null) =>
        Of(model, task, weights, isScaled, keeping, (step, grads) =>
    {
        foreach (var name in step.Trained)
            step.Graph.Output($"grad:{name}", grads[name].Gradient);
        return new JsonObject { ["form"] = "split" };
    });

    /// <summary>
    /// The fused form: batch, targets, scalars, parameters and state in; loss, next parameters and next state out. One
    /// file that any binding of ONNX Runtime can train with.
    /// </summary>
    public static StepGraph WithUpdate(Graph model, Optimizer optimizer, IReadOnlyList<ParamGroup> groups,
        ITask? task = null, WeightSelection? weights = null, Keeping? keeping = null) =>
        Of(model, task, weights, isScaled: false, keeping, (step, grads) =>
        {
            UpdateGraph.Append(step.Graph, optimizer, grads, groups);
            return new JsonObject
            {
                ["form"] = "fused",
                ["optimizer"] = optimizer.Name,
                ["state"] = Names(optimizer.State.Select(s => s.Name)),
                ["draws"] = Names(optimizer.Draws.Select(d => d.Name)),
                ["scalars"] = Names(optimizer.Scalars.Select(s => s.Name)),
                ["groups"] = new JsonArray([.. groups.Select(g => (JsonNode)new JsonObject
                {
                    ["weight_decay"] = g.WeightDecay,
                    ["lr_scale"] = g.LrScale,
                    ["params"] = Names(g.Names),
                })]),
            };
        });

    delegate JsonObject Finish(StepGraph step, Dictionary<string, (Value Param, Value Gradient)> grads);

    /// <summary>Name of the input that a loss is multiplied by.</summary>
    internal const string Scale = "scale";

    static StepGraph Of(Graph model, ITask? task, WeightSelection? weights, bool isScaled, Keeping? keeping,
        Finish finish)
    {
        weights ??= new(model);
        var lowered = Lowering.Of(model, (mean, variance) => weights.Mode(mean, variance));
        var graph = lowered.Graph;
        string[] parameters = [.. model.Weights.Where(w => w.Role == Role.Param).Select(w => w.Name)];
        string[] trained = [.. model.Weights.Where(weights.Trains).Select(w => w.Name)];
        string[] stats = [.. model.Weights.Where(w => w.Role == Role.Stat).Select(w => w.Name)];
        var logits = graph.Find("logits") ?? throw new UserException(
            $"\"{model.Name}\" has no output \"logits\": a model that is trained needs a classifier.");
        var value = (task ?? Classification.Plain).Loss(new(logits));
        var sources = trained.ToDictionary(name => name, name => graph.Find($"param:{name}")!);
        var forward = graph.Nodes.Count;
        var grads = Train.Gradients.Of(
            isScaled ? value * graph.Input(Scale, DType.Float32, []) : value, sources.Values);
        graph.Output("loss", value);
        var step = new StepGraph(graph, parameters, trained, stats, lowered.Masks);
        var form = finish(step, sources.ToDictionary(s => s.Key, s => (s.Value, grads[s.Value])));
        foreach (var name in stats.Where(lowered.NextStats.ContainsKey))
            graph.Output($"next:stat:{name}", lowered.NextStats[name]);
        graph.Metadata[MetadataKey] = Describe(step, form).ToJsonString();
        return step with { Graph = EarlyLeaves.Order(Recomputation.Apply(graph, forward, keeping ?? Keepings.Costly)) };
    }

    static JsonObject Describe(StepGraph step, JsonObject form)
    {
        form["params"] = Names(step.Params);
        form["trained"] = Names(step.Trained);
        form["stats"] = Names(step.Stats);
        form["masks"] = new JsonArray([.. step.Masks.Select(m =>
            (JsonNode)new JsonObject { ["input"] = m.Input, ["shape"] = $"{m.Shape}", [m.Law.Name] = m.Law.Value })]);
        return form;
    }

    static JsonArray Names(IEnumerable<string> names) => new([.. names.Select(n => (JsonNode)n)]);
}
