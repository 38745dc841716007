using OnnxTimm.Conversion;
using OnnxTimm.Models;

namespace OnnxTimm.Tests.Conversion;

[TestClass]
public sealed class RenameTests
{
    [TestMethod]
    [DataRow("_conv_stem.weight", "conv_stem.weight")]
    [DataRow("_bn0.running_var", "bn1.running_var")]
    [DataRow("_blocks.0._depthwise_conv.weight", "blocks.0.0.conv_dw.weight")]
    [DataRow("_blocks.0._bn1.bias", "blocks.0.0.bn1.bias")]
    [DataRow("_blocks.0._project_conv.weight", "blocks.0.0.conv_pw.weight")]
    [DataRow("_blocks.0._bn2.weight", "blocks.0.0.bn2.weight")]
    [DataRow("_blocks.1._expand_conv.weight", "blocks.1.0.conv_pw.weight")]
    [DataRow("_blocks.10._bn0.weight", "blocks.4.2.bn1.weight")]
    [DataRow("_blocks.15._bn2.running_mean", "blocks.6.0.bn3.running_mean")]
    [DataRow("_conv_head.weight", "conv_head.weight")]
    [DataRow("_bn1.weight", "bn2.weight")]
    [DataRow("_fc.bias", "classifier.bias")]
    public void Lite0NamesBecomeTimms(string from, string to) =>
        Assert.AreEqual(to, Names(File(from, "_blocks.15._project_conv.weight"))[0]);

    [TestMethod]
    public void CifarNamesBecomeOurs() => CollectionAssert.AreEqual(
        new[] { "layer3.0.conv1.weight", "fc.weight" },
        Names(File("layer3.0.conv1.weight", "linear.weight")));

    [TestMethod]
    [DataRow("features.denseblock1.denselayer1.norm.1.weight", "features.denseblock1.denselayer1.norm1.weight")]
    [DataRow("features.denseblock4.denselayer16.conv.2.weight", "features.denseblock4.denselayer16.conv2.weight")]
    [DataRow("features.transition1.norm.weight", "features.transition1.norm.weight")]
    public void DenseNetNamesOfTorchvisionBecomeTimms(string from, string to) => Assert.AreEqual(to,
        Names(File([.. new[] { from, "features.denseblock1.denselayer1.norm.1.weight" }.Distinct()]))[0]);

    /// <summary>Two parts of one kind cannot be joined; the message comes before the joining.</summary>
    [TestMethod]
    public void TwoTensorsUnderOneNameAreNamed()
    {
        const string query = "Transformer/encoderblock_0/MultiHeadDotProductAttention_{0}/query/bias";
        using var file = File("embedding/kernel", string.Format(null, query, 1), string.Format(null, query, 2));
        var error = Assert.ThrowsExactly<UserException>(() => RenameTables.Apply(file, []));
        StringAssert.Contains(error.Message, "has \"blocks.0.attn.query.bias\" twice");
    }

    [TestMethod]
    public void TimmsNamesNeedNoTable()
    {
        string[] names = ["layer3.0.conv1.weight", "layer4.0.conv1.weight", "fc.weight", "linear.weight"];
        Assert.AreSame(RenameTable.Timm, RenameTables.For(names, []));
        CollectionAssert.AreEqual(names, Names(File(names)));
    }

    /// <summary>
    /// Both code bases hold the same tensors in the same order, so each must get the name that timm has there.
    /// </summary>
    [TestMethod]
    public void Lite0LoadsAsTimms()
    {
        var model = Structure("tf_efficientnet_lite0");
        using var file = Checkpoint.Open(Paths.Shared("weights", "imagenet", "efficientnet-lite0-57934424.pth"));
        CollectionAssert.AreEqual(model.Select(t => t.Name).ToArray(), Names(file));
        var result = StateDicts.Load(file, model);
        Assert.IsEmpty(result.Unexpected);
        Assert.HasCount(model.Length, result.Tensors);
    }

    [TestMethod]
    [DataRow("resnet20-12fca82f.th", 3)]
    [DataRow("resnet32-d509ac18.th", 5)]
    public void CifarNetsHaveTheNamesOfTheirLayers(string name, int depth)
    {
        using var file = Checkpoint.Open(Paths.Shared("weights", "cifar10", name));
        string[] expected =
        [
            "conv1.weight", .. Norm("bn1"),
            .. from layer in Enumerable.Range(1, 3)
               from block in Enumerable.Range(0, depth)
               from part in Enumerable.Range(1, 2)
               let prefix = $"layer{layer}.{block}"
               from tensor in Norm($"{prefix}.bn{part}").Prepend($"{prefix}.conv{part}.weight")
               select tensor,
            "fc.weight", "fc.bias",
        ];
        CollectionAssert.AreEqual(expected, Names(file));
        Assert.IsTrue(file.Metadata.ContainsKey("best_prec1"));
    }

    [TestMethod]
    [DataRow("tf_efficientnet_lite0", "imagenet/efficientnet-lite0-57934424.pth")]
    [DataRow("cifar_resnet20", "cifar10/resnet20-12fca82f.th")]
    [DataRow("cifar_resnet32", "cifar10/resnet32-d509ac18.th")]
    public void RealFilesFillTheirModels(string model, string name)
    {
        using var file = Checkpoint.Open(Paths.Shared("weights", name));
        var graph = Zoo.Build(model).Graph;
        var result = StateDicts.Load(file, graph);
        Assert.IsEmpty(result.Missing);
        Assert.IsEmpty(result.Unexpected);
        var renamed = RenameTables.Apply(file, []).Entries.ToDictionary(entry => entry.Name, entry => entry.Tensor);
        foreach (var weight in graph.Weights)
            CollectionAssert.AreEqual(renamed[weight.Name].ToFloats(), weight.Data!.ToFloats(), weight.Name);
    }

    static string[] Names(StateDict file) => [.. RenameTables.Apply(file, []).Entries.Select(entry => entry.Name)];

    static string[] Norm(string prefix) =>
        [$"{prefix}.weight", $"{prefix}.bias", $"{prefix}.running_mean", $"{prefix}.running_var"];

    static (string Name, long[] Shape)[] Structure(string model) =>
    [
        .. GoldenZoo.Shared("zoo", "structure.jsonl.gz")[model].GetProperty("tensors").EnumerateArray()
            .Select(t => (t[0].GetString()!, t[1].EnumerateArray().Select(d => d.GetInt64()).ToArray())),
    ];

    static StateDict File(params string[] names)
    {
        var file = new StateDict("memory.pth");
        foreach (var name in names)
            file[name] = Tensor.Scalar(0f);
        return file;
    }
}
