using System.Text.Json;
using OnnxTimm.Conversion;
using OnnxTimm.Models;

namespace OnnxTimm.Tests.Library;

/// <summary>What a model and its record say about weights reaches the loader.</summary>
[TestClass]
public sealed class ModelLoaderTests
{
    [TestMethod]
    public void ABackgroundClassIsTheRecords()
    {
        var fields = Zoo.Resolve("test_resnet").Fields.ToDictionary();
        fields["label_offset"] = JsonDocument.Parse("1").RootElement;
        var model = Model.Build(new("test_resnet.background", fields), new());
        Assert.AreEqual(1, ModelLoader.Rules(model, new("test_resnet")).LabelOffset);
        Assert.AreEqual(0, ModelLoader.Rules(Zoo.Build("test_resnet"), new("test_resnet")).LabelOffset);
    }

    /// <summary>timm resamples FlexiViT's positions and patches bilinearly (_create_vision_transformer).</summary>
    [TestMethod]
    public void PositionsAreFittedAsTheFamilySays()
    {
        using var folder = new TempFolder();
        var (small, large) = (Zoo.Build("flexivit_small", Size(128)).Graph,
            Zoo.Build("flexivit_small", Size(192)).Graph);
        Save(folder["w.safetensors"], small);
        using var loaded = ModelLoader.Load(new("flexivit_small")
        {
            Checkpoint = folder["w.safetensors"],
            Options = Size(192)
        });
        CollectionAssert.AreEqual(
            Adapt.PositionEmbedding(small.Find("pos_embed")!.Data!, new(12, 12, 0,
                GridFilter.Bilinear)).ToFloats(),
            loaded.Result!.Tensors["pos_embed"].ToFloats());
        CollectionAssert.AreEqual(large.Find("pos_embed")!.Shape.Sizes, loaded.Result!.Tensors["pos_embed"].Shape);
    }

    /// <summary>timm does not miss the attention pool of SigLIP's files where the model has another.</summary>
    [TestMethod]
    public void ThePoolOfSiglipsFilesIsLeftOut()
    {
        using var folder = new TempFolder();
        Save(folder["w.safetensors"], Zoo.Build("vit_base_patch32_siglip_256", new() { NumClasses = 0 }).Graph);
        var request = new ModelRequest("vit_base_patch32_siglip_gap_256") { Checkpoint = folder["w.safetensors"] };
        using var loaded = ModelLoader.Load(request);
        Assert.IsFalse(loaded.Result!.Tensors.Keys.Any(name => name.StartsWith("attn_pool", StringComparison.Ordinal)));
        var strict = request with { Options = new() { GlobalPool = "map" } };
        Save(folder["gap.safetensors"], Zoo.Build("vit_base_patch32_siglip_gap_256").Graph);
        StringAssert.Contains(Assert.ThrowsExactly<UserException>(
            () => ModelLoader.Load(strict with { Checkpoint = folder["gap.safetensors"] })).Message, "attn_pool.");
    }

    static ModelOptions Size(int side) => new() { ImgSize = (side, side) };

    static void Save(string path, Graph graph) => SafetensorsWriter.Write(path,
        [.. graph.Weights.Select(w => KeyValuePair.Create(w.Name, w.Data!))]);
}
