using OnnxTimm.Data;
using OnnxTimm.Infer;
using OnnxTimm.Models;

namespace OnnxTimm;

/// <summary>How a <see cref="Classifier"/> runs, and what is to be other than its file says.</summary>
public sealed record ClassifierOptions
{
    /// <summary>
    /// Device, threads and settings of ONNX Runtime. By default all cores share each call, which answers soonest; where
    /// many callers keep all cores busy anyway, one thread a call (<c>new() { Threads = 1 }</c>) does more of them.
    /// </summary>
    public RuntimeOptions Runtime { get; init; } = new();

    /// <summary>
    /// Changes how images are prepared, such as <c>own => own with { CropPct = 1, Exif = true }</c>; null for what the
    /// file or the record says.
    /// </summary>
    public Func<DataConfig, DataConfig>? Preprocess { get; init; }

    /// <summary>Names of the classes in their order, instead of the model's own.</summary>
    public IReadOnlyList<string>? Labels { get; init; }

    /// <summary>How a model without a classifier that gives maps or tokens makes one vector of them.</summary>
    public FeaturePool Pool { get; init; } = FeaturePool.Avg;

    /// <summary>Height and width of the image where a file leaves them open; 224 by default.</summary>
    public int? ImgSize { get; init; }

    /// <summary>What <see cref="Classifier.Create"/> asks of the network, such as its image's size.</summary>
    public ModelOptions Model { get; init; } = new();

    /// <summary>Takes remarks, such as that a file does not say how images are prepared; null for nobody.</summary>
    public Action<string>? Remark { get; init; }
}

/// <summary>How the places of a map [C, H, W] or the tokens of a sequence [L, C] become one vector.</summary>
public enum FeaturePool
{
    /// <summary>Their mean: C values.</summary>
    Avg,

    /// <summary>The largest of each channel: C values.</summary>
    Max,

    /// <summary>The first token, which stands for the image in many vision transformers: C values.</summary>
    Token,

    /// <summary>All of them, one after the other.</summary>
    None,
}
