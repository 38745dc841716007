using OnnxTimm.Models;

namespace OnnxTimm.Tests.Models;

/// <summary>Transformers over the map of a backbone.</summary>
[TestClass]
public sealed class VisionTransformerHybridTests
{
    /// <summary>A backbone rounds up where it halves: 240 pixels are 8 at a thirty-second.</summary>
    [TestMethod]
    [DataRow("vit_small_r26_s32_224", 240, 240, 8, 8)]
    [DataRow("vit_small_r26_s32_224", 192, 256, 6, 8)]
    [DataRow("vit_tiny_r_s16_p8_224", 96, 64, 3, 2)]
    [DataRow("vit_small_resnet50d_s16_224", 232, 232, 15, 15)]
    public void TheGridIsTheBackbones(string name, int height, int width, int rows, int columns)
    {
        var model = Zoo.Build(name, new() { ImgSize = (height, width), FeaturesOnly = true });
        Assert.AreEqual((rows, columns), (model.Graph.Outputs[0].Height, model.Graph.Outputs[0].Width));
        Assert.AreEqual(new Fit.Grid(rows, columns, Prefix: 1), model.Net.Fits["pos_embed"]);
    }

    /// <summary>A bottleneck begins as the identity: timm's init_weights zeroes its last norm.</summary>
    [TestMethod]
    [DataRow("vit_small_r26_s32_224", "patch_embed.backbone.stages.1.blocks.0.norm3.weight")]
    [DataRow("vit_small_resnet26d_224", "patch_embed.backbone.layer2.0.bn3.weight")]
    public void TheLastNormBeginsAtZero(string model, string name) =>
        Assert.IsTrue(Zoo.Build(model).Graph.Find(name)!.Data!.ToFloats().All(w => w == 0));

    [TestMethod]
    public void NothingIsDroppedInTheBackbone()
    {
        var graph = Zoo.Build("vit_small_r26_s32_224", new() { DropPathRate = 0.1, DropRate = 0.1 }).Graph;
        Assert.AreEqual(2 * 11, graph.Nodes.Count(n => n.Op == "DropPath"));
    }
}
