using System.Text.Json;
using OnnxTimm.Conversion;
using OnnxTimm.Tests.Models;

namespace OnnxTimm.Tests.Conversion;

/// <summary>
/// Whole files of MXNet and Flax that do not fit their network: the one message names what is wrong and nothing else,
/// and no weight moves. With the tests of unreadable files, every file of the bad set has its answer.
/// </summary>
[TestClass]
public sealed class MisfitTests
{
    static readonly Network DenseNet = new("densenet", 64, 10,
        () => Paths.Shared("golden", "convert", "mxnet", "densenet.params"));

    static readonly Network Vit = new("vit_mini", 32, 3, () => Paths.Golden("convert", "flax", "vit_mini.npz"));

    /// <summary>The file, its network, what is said behind the file's name, and what lets the rest load.</summary>
    static readonly (string File, Network Network, string Fault, LoadOptions? Allowed)[] Rows =
    [
        ("mx_model_missing.params", DenseNet,
            " does not fit the model. In the model, not in the file (1): classifier.bias.",
            new() { AllowMissing = ["classifier.b*"] }),
        ("mx_model_extra.params", DenseNet,
            " does not fit the model. In the file, not in the model (1): features.99.weight.",
            new() { AllowUnexpected = ["features.99.*"] }),
        ("mx_model_wrong_shape.params", DenseNet,
            ": tensor \"features.norm0.weight\" (\"features.1.gamma\" in the file) is [15], the model expects [16].",
            null),
        ("npz_missing.npz", Vit, " does not fit the model. In the model, not in the file (1): norm.weight.",
            new() { AllowMissing = ["norm.weight"] }),
        ("npz_wrong_shape.npz", Vit,
            ": tensor \"patch_embed.proj.bias\" (\"embedding/bias\" in the file) is [8], the model expects [16].",
            null),
    ];

    public static IEnumerable<string> Files => Rows.Select(row => row.File);

    public static IEnumerable<string> Allowing => Rows.Where(row => row.Allowed is not null).Select(row => row.File);

    public static IEnumerable<string> Refusing => Rows.Where(row => row.Allowed is null).Select(row => row.File);

    [TestMethod]
    [DynamicData(nameof(Files))]
    public void WhatDoesNotFitIsNamed(string name) => CheckRefusal(name, new());

    /// <summary>Names may be left over on either side, but a tensor of another shape is no such name.</summary>
    [TestMethod]
    [DynamicData(nameof(Refusing))]
    public void AnotherShapeIsNeverAllowed(string name) =>
        CheckRefusal(name, new() { AllowMissing = ["*"], AllowUnexpected = ["*"] });

    /// <summary>What is left is what the whole file gives, bit for bit.</summary>
    [TestMethod]
    [DynamicData(nameof(Allowing))]
    public void WithWhatIsAllowedTheRestLoads(string name)
    {
        var (path, row) = Find(name);
        using var file = Checkpoint.Open(path);
        using var whole = Checkpoint.Open(row.Network.Whole());
        var rest = StateDicts.Load(file, row.Network.Build(), row.Allowed);
        var all = StateDicts.Load(whole, row.Network.Build());
        CollectionAssert.AreEqual(all.Tensors.Keys.Except(rest.Missing).ToArray(), rest.Tensors.Keys.ToArray());
        foreach (var (tensor, content) in rest.Tensors)
            CollectionAssert.AreEqual(all.Tensors[tensor].Bytes.ToArray(), content.Bytes.ToArray(), tensor);
        Assert.AreEqual(1, rest.Missing.Count + rest.Unexpected.Count);
    }

    [TestMethod]
    public void EveryFileOfTheBadSetHasItsAnswer()
    {
        var folder = Paths.Shared("golden", "convert", "bad");
        using var cases = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "cases.json")));
        var answered = Files.Concat(MxParamsTests.Bad.Concat(FlaxTests.Bad).Select(row => (string)row[0])).ToArray();
        CollectionAssert.AreEquivalent(cases.RootElement.EnumerateObject().Select(c => c.Name).ToArray(), answered);
        CollectionAssert.AreEquivalent(Directory.GetFiles(folder).Select(Path.GetFileName)
            .Except(["README.md", "cases.json"]).ToArray(), answered);
    }

    static void CheckRefusal(string name, LoadOptions options)
    {
        var (path, row) = Find(name);
        var graph = row.Network.Build();
        var before = graph.Weights.Select(w => w.Data).ToArray();
        using var file = Checkpoint.Open(path);
        var error = Assert.ThrowsExactly<UserException>(() => StateDicts.Load(file, graph, options));
        Assert.AreEqual($"\"{path}\"{row.Fault}", error.Message);
        CollectionAssert.AreEqual(before, graph.Weights.Select(w => w.Data).ToArray());
    }

    static (string Path, (string File, Network Network, string Fault, LoadOptions? Allowed) Row) Find(string name) =>
        (Paths.Shared("golden", "convert", "bad", name), Rows.Single(row => row.File == name));

    /// <summary>A narrow network and the file that fits it.</summary>
    sealed record Network(string Name, int Side, int Classes, Func<string> Whole)
    {
        public Graph Build() => NarrowNetworks.Build(Name, [1, 3, Side, Side], Classes).Graph;
    }
}
