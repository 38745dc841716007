using OnnxTimm.Models;
using OnnxTimm.Train;

namespace OnnxTimm.Tests.Train;

static class Trainees
{
    /// <summary>A model of the zoo as the trainer sees it.</summary>
    public static Trainee Of(Model model) => new(model.Record.Architecture, model.Graph)
    {
        NoWeightDecay = [.. model.NoWeightDecay],
        Stem = model.Facts.Groups.Stem,
        Blocks = model.Facts.Groups.Blocks,
        Head = model.ClassifierParams,
    };
}
