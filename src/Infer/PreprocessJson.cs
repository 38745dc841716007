using System.Text.Json;
using OnnxTimm.Data;

namespace OnnxTimm.Infer;

/// <summary>
/// The JSON of <c>onnxtimm.preprocess</c>: a recipe from an image file to the input, for any program.
/// </summary>
static class PreprocessJson
{
    public static string Write(DataConfig c, DType type, bool isEmbedded) => Json.Text(w =>
    {
        w.WriteStartObject();
        // Pillow's conventions: no rotation by EXIF, no colour management.
        w.WriteString("decode", "pillow");
        w.WriteString("mode", c.Channels == 1 ? "L" : "RGB");
        w.WriteString("interpolation", c.Interpolation.ToString().ToLowerInvariant());
        Numbers(w, "size", [c.Height, c.Width]);
        w.WriteNumber("crop_pct", c.CropPct);
        w.WriteString("crop_mode", c.CropMode.ToString().ToLowerInvariant());
        w.WriteNumber("crop_border_pixels", c.CropBorderPixels);
        Numbers(w, "mean", c.Mean);
        Numbers(w, "std", c.Std);
        w.WriteNumber("channels", c.Channels);
        w.WriteString("layout", isEmbedded ? "NHWC" : c.Patches is null ? "NCHW" : "NLC");
        w.WriteString("dtype", (isEmbedded ? DType.UInt8 : type).ToString().ToLowerInvariant());
        if (c.Patches is { } patches)
        {
            w.WriteStartObject("patches");
            w.WriteNumber("size", patches.Side);
            w.WriteNumber("max_seq_len", patches.MaxSeqLen);
            w.WriteString("order", "row, column, channel");
            w.WriteEndObject();
        }
        // What of this is in the graph: all or nothing.
        w.WriteString("embedded", isEmbedded ? "full" : "none");
        w.WriteEndObject();
    }, indented: false);

    public static DataConfig Read(string json)
    {
        var o = JsonDocument.Parse(json).RootElement;
        return new()
        {
            Channels = o.GetProperty("channels").GetInt32(),
            Height = o.GetProperty("size")[0].GetInt32(),
            Width = o.GetProperty("size")[1].GetInt32(),
            Interpolation = Interpolations.Parse(o.GetProperty("interpolation").GetString()!),
            CropPct = o.GetProperty("crop_pct").GetDouble(),
            CropMode = DataConfig.ParseCropMode(o.GetProperty("crop_mode").GetString()),
            CropBorderPixels = o.GetProperty("crop_border_pixels").GetInt32(),
            Mean = Numbers(o, "mean"),
            Std = Numbers(o, "std"),
            Patches = o.TryGetProperty("patches", out var patches)
                ? new(patches.GetProperty("size").GetInt32(), patches.GetProperty("max_seq_len").GetInt32()) : null,
        };
    }

    public static string Array(IEnumerable<string> texts) => Json.Text(w =>
    {
        w.WriteStartArray();
        foreach (var text in texts)
            w.WriteStringValue(text);
        w.WriteEndArray();
    }, indented: false);

    static void Numbers(Utf8JsonWriter w, string name, IEnumerable<double> values)
    {
        w.WriteStartArray(name);
        foreach (var value in values)
            w.WriteNumberValue(value);
        w.WriteEndArray();
    }

    static double[] Numbers(JsonElement o, string name) =>
        [.. o.GetProperty(name).EnumerateArray().Select(e => e.GetDouble())];
}
