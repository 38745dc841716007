using System.Collections.Concurrent;
using System.Text.Json;

namespace OnnxTimm.Models;

/// <summary>
/// One of timm's pretrained records (pretrained_cfg): where weights are and how images are prepared for them.
/// </summary>
/// <param name="name">Architecture and tag, such as "resnet50.a1_in1k".</param>
/// <param name="fields">The record's own fields over its family's defaults.</param>
public sealed class Pretrained(string name, IReadOnlyDictionary<string, JsonElement> fields)
{
    static readonly Lazy<string[]> ImageNet = new(() => Resources.Lines("imagenet1k.txt"));

    static readonly ConcurrentDictionary<string, IReadOnlyDictionary<string, Pretrained>> Files = new();

    /// <summary>Names of the classes of ImageNet-1k, in timm's order.</summary>
    public static IReadOnlyList<string> ImageNetNames => ImageNet.Value;

    /// <summary>Architecture and tag, such as <c>resnet50.a1_in1k</c>.</summary>
    public string Name => name;

    /// <summary>What stands before the first dot of the name.</summary>
    public string Architecture => name.Split('.', 2)[0];

    /// <summary>What stands after the first dot of the name; empty where there is none.</summary>
    public string Tag => name.Contains('.') ? name.Split('.', 2)[1] : "";

    /// <summary>All fields, in timm's schema.</summary>
    public IReadOnlyDictionary<string, JsonElement> Fields => fields;

    /// <summary>
    /// Classes of the weights, without those of <see cref="LabelOffset"/>; 1000 where the record says nothing.
    /// </summary>
    public int NumClasses => Int("num_classes") ?? 1000;

    /// <summary>Channels, height and width.</summary>
    public int[] InputSize => Ints("input_size") ?? [3, 224, 224];

    /// <summary>Channels, height and width at which timm evaluates; null where they are the input's.</summary>
    public int[]? TestInputSize => Ints("test_input_size");

    /// <summary>Filter by which images are resized, by timm's name.</summary>
    public string Interpolation => Text("interpolation") ?? "bicubic";

    /// <summary>Model size / size after resizing.</summary>
    public double CropPct => Number("crop_pct") ?? 0.875;

    /// <summary>The same at the size for tests; null where it is no other.</summary>
    public double? TestCropPct => Number("test_crop_pct");

    /// <summary><c>center</c>, <c>squash</c> or <c>border</c>.</summary>
    public string CropMode => Text("crop_mode") ?? "center";

    /// <summary>Of each channel, for pixels in 0..1; ImageNet's where the record says nothing.</summary>
    public double[] Mean => Numbers("mean") ?? [0.485, 0.456, 0.406];

    /// <summary>Of each channel, for pixels in 0..1; ImageNet's where the record says nothing.</summary>
    public double[] Std => Numbers("std") ?? [0.229, 0.224, 0.225];

    /// <summary>Leading classes of the weights that the model does not have (a background class).</summary>
    public int LabelOffset => Int("label_offset") ?? 0;

    /// <summary>
    /// Names of the classes that the weights tell apart; none where those are neither ImageNet-1k's nor those of one of
    /// its larger relatives, which their number tells.
    /// </summary>
    public IReadOnlyList<string> ClassNames => NumClasses != ImageNet.Value.Length
        ? Synsets.Labels(NumClasses, "description") : Tag.Contains("in1k") ? ImageNet.Value : [];

    /// <summary>Of the weights, such as <c>apache-2.0</c>; <c>unknown</c> where the record says nothing.</summary>
    public string License => Text("license") ?? "unknown";

    /// <summary>Prefixes of the first convolutions.</summary>
    public string[] FirstConv => Texts("first_conv");

    /// <summary>Prefixes of the classifiers.</summary>
    public string[] Classifier => Texts("classifier");

    /// <summary>The hub's repository: "timm/" stands for timm/arch.tag.</summary>
    public string? HubId => Text("hf_hub_id") is { } id ? id.EndsWith('/') ? id + name : id : null;

    /// <summary>The file in the hub's repository; null for the usual names.</summary>
    public string? HubFile => Text("hf_hub_filename");

    /// <summary>Where the weights lie outside the hub; null for nowhere.</summary>
    public string? Url => Text("url") is { Length: > 0 } url ? url : null;

    /// <summary>Whether the record says where weights are.</summary>
    public bool HasWeights => HubId is not null || Url is not null || Text("file") is not null;

    /// <summary>The record of an architecture that has none: timm's defaults.</summary>
    public static Pretrained Default(string architecture) => new(architecture, new Dictionary<string, JsonElement>());

    /// <summary>The records of a family by name, in timm's order.</summary>
    public static IReadOnlyDictionary<string, Pretrained> Of(string module) => Files.GetOrAdd(module, Read);

    string? Text(string field) =>
        fields.TryGetValue(field, out var v) && v.ValueKind == JsonValueKind.String ? v.GetString() : null;

    double? Number(string field) =>
        fields.TryGetValue(field, out var v) && v.ValueKind == JsonValueKind.Number ? v.GetDouble() : null;

    int? Int(string field) => (int?)Number(field);

    double[]? Numbers(string field) => fields.TryGetValue(field, out var v) && v.ValueKind == JsonValueKind.Array
        ? [.. v.EnumerateArray().Select(e => e.GetDouble())]
        : null;

    int[]? Ints(string field) => Numbers(field) is { } list ? Array.ConvertAll(list, d => (int)d) : null;

    string[] Texts(string field) => !fields.TryGetValue(field, out var v) ? []
        : v.ValueKind == JsonValueKind.Array ? [.. v.EnumerateArray().Select(e => e.GetString()!)]
        : v.GetString() is { } one ? [one] : [];

    static IReadOnlyDictionary<string, Pretrained> Read(string module)
    {
        if (Resources.Json($"{module}.json") is not { } document)
            return new Dictionary<string, Pretrained>();
        var defaults = document.GetProperty("defaults").EnumerateObject().ToDictionary(p => p.Name, p => p.Value);
        return document.GetProperty("records").EnumerateObject().ToDictionary(record => record.Name, record =>
        {
            var fields = new Dictionary<string, JsonElement>(defaults);
            foreach (var field in record.Value.EnumerateObject())
                fields[field.Name] = field.Value;
            return new Pretrained(record.Name, fields);
        });
    }
}
