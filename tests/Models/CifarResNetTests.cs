using System.Formats.Tar;
using System.Text.Json;
using OnnxTimm.Conversion;
using OnnxTimm.Data;
using OnnxTimm.Models;

namespace OnnxTimm.Tests.Models;

[TestClass]
public sealed class CifarResNetTests
{
    /// <summary>The counts that akamaster/pytorch_resnet_cifar10 publishes, and names of each kind.</summary>
    [TestMethod]
    [DataRow("cifar_resnet20", 269_722)]
    [DataRow("cifar_resnet32", 464_154)]
    [DataRow("cifar_resnet44", 658_586)]
    [DataRow("cifar_resnet56", 853_018)]
    [DataRow("cifar_resnet110", 1_727_962)]
    public void HasThePublishedNumberOfParameters(string name, long count)
    {
        var model = Zoo.Build(name);
        Assert.AreEqual(count, model.ParamCount);
        Assert.IsNotNull(model.Graph.Find("layer3.0.bn2.running_var"));
        Assert.AreEqual(Shape.Of(10, 64), model.Graph.Find("fc.weight")!.Shape);
    }

    /// <summary>Level 5 of the ladder: as many test images are right as in PyTorch, with the same logits.</summary>
    [TestMethod]
    [TestCategory("all")]
    [DataRow("cifar_resnet20", "resnet20-12fca82f.th")]
    [DataRow("cifar_resnet32", "resnet32-d509ac18.th")]
    public void PublishedWeightsAreRightAsOftenAsInPyTorch(string name, string file)
    {
        var golden = Paths.Shared("golden", "real", "cifar_resnet.json");
        var expected = JsonDocument.Parse(File.ReadAllText(golden)).RootElement.GetProperty(file);
        using var weights = Checkpoint.Open(Paths.Shared("weights", "cifar10", file));
        var model = Zoo.Build(name);
        var images = Images(model.Net.Record).OrderBy(i => i.Name, StringComparer.Ordinal).ToArray();
        float[] pixels = [.. images.SelectMany(i => i.Pixels)];
        var logits = Ort.Run(Load(model.Graph, weights), ("input", pixels, [images.Length, 3, 32, 32]))["logits"]
            .Chunk(10).ToArray();
        foreach (var (reference, got) in expected.GetProperty("first_logits").EnumerateArray().Zip(logits[0]))
            Assert.AreEqual(reference.GetDouble(), got, Tolerances.Get("real/cifar.logits"));
        var classes = images.Select(i => Class(i.Name)).Distinct().ToArray();
        var right = images.Index().Count(i => classes[Best(logits[i.Index])] == Class(i.Item.Name));
        Assert.AreEqual(expected.GetProperty("top1_correct").GetInt32(), right);
    }

    static Graph Load(Graph graph, StateDict weights)
    {
        var all = graph.Weights.ToArray();
        var loaded = StateDicts.Load(weights, [.. all.Select(w => (w.Name, w.Shape.Sizes))]);
        foreach (var w in all)
            w.Data = loaded.Tensors[w.Name];
        return graph;
    }

    static IEnumerable<(string Name, float[] Pixels)> Images(Pretrained record)
    {
        using var tar = new TarReader(File.OpenRead(Paths.Shared("data", "cifar10", "test.tar")));
        while (tar.GetNextEntry() is { } entry)
            if (entry.DataStream is { } stream)
            {
                using var file = new MemoryStream();
                stream.CopyTo(file);
                using var image = ImageDecoder.Decode(file.ToArray(), entry.Name);
                var planes = new byte[3 * 32 * 32];
                image.View().CopyPlanes(planes);
                yield return (entry.Name, Normalized(planes, record));
            }
    }

    static float[] Normalized(byte[] planes, Pretrained record) =>
        [.. planes.Select((p, i) => (float)((p / 255.0 - record.Mean[i / 1024]) / record.Std[i / 1024]))];

    static string Class(string file) => file.Split('/')[0];

    static int Best(float[] logits) => Array.IndexOf(logits, logits.Max());
}
