using OnnxTimm.Conversion;
using OnnxTimm.Infer;
using OnnxTimm.Passes;
using OnnxTimm.Models;

namespace OnnxTimm;

/// <summary>A model with its weights.</summary>
/// <param name="Model">Graph and record.</param>
/// <param name="Card">What its file will say about it, but for the hash of the weights' file.</param>
/// <param name="Result">How the weights of the file became the model's; null for initial ones.</param>
/// <param name="File">The mapped file; null for initial weights.</param>
public sealed record LoadedModel(Model Model, ModelCard Card, LoadResult? Result, StateDict? File)
    : IDisposable
{
    /// <summary>SHA-256 of the file, computed beside what follows; null for initial weights.</summary>
    public LateFact? Hash() => File is null ? null : ModelLoader.Hash(File);

    /// <summary>The card with the hash of the file.</summary>
    public ModelCard SignedCard() => Card with { Source = Hash()?.Value.Result ?? "" };

    /// <summary>What a checkpoint decided; empty for nothing.</summary>
    public string Note { get; init; } = "";

    /// <summary>Writes it as an .onnx file that says how to feed it, which appears complete or not at all.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">How it is written; null for the defaults.</param>
    /// <exception cref="UserException">The network cannot be had so, or the file cannot be written.</exception>
    public ExportResult Export(string path, ExportOptions? options = null)
    {
        options ??= new();
        var asked = ScoreTail.Apply(Model.Graph, options.Softmax, options.TopK);
        return Exporter.Write(asked, options.Describe(Card).ToMetadata(), path, options, Hash(),
            options.EmbedPreprocess ? Card.Preprocess : null, options.DynamicSize ? Sizes.Of(Model, options) : null);
    }

    /// <summary>Closes the file of the weights, which are read when they are used.</summary>
    public void Dispose() => File?.Dispose();
}
