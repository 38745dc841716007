using System.Text;
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

    public static void Write(string path, ArtifactSet set, ArtifactFiles files)
    {
        var images = set.Training.Inputs[0].Shape;
        var text = Json.Object(
        [
            ("made_by", OnnxFile.Producer),
            ("files", new Dictionary<string, string>
            {
                ["train"] = files.Train,
                ["eval"] = files.Eval,
                ["optimizer"] = files.Optimizer,
                ["checkpoint"] = files.Checkpoint,
            }),
            ("batch", images[0].IsFixed ? images[0].Size : AnyBatch),
            ("logits", set.LogitsName),
            ("inputs", set.UserInputs.Select(input => Input(set, input))),
        ]);
        WriteBeside.Write(path, Encoding.UTF8.GetBytes(text));
    }

    static Dictionary<string, object?> Input(ArtifactSet set, Value input)
    {
        Dictionary<string, object?> fields = new()
        {
            ["name"] = input.Name,
            ["type"] = input.Type.ToString().ToLowerInvariant(),
            ["shape"] = input.Shape.Select(d => d.IsFixed ? (object)d.Size : d.ToString()),
        };
        if (input.Name == set.Loss.Input && set.Loss.Type == DType.Int64)
            fields["classes"] = set.Classes;
        else if (input.Name == set.Loss.Input)
            fields["fill"] = "distribution";
        if (set.Masks.FirstOrDefault(m => m.Input == input.Name) is { } mask)
            (fields["fill"], fields[mask.Law.Name]) = ("ones", mask.Law.Value);
        return fields;
    }
}
