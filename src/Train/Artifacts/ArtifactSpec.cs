using System.Text.Json;
using OnnxTimm.Onnx;

namespace OnnxTimm.Train.Artifacts;

/// <summary>
/// <c>reference.json</c>: what a program needs to know to feed a set. Inputs stand in the order of TrainStep; those
/// with a ratio are masks, which EvalStep does not take.
/// </summary>
static class ArtifactSpec
{
    /// <summary>A size to begin with where the models take any.</summary>
    const int AnyBatch = 8;

    static readonly JsonWriterOptions Indented = new() { Indented = true };

    public static void Write(string path, ArtifactSet set, ArtifactFiles files) => WriteBeside.Write(path, stream =>
    {
        using var w = new Utf8JsonWriter(stream, Indented);
        w.WriteStartObject();
        w.WriteString("made_by", OnnxFile.Producer);
        Files(w, files);
        var images = set.Training.Inputs[0].Shape;
        w.WriteNumber("batch", images[0].IsFixed ? images[0].Size : AnyBatch);
        w.WriteString("logits", set.LogitsName);
        w.WriteStartArray("inputs");
        foreach (var input in set.UserInputs)
            Input(w, set, input);
        w.WriteEndArray();
        w.WriteEndObject();
    });

    static void Files(Utf8JsonWriter w, ArtifactFiles files)
    {
        w.WriteStartObject("files");
        w.WriteString("train", files.Train);
        w.WriteString("eval", files.Eval);
        w.WriteString("optimizer", files.Optimizer);
        w.WriteString("checkpoint", files.Checkpoint);
        w.WriteEndObject();
    }

    static void Input(Utf8JsonWriter w, ArtifactSet set, Value input)
    {
        w.WriteStartObject();
        w.WriteString("name", input.Name);
        w.WriteString("type", input.Type.ToString().ToLowerInvariant());
        w.WriteStartArray("shape");
        foreach (var d in input.Shape)
            if (d.IsFixed)
                w.WriteNumberValue(d.Size);
            else
                w.WriteStringValue(d.ToString());
        w.WriteEndArray();
        if (input.Name == set.Loss.Input && set.Loss.Type == DType.Int64)
            w.WriteNumber("classes", set.Classes);
        else if (input.Name == set.Loss.Input)
            w.WriteString("fill", "distribution");
        if (set.Masks.FirstOrDefault(m => m.Input == input.Name) is { } mask)
        {
            w.WriteString("fill", "ones");
            w.WriteNumber("ratio", mask.Ratio);
        }
        w.WriteEndObject();
    }
}
