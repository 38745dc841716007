using OnnxTimm.Models;

namespace OnnxTimm.Tests.Models;

[TestClass]
public sealed class BlockStringTests
{
    [TestMethod]
    public void ATokenIsAFact()
    {
        var spec = BlockString.Parse("ir_r4_k3.5.7_a1.1_p1.1_s2_e2.5_c120_se0.25_gs8_cc4_noskip");
        Assert.AreEqual(("ir", 4, 2, 2.5, 120), (spec.Type, spec.Repeats, spec.Stride, spec.Expand, spec.Channels));
        Assert.AreEqual((0.25, (int?)8, 4, (bool?)false), (spec.Squeeze, spec.GroupSize, spec.Experts, spec.Skip));
        CollectionAssert.AreEqual(new[] { 3, 5, 7 }, spec.Kernel);
        CollectionAssert.AreEqual(new[] { 1, 1 }, spec.Start);
        CollectionAssert.AreEqual(new[] { 1, 1 }, spec.End);
    }

    [TestMethod]
    public void AnUnknownTokenThrows() =>
        Assert.ThrowsExactly<InvalidOperationException>(() => BlockString.Parse("ir_r1_k3_q7"));

    /// <summary>timm deals a stage's blocks to its definitions from the last to the first, rounding to even.</summary>
    [TestMethod]
    [DataRow("ir_r1_k3_s2_c8 ir_r3_k5_s1_c8", 5, 1, 4)]
    [DataRow("ir_r1_k3_s2_c8 ir_r2_k5_s1_c8", 4, 1, 3)]
    [DataRow("ir_r1_k3_s2_c8 ir_r1_k5_s1_c8", 5, 3, 2)]
    [DataRow("ir_r1_k3_s2_c8 ir_r1_k5_s1_c8", 1, 1, 1)]
    public void AStageIsDealtFromItsEnd(string stage, int blocks, int first, int second)
    {
        var specs = BlockString.Stages([stage], (_, _, _) => blocks, c => (int)c)[0];
        Assert.AreEqual((first, second), (specs.Count(s => s.Kernel[0] == 3), specs.Count(s => s.Kernel[0] == 5)));
        CollectionAssert.AreEqual(new[] { 2 }, specs.Select(s => s.Stride).Take(1).ToArray());
        Assert.IsTrue(specs.Skip(1).All(s => s.Stride == 1));
    }

    /// <summary>From the block that folds pixels into channels to the next stride, channels count four times.</summary>
    [TestMethod]
    public void SpaceToDepthSparesTheNextStride()
    {
        string[] stages = ["ds_r2_k3_s1_c16_se0.25_d1", "er_r2_k3_s2_e6_c24", "ir_r1_k3_s2_e6_c40"];
        var specs = BlockString.Stages(stages, (n, _, _) => n, c => (int)c).SelectMany(s => s).ToArray();
        CollectionAssert.AreEqual(new[] { 64, 64, 24, 24, 40 }, specs.Select(s => s.Channels).ToArray());
        CollectionAssert.AreEqual(new[] { 2, 1, 1, 1, 2 }, specs.Select(s => s.Stride).ToArray());
        CollectionAssert.AreEqual(new[] { 1, 1, 1.5, 6, 6 }, specs.Select(s => s.Expand).ToArray());
        CollectionAssert.AreEqual(new[] { 0.0625, 0.25, 0, 0, 0 }, specs.Select(s => s.Squeeze).ToArray());
        Assert.AreEqual(0, Array.FindLastIndex(specs, s => s.SpaceToDepth));
    }
}
