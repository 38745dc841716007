using OnnxTimm.Conversion;
using OnnxTimm.Onnx;
using OnnxTimm.Passes;

namespace OnnxTimm.Train.Artifacts;

/// <summary>
/// What ONNX Runtime's on-device training (1.19.2, its last release) trains a network with: three models and a
/// checkpoint.
/// </summary>
/// <param name="Training">Loss and gradients; see <see cref="TrainingModel"/>.</param>
/// <param name="Eval">Loss and logits as in inference; see <see cref="EvalModel"/>.</param>
/// <param name="Optimizer">The update; see <see cref="OptimizerModel"/>.</param>
/// <param name="Checkpoint">The weights; their content is read when it is written.</param>
/// <param name="Masks">Inputs of the training model alone, which the user draws for each step.</param>
public sealed record ArtifactSet(
    Graph Training, Graph Eval, Graph Optimizer, OrtCheckpoint Checkpoint, IReadOnlyList<Mask> Masks)
{
    /// <summary>Operator sets that the runtime knows and that have what a backward graph needs.</summary>
    const int OldestOpset = 16, NewestOpset = 21;

    /// <summary>What the user feeds at each step, in the order of TrainStep: images, targets, masks.</summary>
    public required IReadOnlyList<Value> UserInputs { get; init; }

    /// <summary>The loss, whose input is among them.</summary>
    public required ArtifactLoss Loss { get; init; }

    /// <summary>Name of the logits, in the eval model too.</summary>
    public required string LogitsName { get; init; }

    /// <summary>Classes that the network tells apart.</summary>
    public required long Classes { get; init; }

    /// <summary>
    /// Makes a set for a network with one output of logits [N, classes], the mean where it has several heads; no weight
    /// is read.
    /// </summary>
    /// <exception cref="UserException">
    /// It has no such output, or operators without gradient, which are all named; nothing is left to be trained.
    /// </exception>
    public static ArtifactSet Of(Graph model, ArtifactOptions options)
    {
        model = Export.Joined(model);
        var logits = Logits(model);
        CheckNames(model, options.Loss);
        var weights = new WeightSelection(model, options.Frozen, options.Only);
        if (weights.Weights.FirstOrDefault(w => w.Type != DType.Float32) is { } other)
            throw new UserException($"ONNX Runtime Training trains float32 only: {other}.");
        var (training, masks) = TrainingModel.Of(model, weights, options);
        var eval = EvalModel.Of(model, weights, options);
        foreach (var (key, value) in options.Metadata)
            training.Metadata[key] = eval.Metadata[key] = value;
        var stored = weights.Weights.ToLookup(weights.Trains, w => KeyValuePair.Create(w.Name, w.Data!));
        var checkpoint = new OrtCheckpoint([.. stored[true]], [.. stored[false]]) { IsNominal = options.Nominal };
        return new(training, eval, OptimizerModel.Of(model.Opset, options.AdamW, options.ClipGrad), checkpoint, masks)
        {
            UserInputs = [.. training.Inputs.Take(model.Inputs.Count + 1 + masks.Count)],
            Loss = options.Loss,
            LogitsName = logits.Name,
            Classes = logits.Shape[1].Size,
        };
    }

    static Value Logits(Graph model)
    {
        if (model.Opset is < OldestOpset or > NewestOpset)
            throw new UserException($"{model.Name} has opset {model.Opset}; ONNX Runtime Training 1.19.2 takes it from "
                + $"{OldestOpset} to {NewestOpset}.");
        if (model.Outputs is not [{ Type: DType.Float32, Shape: { IsKnown: true, Rank: 2 } shape } logits]
            || !shape[1].IsFixed)
            throw new UserException($"{model.Name} does not give logits Float32[N, classes], but "
                + $"{(model.Outputs.Count == 0 ? "nothing" : string.Join(", ", model.Outputs))}.");
        return logits.Producer is not { Op: "Softmax" or "Sigmoid" } last ? logits
            : throw new UserException($"{model.Name} gives probabilities, by {last.Op}: the loss takes the logits "
                + "before them. Export it without that layer.");
    }

    /// <summary>The runtime tells by their names what inputs are, and the sets have names of their own.</summary>
    static void CheckNames(Graph model, ArtifactLoss loss)
    {
        var own = model.Inputs.Concat(model.Stored.Where(v => v.IsWeight));
        if (own.FirstOrDefault(v => v.Name == loss.Input || v.Name == ArtifactLoss.Output
            || v.Name.StartsWith("param:", StringComparison.Ordinal)
            || v.Name.StartsWith("stat:", StringComparison.Ordinal)
            || v.Name.EndsWith("_grad", StringComparison.Ordinal)
            || v.Name.Contains("_grad.accumulation.", StringComparison.Ordinal)) is { } odd)
            throw new UserException($"{model.Name}: an input or a weight cannot be called \"{odd.Name}\", which means "
                + "something else in a set of artifacts.");
    }

    /// <summary>
    /// Writes the models, the checkpoint and a specification for programs that run them. They appear together, when
    /// all are complete.
    /// </summary>
    /// <param name="folder">Where to; it is made when it is not there.</param>
    /// <param name="prefix">Begins the name of each file; no folder.</param>
    /// <returns>The names of the files.</returns>
    /// <exception cref="UserException">The folder cannot be written to; then it is as it was.</exception>
    public IReadOnlyList<string> Write(string folder, string prefix = "")
    {
        if (prefix.AsSpan().ContainsAny(['/', Path.DirectorySeparatorChar]))
            throw new UserException($"The prefix \"{prefix}\" begins names of files, it cannot name a folder.");
        var files = new ArtifactFiles(prefix, Checkpoint.IsNominal);
        var written = WriteBeside.WriteFolder(folder, draft =>
        {
            OnnxFile.Write(Training, Path.Combine(draft, files.Train));
            OnnxFile.Write(Eval, Path.Combine(draft, files.Eval));
            OnnxFile.Write(Optimizer, Path.Combine(draft, files.Optimizer));
            OrtCheckpointWriter.Write(Path.Combine(draft, files.Checkpoint), Checkpoint);
            ArtifactSpec.Write(Path.Combine(draft, files.Specification), this, files);
        });
        // What lay beside a larger checkpoint of this name belongs to nothing now.
        if (OrtCheckpointWriter.DataPath(files.Checkpoint) is var data && !written.Contains(data))
            File.Delete(Path.Combine(folder, data));
        return [files.Train, files.Eval, files.Optimizer, files.Checkpoint, files.Specification];
    }
}

/// <summary>The names of a set's files, as the library gives them.</summary>
sealed record ArtifactFiles(string Prefix, bool IsNominal)
{
    public string Train => $"{Prefix}training_model.onnx";

    public string Eval => $"{Prefix}eval_model.onnx";

    public string Optimizer => $"{Prefix}optimizer_model.onnx";

    public string Checkpoint => $"{Prefix}{(IsNominal ? "nominal_checkpoint" : "checkpoint")}";

    public string Specification => $"{Prefix}reference.json";
}
