using OnnxTimm.Models;

namespace OnnxTimm.Tests.Models;

/// <summary>
/// What every model can be asked for, whatever its family: of names of many families, new ones each day.
/// </summary>
[TestClass]
public sealed class OptionsTests
{
    [TestMethod]
    public void EveryModelTakesAnImageOfOneChannel() => Check(new() { InChans = 1 }, model => model.Record.FirstConv
        // A third of the weight for three channels: some fold patches of pixels into channels first.
        .All(prefix => 3 * model.Graph.Find($"{prefix}.weight")!.Shape[1].Size
            == Zoo.Build(model.Record.Architecture).Graph.Find($"{prefix}.weight")!.Shape[1].Size),
        // It computes with colours.
        "csatv2");

    [TestMethod]
    public void EveryModelGetsAHeadOfTenClasses() => Check(new() { NumClasses = 10 }, model =>
        model.Graph.Outputs[0].Shape.Equals(new Shape(Dim.Batch, 10))
        && model.Record.Classifier.All(prefix => model.Graph.Find($"{prefix}.weight")!.Shape[0] == 10));

    [TestMethod]
    public void EveryModelGivesFeaturesForNoClasses() => Check(new() { NumClasses = 0 }, model =>
        // Encoders, which have no classifier, give tokens or a map.
        (model.Graph.Outputs.Single().Shape is { Rank: 2 } || model.Record.Classifier.Length == 0)
        && model.Record.Classifier.All(prefix => model.Graph.Find($"{prefix}.weight") is null));

    [TestMethod]
    public void EveryModelGivesWhatItsPoolWouldRead() => Check(new() { NumClasses = 0, GlobalPool = "" }, model =>
        // HGNet has a convolution behind its pool: other channels.
        (model.Graph.Outputs.Single().Shape, model.Net.Features[0].Shape) is var (got, read)
        && got.Rank == read.Rank && got.Skip(2).SequenceEqual(read.Skip(2)),
        // Their heads do more than pool: they take tokens apart, norm, or begin with a layer that reads no map.
        "coat", "deepseek_vit", "efficientvim", "efficientvit_mit", "inception_next", "mambaout",
        "qwen3_vit", "vgg");

    /// <summary>A norm and a layer before the classifier, which a map that is not pooled goes through.</summary>
    [TestMethod]
    [DataRow("coatnet_2_224", 1024)]
    [DataRow("resnet50_mlp", 1024)]
    [DataRow("convnext_large_mlp", 1536)]
    public void AHeadOfTwoLayersReadsAMap(string name, int width)
    {
        var shape = Zoo.Build(name, new() { NumClasses = 0, GlobalPool = "" }).Graph.Outputs.Single().Shape;
        Assert.AreEqual(4, shape.Rank);
        Assert.AreEqual(width, shape[1].Size);
        Assert.AreEqual(shape[2], shape[3]);
    }

    [TestMethod]
    public void EveryHeadCanBeginAnew() => Check(new() { NumClasses = 2 }, model =>
    {
        model.ResetClassifier();
        return model.Record.Classifier.Select(prefix => model.Graph.Find($"{prefix}.weight")!).All(weight =>
            weight.Data!.ToFloats().Max(Math.Abs) is > 0 and var most
            && most <= 1 / Math.Sqrt(weight.Shape.Skip(1).Aggregate(1L, (n, d) => n * d.Size)));
    });

    static IEnumerable<string> Sample => Asked.Smallest(40).Union(Asked.Sample(Zoo.Names, name => name, 30));

    /// <param name="options">What is asked.</param>
    /// <param name="holds">Whether a network is so.</param>
    /// <param name="apart">Modules of which this does not hold.</param>
    static void Check(ModelOptions options, Func<Model, bool> holds, params string[] apart)
    {
        string[] faults = [.. Sample.Where(name => !apart.Contains(Zoo.FamilyOf(name).Module))
            .Select(name => Fault(name, options, holds)).OfType<string>()];
        Assert.IsEmpty(faults, $"{faults.Length} models:\n{string.Join('\n', faults.Take(40))}");
    }

    static string? Fault(string name, ModelOptions options, Func<Model, bool> holds)
    {
        try
        {
            return Asked.Classifier(name, options) is not { } model || holds(model) ? null : name;
        }
        // As timm refuses them.
        catch (UserException e) when (e.Message.Contains("needs a global pool", StringComparison.Ordinal))
        {
            return null;
        }
        catch (Exception e)
        {
            return $"{name}: {e.Message}";
        }
    }
}
