namespace OnnxTimm.Conversion;

/// <summary>A tensor on its way from a file to a model: what it is called now, and how it came to be.</summary>
/// <param name="Name">The name as the rows so far have made it.</param>
/// <param name="Tensor">The content, computed when it is read.</param>
public sealed record Entry(string Name, Tensor Tensor)
{
    /// <summary>Names in the file; several where tensors were joined.</summary>
    public IReadOnlyList<string> Sources { get; init; } = [Name];

    /// <summary>What was done to the content, in order; empty where it is as in the file.</summary>
    public IReadOnlyList<string> Operations { get; init; } = [];

    /// <summary>The same with another content.</summary>
    public Entry Changed(string operation, Tensor tensor) =>
        this with { Tensor = tensor, Operations = [.. Operations, operation] };

    /// <summary>The same with another content, to which a second one contributed.</summary>
    public Entry With(Entry other, string operation, Tensor tensor) =>
        (this with { Sources = [.. Sources, .. other.Sources] }).Changed(operation, tensor);
}
