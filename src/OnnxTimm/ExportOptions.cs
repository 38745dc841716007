using OnnxTimm.Deploy;

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
}
