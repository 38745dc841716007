using System.Text.Json;
using OnnxTimm.Cli.Loading;
using OnnxTimm.Models;

namespace OnnxTimm.Tests.Cli;

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
}
