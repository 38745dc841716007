using OnnxTimm.Conversion;
using OnnxTimm.Data;
using OnnxTimm.Infer;
using OnnxTimm.Models;
using OnnxTimm.Onnx;

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
        OnnxFile.Write(OnnxTimm.Passes.Export.Optimize(model.Graph).Graph, file);
    }

    /// <summary>The five likeliest classes of a photograph, by a file that <c>onnxtimm export</c> wrote.</summary>
    public static IEnumerable<(string Label, float Probability)> Top5(string file, string photo)
    {
        using var session = Session.Open(file);
        var card = ModelCard.Read(session.Metadata, file)!;
        using var binding = session.Bind([1, card.Preprocess.Channels, card.Preprocess.Height, card.Preprocess.Width]);
        EvalTransform.Create(card.Preprocess).Apply(File.ReadAllBytes(photo), photo, binding.Input<float>());
        binding.Run();
        var top = Logits.Top(binding.Output<float>(), 5);
        return top.Index.Select(i => card.Labels[i]).Zip(top.Prob);
    }
}
