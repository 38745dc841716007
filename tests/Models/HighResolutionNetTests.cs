using OnnxTimm.Models;
using OnnxTimm.Onnx;

namespace OnnxTimm.Tests.Models;

/// <summary>How an HRNet begins, what its features need, and which images it takes.</summary>
[TestClass]
public sealed class HighResolutionNetTests
{
    /// <summary>timm's init_weights sets all norms to one; the last of a ResNet's residual begins at zero.</summary>
    [TestMethod]
    [DataRow("hrnet_w18_small", "layer1.0.bn3.weight", 1f)]
    [DataRow("hrnet_w18_small", "stage4.0.branches.3.1.bn2.weight", 1f)]
    [DataRow("resnet18", "layer1.0.bn2.weight", 0f)]
    public void ResidualsCountFromTheBeginning(string model, string name, float value) =>
        Assert.IsTrue(Zoo.Build(model).Graph.Find(name)!.Data!.ToFloats().All(v => v == value));

    [TestMethod]
    public void FeaturesLeaveTheHeadOut()
    {
        var graph = Zoo.Build("hrnet_w18_small", new() { FeaturesOnly = true }).Graph;
        var names = graph.Weights.Select(w => w.Name).ToArray();
        Assert.IsTrue(names.Any(name => name.StartsWith("incre_modules.3.", StringComparison.Ordinal)));
        Assert.IsFalse(names.Any(name => name.Split('.')[0] is "downsamp_modules" or "final_layer" or "classifier"));
    }

    /// <summary>A side counts in fours, rounded up.</summary>
    [TestMethod]
    [DataRow(64, 93, true)]
    [DataRow(64, 97, false)]
    [DataRow(100, 64, false)]
    public void BranchesMeetWhereSidesAreWhole(int height, int width, bool isWhole)
    {
        ModelOptions options = new() { ImgSize = (height, width) };
        if (isWhole)
            Ort.Load(OnnxFile.ToBytes(Zoo.Build("hrnet_w18_small", options).Graph, weightsAsInputs: true));
        else
            Assert.Contains($"multiples of 32, not {height}x{width}",
                Assert.ThrowsExactly<UserException>(() => Zoo.Build("hrnet_w18_small", options)).Message);
    }
}
