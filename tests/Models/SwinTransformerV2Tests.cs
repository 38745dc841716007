using OnnxTimm.Models;
using OnnxTimm.Passes;
using OnnxTimm.Train;

namespace OnnxTimm.Tests.Models;

/// <summary>Windows of an image, and what a windowed transformer's files and training graphs hold.</summary>
[TestClass]
public sealed class SwinTransformerV2Tests
{
    /// <summary>
    /// Shifted windows are in the first two stages, and windows of 12 and of 6: two masks, two indices. A mask of 16
    /// windows of 144 pixels is 1.33 MB.
    /// </summary>
    [TestMethod]
    public void ATrainingGraphHoldsOfEachConstantOne()
    {
        var step = StepGraph.Gradients(Zoo.Build("swinv2_base_window12_192").Graph).Graph;
        var constants = Fused.Expand(step).Stored.Where(v => v.Role == Role.Constant).ToArray();
        Assert.IsLessThanOrEqualTo(1.4e6, constants.Max(v => v.Data!.ByteCount));
        Assert.IsLessThanOrEqualTo(4e6, constants.Sum(v => v.Data!.ByteCount));
        Assert.AreEqual(2, constants.Count(v => v.Data!.Shape is [_, 1, 144, 144]));
        Assert.AreEqual(1, constants.Count(v => v.Data!.Shape is [144, 144]));
        Assert.AreEqual(1, constants.Count(v => v.Data!.Shape is [36, 36]));
    }

    /// <summary>A bias for each pair of 576 pixels would double the file: the tables stay, with one index.</summary>
    [TestMethod]
    public void AFileIsHardlyLargerThanItsParameters()
    {
        var model = Zoo.Build("swinv2_large_window12to24_192to384");
        var file = MergeEqual.Apply(FoldConstants.Apply(StripTraining.Apply(model.Graph), weights: true));
        Assert.IsLessThanOrEqualTo(1.1 * 4 * model.ParamCount, file.Stored.Sum(v => v.Data!.ByteCount));
        Assert.IsFalse(file.Weights.Any(w => w.Name.Contains("cpb_mlp")));
        Assert.AreEqual(1, file.Stored.Count(v => v.Data!.Shape is [576, 576]));
    }

    /// <summary>Of small windows the biases are constants.</summary>
    [TestMethod]
    public void SmallWindowsAreReadAhead()
    {
        var file = FoldConstants.Apply(StripTraining.Apply(Zoo.Build("swinv2_small_window8_256").Graph), weights: true);
        Assert.IsFalse(file.Nodes.Any(n => n.Op == "Gather"));
    }

    /// <summary>
    /// Maps of 72 x 40, 36 x 20, 18 x 10 and 9 x 5 pixels in windows of 8: filled up, and none larger than the map.
    /// </summary>
    [TestMethod]
    public void WindowsFollowTheImage()
    {
        var model = Zoo.Build("swinv2_tiny_window8_256", new() { ImgSize = (288, 160) });
        (long, long)[] maps = [.. model.Net.Taps.Select(tap => (tap.Map.Shape[2].Size, tap.Map.Shape[3].Size))];
        CollectionAssert.AreEqual(new[] { (72L, 40L), (36, 20), (18, 10), (9, 5) }, maps);
        var masks = model.Graph.Stored.Where(v => v.Data!.Shape is [_, 1, _, _] && !v.IsWeight)
            .Select(v => (v.Data!.Shape[0], v.Data!.Shape[2]));
        CollectionAssert.AreEqual(new[] { (45L, 64L), (15, 64), (6, 64), (2, 40) }, masks.ToArray());
    }

    [TestMethod]
    public void AnImageOfAnOddNumberOfPatchesRuns()
    {
        var model = Zoo.Build("swinv2_tiny_window8_256", new() { ImgSize = (148, 148), NumClasses = 3 });
        var image = Fill.Input(1, 3, 148, 148);
        Assert.HasCount(3, Ort.Run(Fill.Weights(model.Graph, 1), ("input", image, [1, 3, 148, 148]))["logits"]);
    }
}
