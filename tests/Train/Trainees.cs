using OnnxTimm.Models;
using OnnxTimm.Train;

namespace OnnxTimm.Tests.Train;

static class Trainees
{
    /// <summary>A model of the zoo as the trainer sees it.</summary>
    public static Trainee Of(Model model) => new(model.Record.Architecture, model.Graph)
    {
        NoWeightDecay = model.Family.NoWeightDecay(model.Record.Architecture),
        Stem = model.Family.Groups.Stem,
        Blocks = model.Family.Groups.Blocks,
    };
}
