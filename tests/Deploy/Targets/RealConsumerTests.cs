using OnnxTimm.Deploy;
using OnnxTimm.Models;
using OnnxTimm.Passes;
using OnnxTimm.Tests.Models;
using OnnxTimm.Tests.Passes;

namespace OnnxTimm.Tests.Deploy;

/// <summary>Programs that targets name run the files that are written for them.</summary>
[TestClass]
public sealed class RealConsumerTests
{
    static readonly string[] Networks =
    [
        "resnet18", "mobilenetv2_100", "efficientnet_b0", "tf_efficientnet_lite0", "hrnet_w18_small",
        "vit_tiny_patch16_224", "convnext_atto", "repvgg_a0", "regnety_002",
    ];

    const int Side = 224;

    static readonly float[] Image = Fill.Input(1, 3, Side, Side);

    /// <summary>Two of the networks, others each day.</summary>
    [TestMethod]
    [DataRow("opencv")]
    [DataRow("ort-1.10")]
    [DataRow("ort-1.14")]
    [DataRow("ort-web")]
    public void AProgramGivesTheSameLogits(string target) => Compare(target, Asked.Sample(Networks, name => name, 2));

    /// <summary>All of them.</summary>
    [TestMethod]
    [TestCategory("all")]
    [DataRow("opencv")]
    [DataRow("ort-1.10")]
    [DataRow("ort-1.14")]
    [DataRow("ort-1.19")]
    [DataRow("ort-web")]
    public void AProgramGivesTheSameLogitsForAll(string target) => Compare(target, Networks);

    /// <summary>Files for targets of an older opset are valid.</summary>
    [TestMethod]
    [DataRow("opencv")]
    [DataRow("ort-1.10")]
    public void TheOfficialCheckerTakesThem(string name)
    {
        using var folder = new TempFolder();
        foreach (var network in Asked.Sample(Networks, n => n, 2).Union(["test_vit", "test_convnext"]))
            Consumers.Put(folder, network, Exported(network, TargetTable.Named(name)), []);
        Consumers.Check(folder["."]);
    }

    static void Compare(string name, string[] networks)
    {
        using var folder = new TempFolder();
        var target = TargetTable.Named(name);
        foreach (var network in networks)
            Consumers.Put(folder, network, Exported(network, target), Image);
        if (name == "opencv")
            Consumers.RunInOpenCv(folder["."]);
        else
            Consumers.RunInNode(folder["."], name);
        foreach (var network in networks)
            AreClose(network, Ort.Run(Exported(network, null), ("input", Image, [1, 3, Side, Side]))["logits"],
                Consumers.Got(folder, network));
    }

    static Graph Exported(string network, Target? target)
    {
        var graph = Zoo.Build(network, new()
        {
            Opset = target?.OpsetFor(null) ?? 18,
            BatchSize = target?.BatchSize,
        }).Graph;
        var result = Export.Optimize(Fill.Weights(graph, 1), target is null ? null : target.Lower).Graph;
        target?.Check(result);
        return result;
    }

    static void AreClose(string network, float[] expected, float[] got)
    {
        Assert.HasCount(expected.Length, got, network);
        var mean = expected.Average(v => (double)v);
        var deviation = Math.Sqrt(expected.Average(v => (v - mean) * (v - mean)));
        var worst = expected.Zip(got, (e, g) => Math.Abs((double)e - g)).Max();
        Assert.IsLessThan(Tolerances.Get("targets/logits"), worst / deviation, network);
    }
}
