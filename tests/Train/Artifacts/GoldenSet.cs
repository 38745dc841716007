using OnnxTimm.Onnx;
using OnnxTimm.Train.Artifacts;

namespace OnnxTimm.Tests.Train.Artifacts;

/// <summary>Sets of the golden network, as the library was asked for them.</summary>
static class GoldenSet
{
    public static ArtifactOptions AdamW { get; } = new()
    {
        AdamW = new((0.9, 0.999), Epsilon: 1e-6, Mode: 1),
        BiasedVariance = true,
        OutputLogits = true,
    };

    public static ArtifactOptions Sgd { get; } = new() { AdamW = null, BiasedVariance = true, ClipGrad = 0.5 };

    public static ArtifactSet Of(ArtifactOptions options) =>
        ArtifactSet.Of(ForeignModel.Adopt(OnnxFile.Read(Paths.Golden("onnx", "convnet", "forward.onnx"))), options);

    public static Graph Library(string file) => OnnxFile.Read(Paths.Golden("onnx", "convnet", file));
}
