using System.Text.Json;
using OnnxTimm.Data;
using OnnxTimm.Infer;
using OnnxTimm.Models;

namespace OnnxTimm;

/// <summary>What a model of the zoo says about itself.</summary>
static class Cards
{
    /// <summary>What holds whatever its weights are.</summary>
    /// <param name="model">The model as built.</param>
    /// <param name="testSize">Whether images are cropped as the record has it for evaluation.</param>
    public static ModelCard Of(Model model, bool testSize = false)
    {
        var (record, input) = (model.Record, model.Graph.Inputs[0]);
        var (height, width) = model.Net.Patches is null ? (input.Height, input.Width)
            : (record.InputSize[1], record.InputSize[2]);
        return new()
        {
            Architecture = record.Architecture,
            Preprocess = new()
            {
                Channels = model.Channels,
                Height = height,
                Width = width,
                Patches = model.Net.Options.MaxSeqLen is { } most ? new(model.Facts.Patch, most) : null,
                Interpolation = Interpolations.Parse(record.Interpolation),
                CropPct = testSize ? record.TestCropPct ?? record.CropPct : record.CropPct,
                CropMode = DataConfig.ParseCropMode(record.CropMode),
                Mean = record.Mean,
                Std = record.Std,
            },
            ParamCount = model.ParamCount,
            Batch = input.Shape[0].IsFixed ? (int)input.Shape[0].Size : null,
        };
    }

    /// <summary>Adds what the record says of its own weights.</summary>
    public static ModelCard WithRecord(this ModelCard card, Pretrained record) => card with
    {
        Tag = record.Tag,
        PretrainedCfg = Json.Text(w => Write(w, record), indented: false),
    };

    /// <summary>The names of all classes from a file, as <see cref="ClassMap.Load"/> reads it.</summary>
    /// <exception cref="UserException">There is no such file, or it has another number of names.</exception>
    public static IReadOnlyList<string> Labels(string file, long classes) =>
        ClassMap.Load(file, ".").Names is var names && names.Count == classes ? names : throw new UserException(
            $"\"{file}\" has {Amount.Of(names.Count, "name")}, the model {Amount.Of(classes, "class")}.");

    static void Write(Utf8JsonWriter w, Pretrained record)
    {
        w.WriteStartObject();
        w.WriteString("architecture", record.Architecture);
        w.WriteString("tag", record.Tag);
        foreach (var (name, value) in record.Fields)
        {
            w.WritePropertyName(name);
            value.WriteTo(w);
        }
        w.WriteEndObject();
    }
}
