using OnnxTimm.Models;

namespace OnnxTimm.Tests.Models;

/// <summary>The deviation of initial weights is that of timm's init_weights.</summary>
[TestClass]
public sealed class InitTests
{
    /// <summary>
    /// He's normal by fan-in (DenseNet) or fan-out, Glorot's uniform, LeCun's normal, or a deviation that the code base
    /// names; Hiera divides by the depth.
    /// </summary>
    [TestMethod]
    [DataRow("densenet121", "features.denseblock4.denselayer1.conv1.weight", 2.0 / 512)]
    [DataRow("densenet121", "classifier.bias", 0.0)]
    [DataRow("inception_v3", "Mixed_6e.branch7x7_2.conv.weight", 0.01)]
    [DataRow("inception_v3", "fc.weight", 0.01)]
    [DataRow("resnest14d", "layer4.0.conv2.conv.weight", 2.0 / (9 * 1024))]
    [DataRow("resnest14d", "layer4.0.bn3.weight", 0.0)]
    [DataRow("hiera_small_abswin_256", "patch_embed.proj.weight", 1.0 / (3 * 49))]
    [DataRow("hiera_small_abswin_256", "blocks.5.attn.qkv.weight", 2.0 / (384 + 3 * 384))]
    [DataRow("hiera_small_abswin_256", "blocks.5.attn.proj.weight", 2.0 / (384 + 384) / (2 * 6))]
    [DataRow("hiera_small_abswin_256", "blocks.5.attn.proj.bias", 0.0)]
    [DataRow("hrnet_w18_small", "downsamp_modules.2.0.weight", 2.0 / (9 * 1024))]
    public void WeightsBeginAsInTimm(string model, string name, double variance)
    {
        var values = Zoo.Build(model).Graph.Find(name)!.Data!.ToFloats();
        Assert.AreEqual(variance, values.Average(v => (double)v * v), 0.03 * variance);
    }
}
