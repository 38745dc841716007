using OnnxTimm.Deploy;
using OnnxTimm.Models;

namespace OnnxTimm;

/// <summary>A model of the zoo, as asked for.</summary>
/// <param name="Name">timm's name, with or without a tag.</param>
public sealed record ModelRequest(string Name)
{
    /// <summary>A model with weights of a file, a folder or a tag.</summary>
    /// <param name="name">timm's name, with or without a tag.</param>
    /// <param name="weights">
    /// What is there, or is written as a path, holds weights; anything else is a tag; null for those of the name.
    /// </param>
    /// <exception cref="UserException">No such tag.</exception>
    public static ModelRequest Of(string name, string? weights) =>
        weights is null ? new(name) { Pretrained = true }
        : Path.Exists(weights) || weights.AsSpan().ContainsAny('/', '\\', '.') ? new(name) { Checkpoint = weights }
        : new($"{Zoo.Resolve(name).Architecture}.{weights}") { Pretrained = true };

    /// <summary>File with weights, or a folder of Flax checkpoints; they must fit.</summary>
    public string? Checkpoint { get; init; }

    /// <summary>Adapts the checkpoint's weights to another head, as pretrained ones are.</summary>
    public bool Adapts { get; init; }

    /// <summary>Takes the weights of the name's tag, adapted where the options differ from theirs.</summary>
    public bool Pretrained { get; init; }

    /// <summary>
    /// Prefers averaged weights of the checkpoint; null takes those that made the best checkpoint of a training the
    /// best.
    /// </summary>
    public bool? UseEma { get; init; }

    /// <summary>Takes the size and crop that the record has for evaluation.</summary>
    public bool UseTestSize { get; init; }

    /// <summary>Names of the model, with * as a wildcard, that the file may lack.</summary>
    public IReadOnlyList<string> AllowMissing { get; init; } = [];

    /// <summary>Names of the file, with * as a wildcard, that the model may lack.</summary>
    public IReadOnlyList<string> AllowUnexpected { get; init; } = [];

    /// <summary>What of the network is to be other than the record has it.</summary>
    public ModelOptions Options { get; init; } = new();

    /// <summary>The same model in a target's opset, and in its batch size unless another is asked for.</summary>
    /// <param name="target">Whom it is for.</param>
    /// <param name="opset">An opset that the target must take; null for its usual one.</param>
    /// <exception cref="UserException">The target does not take the opset.</exception>
    public ModelRequest For(Target target, int? opset = null) => this with
    {
        Options = Options with
        {
            Opset = target.OpsetFor(opset),
            BatchSize = Options.BatchSize ?? target.BatchSize,
        },
    };
}
