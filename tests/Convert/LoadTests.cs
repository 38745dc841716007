using OnnxTimm.Conversion;

namespace OnnxTimm.Tests.Conversion;

[TestClass]
public sealed class LoadTests
{
    [TestMethod]
    public void MatchingNamesLoad()
    {
        using var file = File(("conv1.weight", [4, 3, 1, 1]), ("bn1.num_batches_tracked", []), ("fc.weight", [10, 4]));
        var result = StateDicts.Load(file, [("fc.weight", [10, 4]), ("conv1.weight", [4, 3, 1, 1])]);
        Assert.AreSame(file["fc.weight"], result.Tensors["fc.weight"]);
        Assert.IsEmpty(result.Missing);
        Assert.IsEmpty(result.Unexpected);
    }

    [TestMethod]
    public void NamesOfEitherSideAreReportedSorted()
    {
        using var file = File(("z", [1]), ("b", [1]), ("same", [1]));
        var error = Assert.ThrowsExactly<UserException>(
            () => StateDicts.Load(file, [("same", [1]), ("y", [1]), ("a", [1])]));
        StringAssert.Contains(error.Message, "In the model, not in the file (2): a, y.");
        StringAssert.Contains(error.Message, "In the file, not in the model (2): b, z.");
        StringAssert.Contains(error.Message, "memory.pth");
    }

    [TestMethod]
    public void AllowedNamesMayDiffer()
    {
        using var file = File(("head_dist.weight", [1]), ("same", [1]));
        var result = StateDicts.Load(
            file, [("same", [1]), ("fc.bias", [1])], new LoadOptions
            {
                AllowUnexpected = ["head_dist.*"],
                AllowMissing = ["fc.bias"]
            });
        CollectionAssert.AreEqual(new[] { "fc.bias" }, result.Missing.ToArray());
        CollectionAssert.AreEqual(new[] { "head_dist.weight" }, result.Unexpected.ToArray());
        Assert.IsFalse(result.Tensors.ContainsKey("fc.bias"));
    }

    [TestMethod]
    public void AnotherShapeIsNamed()
    {
        using var file = File(("conv1.weight", [4, 3, 1, 1]));
        var error = Assert.ThrowsExactly<UserException>(() => StateDicts.Load(file, [("conv1.weight", [8, 3, 1, 1])]));
        StringAssert.Contains(error.Message, "\"conv1.weight\" is [4, 3, 1, 1], the model expects [8, 3, 1, 1]");
    }

    [TestMethod]
    public void AnotherNumberOfClassesHasItsHint()
    {
        using var file = File(("fc.weight", [10, 4]));
        var error = Assert.ThrowsExactly<UserException>(() => StateDicts.Load(
            file, [("fc.weight", [1000, 4])], new LoadOptions { Classifier = ["fc"] }));
        StringAssert.Contains(error.Message, "--num-classes 10");
    }

    /// <summary>A file may hold anything under the classifier's name.</summary>
    [TestMethod]
    public void AClassifierWithoutAxesIsLeftOut()
    {
        using var file = File(("fc.weight", []));
        var result = StateDicts.Load(
            file, [("fc.weight", [7, 4])], new LoadOptions { Classifier = ["fc"], AdaptsClassifier = true, Classes = 7 });
        CollectionAssert.AreEqual(new[] { "fc.weight" }, result.Missing.ToArray());
    }

    [TestMethod]
    public void APretrainedClassifierIsLeftOutForOtherClasses()
    {
        using var file = File(("fc.weight", [1000, 4]), ("fc.bias", [1000]), ("conv1.weight", [4, 3, 1, 1]));
        var result = StateDicts.Load(
            file,
            [("conv1.weight", [4, 3, 1, 1]), ("fc.weight", [7, 4]), ("fc.bias", [7])],
            new LoadOptions { Classifier = ["fc"], AdaptsClassifier = true, Classes = 7 });
        CollectionAssert.AreEqual(new[] { "fc.bias", "fc.weight" }, result.Missing.ToArray());
        Assert.HasCount(1, result.Tensors);
    }

    [TestMethod]
    public void ABackgroundClassIsCutOff()
    {
        using var file = File(("fc.weight", [1001, 4]), ("fc.bias", [1001]));
        var result = StateDicts.Load(
            file,
            [("fc.weight", [1000, 4]), ("fc.bias", [1000])],
            new LoadOptions { Classifier = ["fc"], AdaptsClassifier = true, Classes = 1000, LabelOffset = 1 });
        CollectionAssert.AreEqual(file["fc.bias"].ToFloats()[1..], result.Tensors["fc.bias"].ToFloats());
    }

    [TestMethod]
    public void TheFirstConvolutionFollowsTheChannels()
    {
        using var file = File(("conv1.weight", [4, 3, 3, 3]));
        var result = StateDicts.Load(
            file, [("conv1.weight", [4, 5, 3, 3])], new LoadOptions { FirstConv = ["conv1"], Channels = 5 });
        CollectionAssert.AreEqual(
            Adapt.InputConv(file["conv1.weight"], 5)!.ToFloats(), result.Tensors["conv1.weight"].ToFloats());
    }

    [TestMethod]
    public void AFirstConvolutionWithoutColorsKeepsItsInitialValues()
    {
        using var file = File(("conv1.weight", [4, 12, 3, 3]));
        var result = StateDicts.Load(
            file, [("conv1.weight", [4, 20, 3, 3])], new LoadOptions { FirstConv = ["conv1"], Channels = 5 });
        CollectionAssert.AreEqual(new[] { "conv1.weight" }, result.Missing.ToArray());
    }

    /// <summary>Name, shapes in the file and in the model, what the model says of it, and what Adapt makes of it.</summary>
    public static IEnumerable<(string, long[], long[], Fit?, Func<Tensor, Tensor>)> Resized =>
    [
        Positions(197, 257, new(16, 16, 1)),
        Positions(200, 260, new(16, 16, 4)),
        Positions(196, 256, new(16, 16)),
        Positions(197, 241, new(12, 20, 1)),
        Positions(64, 225, new(15, 15, 0, GridFilter.Bilinear)),
        ("pos_embed", [1, 14, 14, 8], [1, 7, 9, 8], new Fit.Grid(7, 9), t => Adapt.PositionMap(t, 7, 9)),
        ("patch_embed.proj.weight", [8, 3, 16, 16], [8, 3, 14, 14], null,
            t => Adapt.PatchEmbedding(t, 14, 14, GridFilter.BicubicAntialiased)),
        ("patch_embed.proj.weight", [8, 3, 16, 16], [8, 3, 30, 30], new Fit.Grid(8, 8, 0, GridFilter.Bilinear),
            t => Adapt.PatchEmbedding(t, 30, 30, GridFilter.Bilinear)),
        ("blocks.0.attn.relative_position_bias_table", [732, 3], [964, 3], new Fit.Bias(16, 16),
            t => Adapt.RelativePositions(t, 16, 16, [964, 3])),
        ("layers.0.blocks.0.attn.relative_position_bias_table", [169, 3], [529, 3], new Fit.Bias(12, 12),
            t => Adapt.RelativePositions(t, 12, 12, [529, 3])),
        ("layers.0.blocks.0.attn.relative_position_bias_table", [169, 3], [345, 3], new Fit.Bias(8, 12),
            t => Adapt.RelativePositions(t, 8, 12, [345, 3])),
        ("stages.0.attn_block.attn.rel_pos.table", [3, 13, 13], [3, 15, 23], new Fit.Bias(8, 12),
            t => Adapt.RelativePositions(t, 8, 12, [3, 15, 23])),
        ("stages.1.blocks.0.attn.attention_biases", [3, 49], [3, 196], new Fit.Window(),
            t => Adapt.RelativePositionsLevit(t, [3, 196])),
        ("stages.0.blocks.0.attn.rel_pos_h", [13, 4], [27, 4], new Fit.Distances(),
            t => Adapt.DistanceVectors(t, [27, 4])),
    ];

    static (string, long[], long[], Fit?, Func<Tensor, Tensor>) Positions(long from, long to, Fit.Grid grid) =>
        ("pos_embed", [1, from, 8], [1, to, 8], grid, t => Adapt.PositionEmbedding(t, grid));

    [TestMethod]
    [DynamicData(nameof(Resized))]
    public void WhatFollowsTheImageIsResampled(
        string name, long[] fileShape, long[] model, Fit? fit, Func<Tensor, Tensor> expected)
    {
        using var file = File((name, fileShape));
        // What is said of positions counts for patches as well.
        var key = name.StartsWith("patch_embed", StringComparison.Ordinal) ? "pos_embed" : name;
        var result = StateDicts.Load(file, [(name, model)], fit is null ? new() : Sized(key, fit));
        CollectionAssert.AreEqual(model, result.Tensors[name].Shape);
        CollectionAssert.AreEqual(expected(file[name]).ToFloats(), result.Tensors[name].ToFloats());
    }

    [TestMethod]
    public void PositionsThatAreNoGridAreNamed()
    {
        using var file = File(("pos_embed", [1, 198, 8]));
        var error = Assert.ThrowsExactly<UserException>(() => StateDicts.Load(file, [("pos_embed", [1, 257, 8])],
            Sized("pos_embed", new Fit.Grid(16, 16, 1))));
        StringAssert.Contains(error.Message, "\"pos_embed\" is [1, 198, 8], the model expects [1, 257, 8]");
    }

    static LoadOptions Sized(string name, Fit fit) => new() { Fits = new Dictionary<string, Fit> { { name, fit } } };

    /// <summary>They have a map's rank, but are no map.</summary>
    [TestMethod]
    public void PositionsWithinBlocksAreNotResampled()
    {
        using var file = File(("levels.0.pos_embed", [1, 16, 196, 8]));
        Assert.ThrowsExactly<UserException>(() => StateDicts.Load(file, [("levels.0.pos_embed", [1, 16, 256, 8])]));
    }

    static StateDict File(params (string Name, long[] Shape)[] tensors)
    {
        var file = new StateDict("memory.pth");
        foreach (var (name, shape) in tensors)
            file[name] = Tensor.Of(Fill.Uniform(name, shape.Aggregate(1L, (n, d) => n * d)), shape);
        return file;
    }
}
