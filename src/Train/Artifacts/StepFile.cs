using OnnxTimm.Conversion;
using OnnxTimm.Onnx;

namespace OnnxTimm.Train.Artifacts;

/// <summary>
/// A whole training step as one file that any ONNX Runtime trains with, and what its first step is fed with; see
/// <see cref="StepGraph"/> for the names.
/// </summary>
/// <param name="Step">The fused step.</param>
/// <param name="Start">
/// Parameters, statistics and the optimizer's state before the first step, under the names of the step's inputs.
/// </param>
public sealed record StepFile(StepGraph Step, IReadOnlyList<KeyValuePair<string, Tensor>> Start)
{
    const string StepName = "train_step.onnx", StartName = "train_start.safetensors";

    /// <summary>Makes it; what is random in the step is an input.</summary>
    /// <param name="model">A network that gives logits.</param>
    /// <param name="optimizer">The update.</param>
    /// <param name="groups">Which parameters are treated alike.</param>
    /// <param name="task">What is learned.</param>
    /// <param name="weights">What is trained.</param>
    /// <param name="keeping">What is not computed twice; <see cref="Keepings.Costly"/> by default.</param>
    /// <exception cref="UserException">The network has no logits, or operators without gradient.</exception>
    public static StepFile Of(Graph model, Optimizer optimizer, IReadOnlyList<ParamGroup> groups, ITask task,
        WeightSelection weights, Keeping? keeping = null) =>
        new(StepGraph.WithUpdate(model, optimizer, groups, task, weights, keeping),
        [
            .. model.Weights.Select(w => KeyValuePair.Create(
                $"{(w.Role == Role.Param ? "param" : "stat")}:{w.Name}", w.Data!)),
            .. groups.SelectMany(group => group.Names.SelectMany(name =>
                States(optimizer.In(group), model.Find(name)!))),
        ]);

    /// <summary>Writes both files; they appear together, when all are complete.</summary>
    /// <param name="folder">Where to; it is made when it is not there.</param>
    /// <param name="prefix">Begins the name of each file.</param>
    /// <returns>The names of the files.</returns>
    /// <exception cref="UserException">The folder cannot be written to; then it is as it was.</exception>
    public IReadOnlyList<string> Write(string folder, string prefix = "")
    {
        if (prefix.AsSpan().ContainsAny(['/', Path.DirectorySeparatorChar]))
            throw new UserException($"The prefix \"{prefix}\" begins names of files, it cannot name a folder.");
        string[] names = [$"{prefix}{StepName}", $"{prefix}{StartName}"];
        WriteBeside.WriteFolder(folder, draft =>
        {
            OnnxFile.Write(Fused.Expand(Step.Graph), Path.Combine(draft, names[0]));
            SafetensorsWriter.Write(Path.Combine(draft, names[1]), Start);
        });
        return names;
    }

    static IEnumerable<KeyValuePair<string, Tensor>> States(Optimizer optimizer, Value parameter)
    {
        foreach (var slot in optimizer.State)
            if (slot.ShapeOf(parameter.Shape.Sizes) is { } shape)
                yield return KeyValuePair.Create($"state:{slot.Name}:{parameter.Name}",
                    Tensor.Of(slot.StartOf(parameter.Shape.Sizes, Content(slot)), shape));

        ReadOnlySpan<float> Content(Slot slot) => slot.FromParameter ? parameter.Data!.Span<float>() : [];
    }
}
