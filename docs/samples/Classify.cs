using System.Globalization;
using OnnxTimm;
using OnnxTimm.Conversion;
using OnnxTimm.Data;
using OnnxTimm.Infer;
using OnnxTimm.Models;
using OnnxTimm.Onnx;
using OnnxTimm.Passes;

namespace Library;

/// <summary>OnnxTimm as a library: what timm.create_model and a few lines of PyTorch do.</summary>
public static class Classify
{
    /// <summary>Builds a model under its name, gives it weights, and writes it as it is deployed.</summary>
    public static void Write(string name, string weights, string file)
    {
        var model = Zoo.Build(name);
        using var checkpoint = Checkpoint.Open(weights);
        StateDicts.Load(checkpoint, model.Graph);
        var graph = Export.Optimize(model.Graph).Graph;
        foreach (var (key, value) in Card(model).ToMetadata())
            graph.Metadata[key] = value;
        OnnxFile.Write(graph, file);
    }

    /// <summary>What the file says about itself: how images are prepared, what classes are called.</summary>
    static ModelCard Card(Model model)
    {
        var (record, image) = (model.Record, model.Graph.Inputs[0]);
        return new()
        {
            Architecture = record.Architecture,
            Preprocess = new()
            {
                Channels = image.Channels,
                Height = image.Height,
                Width = image.Width,
                Interpolation = Interpolations.Parse(record.Interpolation),
                CropPct = record.CropPct,
                CropMode = DataConfig.ParseCropMode(record.CropMode),
                Mean = record.Mean,
                Std = record.Std,
            },
            Labels = record.ClassNames,
        };
    }

    /// <summary>The five likeliest classes of a photograph, by a file that says how to feed it.</summary>
    public static IEnumerable<(string Label, float Probability)> Top5(string file, string photo)
    {
        using var session = Session.Open(file);
        var card = ModelCard.Read(session.Metadata, file)
            ?? throw new UserException($"\"{file}\" does not say how images are prepared.");
        using var binding = session.Bind([1, card.Preprocess.Channels, card.Preprocess.Height, card.Preprocess.Width]);
        EvalTransform.Create(card.Preprocess).Apply(File.ReadAllBytes(photo), photo, binding.Input<float>());
        binding.Run();
        var top = Logits.Top(binding.Output<float>(), 5);
        return top.Index.Select(i => card.Labels.Count > 0 ? card.Labels[i] : i.ToString(CultureInfo.InvariantCulture))
            .Zip(top.Prob);
    }
}
