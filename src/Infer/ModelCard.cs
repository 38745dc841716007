using System.Globalization;
using System.Text.Json;
using OnnxTimm.Data;

namespace OnnxTimm.Infer;

/// <summary>
/// What a model file says about itself, in its metadata: which network it is, how images are prepared for it and what
/// its outputs are called. Written at export and read back, so that nobody has to know it.
/// </summary>
public sealed record ModelCard
{
    /// <summary>timm's name of the network.</summary>
    public string Architecture { get; init; } = "";

    /// <summary>Tag of the pretrained weights; empty for all others.</summary>
    public string Tag { get; init; } = "";

    /// <summary>timm's pretrained_cfg of the pretrained weights, as JSON; empty for all others.</summary>
    public string PretrainedCfg { get; init; } = "";

    /// <summary>How an image becomes the input.</summary>
    public DataConfig Preprocess { get; init; } = new();

    /// <summary>Name of each class; empty where they are not known.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>Whether several classes, or none, may hold of an image: each has a probability of its own.</summary>
    public bool IsMultiLabel { get; init; }

    /// <summary>The name of a class; its index where it has none.</summary>
    /// <param name="names">Names of all classes; empty where they are not known.</param>
    /// <param name="index">The class.</param>
    public static string LabelOf(IReadOnlyList<string> names, int index) =>
        index < names.Count && names[index].Length > 0 ? names[index] : index.ToString(CultureInfo.InvariantCulture);

    const string MultiLabelKey = "onnxtimm.multi_label";

    /// <summary>The key of <see cref="Source"/>.</summary>
    public const string SourceKey = "onnxtimm.source";

    /// <summary>SHA-256 of the weights' file, in hexadecimal digits; empty for initial weights.</summary>
    public string Source { get; init; } = "";

    /// <summary>Kind of the weights' file, such as "pytorch"; empty for initial weights.</summary>
    public string SourceFormat { get; init; } = "";

    /// <summary>Learned values of the network before anything was folded; null where a file does not tell.</summary>
    public long? ParamCount { get; init; }

    /// <summary>Type of the input's numbers.</summary>
    public DType InputType { get; init; } = DType.Float32;

    /// <summary>Whether the graph prepares images itself.</summary>
    public bool IsEmbedded { get; init; }

    /// <summary>Batch size of a file that takes no other; null for any.</summary>
    public int? Batch { get; init; }

    /// <summary>
    /// The keys of metadata_props; those of Ultralytics and of the ONNX specification serve other readers.
    /// </summary>
    public IReadOnlyDictionary<string, string> ToMetadata()
    {
        var size = Preprocess.Patches is null ? $"[{Preprocess.Height}, {Preprocess.Width}]" : "";
        var pairs = new Dictionary<string, string>
        {
            { SourceKey, Source },
            { "timm.architecture", Architecture },
            { "timm.tag", Tag },
            { "timm.pretrained_cfg", PretrainedCfg },
            { "onnxtimm.preprocess", PreprocessJson.Write(Preprocess, InputType, IsEmbedded) },
            { "onnxtimm.labels", Labels.Count == 0 ? "" : PreprocessJson.Array(Labels) },
            { "onnxtimm.param_count", ParamCount?.ToString(CultureInfo.InvariantCulture) ?? "" },
            { MultiLabelKey, IsMultiLabel ? "true" : "" },
            { "task", "classify" },
            { "imgsz", size },
            { "stride", "1" },
            { "batch", (Batch ?? 1).ToString(CultureInfo.InvariantCulture) },
            { "channels", Preprocess.Channels.ToString(CultureInfo.InvariantCulture) },
            { "names", Labels.Count == 0 ? ""
                : $"{{{string.Join(", ", Labels.Select((n, i) => $"{i}: {PythonText(n)}"))}}}" },
            { "Image.BitmapPixelFormat", Preprocess.Channels switch { 1 => "Gray8", 3 => "Rgb8", _ => "" } },
            { "Image.ColorSpaceGamma", "SRGB" },
            { "Image.NominalPixelRange", PixelRange(Preprocess) },
        };
        return Provenance(SourceFormat).Concat(pairs).Where(p => p.Value.Length > 0).ToDictionary();
    }

    /// <summary>The keys that say who wrote a file, and from which kind of weights.</summary>
    /// <param name="format">Kind of the weights' file.</param>
    public static IReadOnlyDictionary<string, string> Provenance(string format) => new Dictionary<string, string>
    {
        { "onnxtimm.version", typeof(ModelCard).Assembly.GetName().Version!.ToString(3) },
        { "onnxtimm.source_format", format },
    };

    /// <summary>The card in a file's metadata; null where there is none.</summary>
    /// <param name="metadata">The file's metadata_props.</param>
    /// <param name="file">The file, for messages.</param>
    /// <exception cref="UserException">It is there and cannot be read.</exception>
    public static ModelCard? Read(IReadOnlyDictionary<string, string> metadata, string file)
    {
        if (!metadata.TryGetValue("onnxtimm.preprocess", out var preprocess))
            return null;
        try
        {
            return new()
            {
                Architecture = metadata.GetValueOrDefault("timm.architecture", ""),
                Tag = metadata.GetValueOrDefault("timm.tag", ""),
                PretrainedCfg = metadata.GetValueOrDefault("timm.pretrained_cfg", ""),
                Preprocess = PreprocessJson.Read(preprocess),
                Labels = metadata.TryGetValue("onnxtimm.labels", out var labels)
                    ? [.. JsonDocument.Parse(labels).RootElement.EnumerateArray().Select(e => e.GetString() ?? "")]
                    : [],
                IsMultiLabel = metadata.GetValueOrDefault(MultiLabelKey) == "true",
                ParamCount = metadata.TryGetValue("onnxtimm.param_count", out var count)
                    ? long.Parse(count, CultureInfo.InvariantCulture) : null,
                Source = metadata.GetValueOrDefault(SourceKey, ""),
                SourceFormat = metadata.GetValueOrDefault("onnxtimm.source_format", ""),
            };
        }
        catch (Exception e) when (
            e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException
                or IndexOutOfRangeException)
        {
            throw new UserException($"The metadata of \"{file}\" are damaged: {e.Message}", e);
        }
    }

    /// <summary>The specification's names of ranges fit only some models.</summary>
    static string PixelRange(DataConfig c) =>
        c.Mean.All(m => m == 0) && c.Std.All(s => s == 1) ? "Normalized_0_1"
        : c.Mean.All(m => m == 0.5) && c.Std.All(s => s == 0.5) ? "Normalized_1_1"
        : "";

    static string PythonText(string text) => $"'{text.Replace("\\", "\\\\").Replace("'", "\\'")}'";
}
