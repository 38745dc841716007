using System.Text.Json;
using OnnxTimm.Models;

namespace OnnxTimm.Tests.Models;

/// <summary>
/// A row of a table made narrow by <c>with</c> is what timm's own function makes by arguments: names, shapes and logits
/// are timm's.
/// </summary>
[TestClass]
public sealed class NarrowTests
{
    static readonly JsonElement Rows = Golden.Json("zoo", "narrow.json.gz");

    static readonly Dictionary<string, Func<Net, Scope, Value, Value>> Table = new()
    {
        { "densenet", Of(DenseNet.Family, "densenet121", c => c with { GrowthRate = 8, Depths = [2, 3, 2, 2] }) },
        { "resnet_v1b_basic", Of(ResNet.Family, "resnet18", c => c with
            { Depths = [2, 1, 1, 1], Planes = [8, 16, 32, 64] }) },
        { "resnet_v1d_bottleneck", Of(ResNet.Family, "resnet50d", c => c with
            { Depths = [1, 2, 1, 1], Planes = [8, 16, 32, 64], Stem = ResNet.Deep(8) }) },
        { "resnext", Of(ResNet.Family, "resnext50_32x4d", c => c with
            { Depths = [1, 1, 2, 1], Planes = [8, 16, 32, 64], Groups = 4, BaseWidth = 32 }) },
        { "mobilenet_v1_025", Of(EfficientNet.Family, "mobilenetv1_100", c => c with
            { Channels = channels => Layers.MakeDivisible(channels * 0.25), Stem = 8, Style = new(Ops.Relu) }) },
    };

    public static IEnumerable<object[]> Names => Table.Keys.Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void ANarrowNetworkIsTimms(string name)
    {
        var row = Rows.GetProperty(name);
        var shape = Ints(row.GetProperty("input"));
        var graph = Build(name, shape);
        var tensors = row.GetProperty("tensors").EnumerateArray().ToDictionary(t => t[2].GetString()!);
        CollectionAssert.AreEquivalent(
            tensors.Select(t => $"{t.Key} {Shape.Of(Ints(t.Value[1]))}").ToArray(),
            graph.Weights.Select(w => $"{w.Name} {w.Shape}").ToArray());

        var gain = row.GetProperty("gain").GetDouble();
        foreach (var w in graph.Weights.ToArray())
            w.Data = Tensor.Of(Fill.Weight(tensors[w.Name][0].GetString()!, w.Shape.Sizes, gain), w.Shape.Sizes);
        var logits = Ort.Run(graph, ("input", Fill.Input(shape), shape))["logits"];
        float[] expected = [.. row.GetProperty("timm_logits").EnumerateArray()
            .SelectMany(image => image.EnumerateArray()).Select(v => v.GetSingle())];
        Assert.HasCount(expected.Length, logits);
        var bound = Tolerances.Get("zoo/narrow") * expected.Max(Math.Abs);
        foreach (var (e, got) in expected.Zip(logits))
            Assert.AreEqual(e, got, bound);
    }

    static Graph Build(string name, long[] shape)
    {
        var net = new Net(new() { NumClasses = 10 }, Pretrained.Default(name));
        var graph = new Graph(name);
        var image = graph.Input("input", DType.Float32, new(Dim.Batch, shape[1], shape[2], shape[3]));
        graph.Output("logits", Table[name](net, graph.Root, image));
        return graph;
    }

    static Func<Net, Scope, Value, Value> Of<T>(Family<T> family, string name, Func<T, T> narrow) =>
        (net, s, image) => family.Build(narrow(family[name]), net, s, image);

    static long[] Ints(JsonElement list) => [.. list.EnumerateArray().Select(v => v.GetInt64())];
}
