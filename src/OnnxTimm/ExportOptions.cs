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

    /// <summary>
    /// What weights and arithmetic are in: <see cref="DType.Float32"/>, <see cref="DType.Float16"/>, or
    /// <see cref="DType.BFloat16"/> for the weights alone.
    /// </summary>
    public DType Dtype { get; init; } = DType.Float32;

    /// <summary>Whether inputs and outputs are float16 too.</summary>
    public bool HalfIo { get; init; }

    /// <summary>
    /// Whether the file gets a digest of what the network gives before any pass: one run of the network on one image.
    /// Half precision is looked at by it: one run more.
    /// </summary>
    public bool Digest { get; init; } = true;

    /// <summary>Whether height and width of images stay open, where the network allows it.</summary>
    public bool DynamicSize { get; init; }

    /// <summary>
    /// Whether the graph prepares images itself: uint8 [1, H, W, 3] of any size go in as <c>image</c>.
    /// </summary>
    public bool EmbedPreprocess { get; init; }

    /// <summary>Whether <c>probabilities</c> take the place of logits.</summary>
    public bool Softmax { get; init; }

    /// <summary>
    /// How many of the best classes come beside the scores, as <c>top_values</c> and <c>top_classes</c>; null for none.
    /// </summary>
    public int? TopK { get; init; }

    /// <summary>The types that <see cref="Dtype"/> can be, by their names.</summary>
    internal static readonly IReadOnlyDictionary<string, DType> Dtypes = new[]
    {
        DType.Float32, DType.Float16, DType.BFloat16,
    }.ToDictionary(type => type.ToString().ToLowerInvariant());

    /// <summary>The same options, or an exception that names what cannot be.</summary>
    /// <param name="path">The file that is written.</param>
    internal ExportOptions Check(string path) => this switch
    {
        { Dtype: not (DType.Float32 or DType.Float16 or DType.BFloat16) } => throw new UserException(
            $"A model is written in float32, float16 or bfloat16, not in {Dtype}."),
        { HalfIo: true, Dtype: not DType.Float16 } => throw new UserException(
            "--half-io belongs to --dtype float16."),
        { DynamicSize: true, EmbedPreprocess: true } => throw new UserException(
            "--embed-preprocess takes images of any size already: --dynamic-size does not go with it."),
        { Optimize: not null, Target: { } target } => throw new UserException(
            $"--optimize writes for this machine alone, --target {target.Name} for others: give one of them."),
        { Optimize: null } when OptimizedFile.IsOrt(path) => throw new UserException(
            $"\"{path}\": an .ort file holds what ONNX Runtime has optimized: give --optimize."),
        { Optimize: { } level } => this with { Optimize = OptimizedFile.Checked(level) },
        _ => this,
    };

    /// <summary>The card of a file that is written so.</summary>
    internal ModelCard Describe(ModelCard card) => card with
    {
        InputType = HalfIo ? DType.Float16 : DType.Float32,
        IsEmbedded = EmbedPreprocess,
    };

    /// <summary>What was asked, for the file.</summary>
    /// <param name="written">What is written, whose input has the size of image that was asked for.</param>
    internal string Recipe(Graph written) => FileRecipe.With(null, ("step", "export"), ("target", Target?.Name),
        ("opset", written.Opset), ("input", written.Inputs[0].Shape.ToString()), ("fold", Fold),
        ("dtype", Dtype.ToString().ToLowerInvariant()), ("half_io", HalfIo), ("dynamic_size", DynamicSize),
        ("embed_preprocess", EmbedPreprocess), ("softmax", Softmax), ("top_k", TopK));
}
