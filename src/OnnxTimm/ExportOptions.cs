using OnnxTimm.Deploy;
using OnnxTimm.Infer;

namespace OnnxTimm;

/// <summary>How a model becomes a file.</summary>
public sealed record ExportOptions
{
    /// <summary>Whether batch norms become part of their convolutions.</summary>
    public bool Fold { get; init; } = true;

    /// <summary>
    /// Whom the file is for, of <see cref="TargetTable"/> or one's own; null for anyone. The model must be loaded in
    /// its opset: <see cref="ModelRequest.For"/>.
    /// </summary>
    public Target? Target { get; init; }

    /// <summary>
    /// How far ONNX Runtime optimizes the file for this machine's kind of processor, "extended" or "all"; null for a
    /// file that is bound to none. A name that ends in .ort gets the runtime's own form.
    /// </summary>
    public string? Optimize { get; init; }

    /// <summary>The same options, or an exception that names what cannot be.</summary>
    internal ExportOptions CheckFor(string path) => this switch
    {
        { Optimize: not null, Target: { } target } => throw new UserException(
            $"--optimize writes for this machine alone, --target {target.Name} for others: give one of them."),
        { Optimize: null } when OptimizedFile.IsOrt(path) => throw new UserException(
            $"\"{path}\": an .ort file holds what ONNX Runtime has optimized: give --optimize."),
        { Optimize: { } level } => this with { Optimize = OptimizedFile.Checked(level) },
        _ => this,
    };
}
