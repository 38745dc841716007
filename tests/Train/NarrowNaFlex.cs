using OnnxTimm.Models;
using OnnxTimm.Train;

namespace OnnxTimm.Tests.Train;

/// <summary>Narrow networks of NaFlexViT's kinds, which take patches.</summary>
static class NarrowNaFlex
{
    public const int Patch = 16;

    /// <param name="name">The name whose kind it is.</param>
    /// <param name="classes">Classes.</param>
    /// <param name="seqLen">Patches of an image; null for any number.</param>
    /// <param name="side">Pixels of a patch's side.</param>
    public static Graph Of(string name, int classes, int? seqLen, int side = Patch)
    {
        var graph = new Graph(name);
        var net = new Net(new() { NumClasses = classes, MaxSeqLen = seqLen ?? 576, PatchSize = side },
            Pretrained.Default(name))
        {
            Patches = PatchInput.Of(graph, Dim.Batch, seqLen ?? new Dim(1, "L"), side * side * 3),
        };
        var family = NaFlexVit.Family;
        var narrow = family[name] with { Size = new(32, 2, 2, 64), Heads = 2, Hidden = 64 };
        graph.Output("logits", family.Build(narrow, net, graph.Root, net.Patches.Patches));
        return graph;
    }

    /// <summary>One that is trained on patches of any number and size.</summary>
    public static Trainee Trainee(int classes, string name = "naflexvit_base_patch16_gap") =>
        new(name, Of(name, classes, null))
        {
            ImageSize = 32,
            Resized = shape => Of(name, classes, shape.Patches!.MaxSeqLen, shape.Patches.Side),
        };
}
