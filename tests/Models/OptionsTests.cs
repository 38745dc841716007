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
        // TResNet folds 4x4 pixels into channels first.
        .All(prefix => model.Graph.Find($"{prefix}.weight")!.Shape[1].Size is 1 or 16));

    [TestMethod]
    public void EveryModelGetsAHeadOfTenClasses() => Check(new() { NumClasses = 10 }, model =>
        model.Graph.Outputs.Single().Shape.Equals(new Shape(Dim.Batch, 10))
        && model.Record.Classifier.All(prefix => model.Graph.Find($"{prefix}.weight")!.Shape[0] == 10));

    [TestMethod]
    public void EveryModelGivesFeaturesForNoClasses() => Check(new() { NumClasses = 0 }, model =>
        model.Graph.Outputs.Single().Shape is { Rank: 2 }
        && model.Record.Classifier.All(prefix => model.Graph.Find($"{prefix}.weight") is null));

    [TestMethod]
    public void EveryModelGivesWhatItsPoolWouldRead() => Check(new() { NumClasses = 0, GlobalPool = "" }, model =>
        // HGNet has a convolution behind its pool: other channels.
        (model.Graph.Outputs.Single().Shape, model.Net.Features[0].Shape) is var (got, read)
        && got.Rank == read.Rank && got.Skip(2).SequenceEqual(read.Skip(2)));

    [TestMethod]
    public void EveryHeadCanBeginAnew() => Check(new() { NumClasses = 2 }, model =>
    {
        model.ResetClassifier();
        return model.Record.Classifier.Select(prefix => model.Graph.Find($"{prefix}.weight")!).All(weight =>
            weight.Data!.ToFloats().Max(Math.Abs) is > 0 and var most
            && most <= 1 / Math.Sqrt(weight.Shape.Skip(1).Aggregate(1L, (n, d) => n * d.Size)));
    });

    static IEnumerable<string> Sample
    {
        get
        {
            string[] names = [.. Zoo.Names];
            new Random(DateTime.UtcNow.DayOfYear).Shuffle(names);
            return Asked.Smallest(40).Concat(names.Where(Asked.Has).Take(30)).Distinct();
        }
    }

    static void Check(ModelOptions options, Func<Model, bool> holds)
    {
        var faults = Sample.Where(name => !holds(Zoo.Build(name, options))).ToArray();
        Assert.IsEmpty(faults, $"{faults.Length} models: {string.Join(", ", faults.Take(40))}");
    }
}
