using OnnxTimm.Models;

namespace OnnxTimm.Tests.Models;

/// <summary>How a network of MLPs begins (timm's _init_weights), what it drops, what it pools.</summary>
[TestClass]
public sealed class MlpMixerTests
{
    /// <summary>Glorot's limit, sqrt(6 / (in + out)): also of half a gated layer, which begins as a whole.</summary>
    [TestMethod]
    [DataRow("mixer_s16_224", "blocks.0.mlp_tokens.fc1.weight", 196 + 256)]
    [DataRow("resmlp_12_224", "blocks.0.linear_tokens.weight", 196 + 196)]
    [DataRow("gmixer_12_224", "blocks.0.mlp_channels.fc1.weight", 384 + 1536)]
    public void ALinearLayerBeginsUniform(string model, string name, int fans) =>
        Assert.IsInRange(0.99 * Math.Sqrt(6.0 / fans), Math.Sqrt(6.0 / fans), Weight(model, name).Max(Math.Abs));

    [TestMethod]
    [DataRow("mixer_s16_224", "head.weight", 0f)]
    [DataRow("mixer_s16_224", "stem.proj.bias", 0f)]
    [DataRow("resmlp_24_224", "blocks.3.ls2", 1e-5f)]
    [DataRow("resmlp_12_224", "blocks.0.linear_tokens.bias", 0f)]
    [DataRow("gmlp_ti16_224", "blocks.0.mlp_channels.gate.proj.bias", 1f)]
    public void SomeBeginAsANumber(string model, string name, float value) =>
        Assert.IsTrue(Weight(model, name).All(w => w == value));

    [TestMethod]
    [DataRow("mixer_s16_224", "stem.proj.weight", 768)]
    public void AConvolutionBeginsByItsFanIn(string model, string name, int fanIn) =>
        Assert.AreEqual(1 / Math.Sqrt(fanIn), Deviation(Weight(model, name)), 0.01 / Math.Sqrt(fanIn));

    [TestMethod]
    public void TheGateOfGluBeginsOpen()
    {
        var (weight, bias) = (Weight("gmixer_12_224", "blocks.0.mlp_tokens.fc1.weight"),
            Weight("gmixer_12_224", "blocks.0.mlp_tokens.fc1.bias"));
        Assert.AreEqual(1e-6, Deviation(weight[(weight.Length / 2)..]), 1e-7);
        Assert.IsTrue(bias[(bias.Length / 2)..].All(b => b == 1) && bias[..(bias.Length / 2)].All(b =>
            Math.Abs(b) < 1e-5));
    }

    [TestMethod]
    public void AllBlocksAreDroppedAlike()
    {
        var nodes = Zoo.Build("mixer_s32_224", new()
        {
            DropPathRate = 0.2,
            ProjDropRate = 0.1,
            DropRate = 0.3
        }).Graph.Nodes;
        var paths = nodes.Where(n => n.Op == "DropPath").Select(n => n.Float("ratio")).ToArray();
        CollectionAssert.AreEqual(Enumerable.Repeat(0.2f, 2 * 8).ToArray(), paths);
        Assert.AreEqual(4 * 8 + 1, nodes.Count(n => n.Op == "Dropout"));
    }

    [TestMethod]
    public void WithoutAPoolEachTokenIsClassified() => Assert.AreEqual(new Shape(Dim.Batch, 49, 10),
        Zoo.Build("mixer_s32_224", new() { GlobalPool = "", NumClasses = 10 }).Graph.Outputs.Single().Shape);

    [TestMethod]
    public void ThereIsNoOtherPool()
    {
        var error = Assert.ThrowsExactly<UserException>(() => Zoo.Build("mixer_s32_224", new() { GlobalPool = "max" }));
        StringAssert.Contains(error.Message, "No global pool \"max\"");
    }

    static float[] Weight(string model, string name) => Zoo.Build(model).Graph.Find(name)!.Data!.ToFloats();

    static double Deviation(float[] values) => Math.Sqrt(values.Average(v => (double)v * v));
}
