using OnnxTimm.Data;
using OnnxTimm.Deploy;
using OnnxTimm.Models;
using OnnxTimm.Onnx;
using OnnxTimm.Passes;

namespace OnnxTimm.Tests.Deploy;

/// <summary>Statistics of batch norms that are measured again, against float64 over the numbers themselves.</summary>
[TestClass]
public sealed class NormStatisticsTests
{
    static readonly string Weights = Path.Combine(Paths.Root, "demo", "tf_efficientnet_lite0.safetensors");
    static readonly string Photos = Path.Combine(Paths.Root, "demo", "photos");

    /// <summary>Each is fed by those before it with their new statistics.</summary>
    [TestMethod]
    [DataRow("cifar_resnet20", 32)]
    [DataRow("mobilenetv3_small_050", 64)]
    public void EachNormHasTheStatisticsOfWhatItIsFed(string name, int size) =>
        Check(Export.Plain(Zoo.Build(name, new() { ImgSize = (size, size), NumClasses = 10 }).Graph));

    /// <summary>Rows [N * L, C] of an image's places, as LeViT has them.</summary>
    [TestMethod]
    public void RowsOfAnImageAreItsPlaces() => Check(Small(x =>
        Norm(x.Transpose(0, 2, 3, 1).Reshape(Dim.Batch * 1024, 3), "one", "stats")));

    /// <summary>Features [N, C]; and two norms of which a file has the same statistics once.</summary>
    [TestMethod]
    public void FeaturesHaveStatisticsToo()
    {
        var graph = Small(x => Norm(Norm(x, "one", "shared").GlobalAveragePool().Flatten(), "two", "shared"));
        Assert.AreSame(Norms(graph)[0][3], Norms(graph)[1][3]);
        Check(graph);
    }

    /// <summary>A channel of one value keeps its variance, whatever the norm adds to it.</summary>
    [TestMethod]
    public void AChannelOfOneValueKeepsItsVariance()
    {
        var graph = Small(x => Norm((x.Relu() * 0.0) + 0.3, "one", "stats", epsilon: 0));
        var norm = Norms(NormStatistics.Apply(graph, Noise.For(graph, 3))).Single();
        CollectionAssert.AreEqual(new[] { 0.3f, 0.3f, 0.3f }, norm[3].Data!.ToFloats());
        CollectionAssert.AreEqual(new[] { 2f, 2f, 2f }, norm[4].Data!.ToFloats());
    }

    /// <summary>Every mean is moved and every variance scaled: photos are told apart again.</summary>
    [TestMethod]
    public void SpoiltStatisticsAreRepaired()
    {
        using var loaded = ModelLoader.Load(new("tf_efficientnet_lite0") { Checkpoint = Weights });
        using var photos = Dataset.Open(Photos);
        var graph = loaded.Model.Graph;
        var before = Classes(graph, photos, loaded.Card.Preprocess);
        foreach (var n in Norms(graph))
        {
            var deviations = n[4].Data!.ToFloats().Select(MathF.Sqrt);
            n[3].Data = Tensor.Of([.. n[3].Data!.ToFloats().Zip(deviations, (m, d) => m + 0.5f * d)], n[3].Shape.Sizes);
            n[4].Data = Tensor.Of([.. n[4].Data!.ToFloats().Select(v => 3 * v)], n[4].Shape.Sizes);
        }
        var spoilt = Classes(graph, photos, loaded.Card.Preprocess);
        var quantization = Quantization.Begin(graph, new() { UpdatesNorms = true },
            new(photos, loaded.Card.Preprocess, 2));
        var after = Classes(quantization.Write(new HashSet<string>()), photos, loaded.Card.Preprocess);
        int Same(int[] classes) => classes.Zip(before).Count(c => c.First == c.Second);
        Assert.IsLessThanOrEqualTo(2, Same(spoilt), "else nothing is shown");
        Assert.IsGreaterThanOrEqualTo(6, Same(after), $"of {photos.Count}");
    }

    /// <summary>Whoever takes which image: the same bytes.</summary>
    [TestMethod]
    public void TheNumberOfThreadsChangesNothing()
    {
        var graph = Export.Plain(Zoo.Build("cifar_resnet20").Graph);
        byte[][] files = [.. new[] { 1, 3 }.Select(workers =>
            OnnxFile.ToBytes(NormStatistics.Apply(graph, Noise.For(graph, 7, workers))))];
        CollectionAssert.AreEqual(files[0], files[1]);
    }

    [TestMethod]
    public void WithoutNormsOrImagesThereIsNothingToMeasure()
    {
        var merged = Export.Optimize(Zoo.Build("cifar_resnet20").Graph).Graph;
        string Fault(Graph graph, CalibrationImages? images) => Assert.Throws<UserException>(() =>
            Quantization.Begin(graph, new() { UpdatesNorms = true }, images)).Message;
        Assert.Contains("no BatchNormalization", Fault(merged, Noise.For(merged, 2)));
        Assert.Contains("--calibrate", Fault(merged, null));
    }

    static void Check(Graph graph)
    {
        var images = Noise.For(graph, 3);
        var updated = NormStatistics.Apply(graph, images);
        var norms = Norms(updated);
        Assert.HasCount(Norms(graph).Length, norms);
        var input = updated.Inputs[0];
        Value[] fed = [.. norms.Select(n => n[0]).Where(v => v != input).Distinct()];
        var probe = Rewrite.Select(updated, [(input.Name, input)], fed);
        var runs = Pixels(images).Select(pixels => Ort.Run(probe,
            (input.Name, pixels, [1, .. input.Shape.Skip(1).Select(d => d.Size)])).Append(new(input.Name, pixels))
            .ToDictionary()).ToArray();
        foreach (var n in norms)
            CheckNorm(n, [.. runs.SelectMany(run => run[n[0].Name])]);
    }

    static void CheckNorm(Node n, float[] numbers)
    {
        var (means, variances) = (n[3].Data!.ToFloats(), n[4].Data!.ToFloats());
        var inner = n[0].Shape.Skip(2).Aggregate(1L, (product, d) => product * d.Size);
        var channels = numbers.Select((x, i) => (X: (double)x, C: (int)(i / inner % means.Length)))
            .GroupBy(p => p.C, p => p.X);
        foreach (var channel in channels)
        {
            var mean = channel.Average();
            var variance = channel.Average(x => (x - mean) * (x - mean));
            var tolerance = Tolerances.Get("deploy/norm-statistics");
            Assert.AreEqual(mean, means[channel.Key], tolerance * (Math.Sqrt(variance) + Math.Abs(mean)), n.Name);
            Assert.AreEqual(variance, variances[channel.Key], tolerance * (variance + mean * mean), n.Name);
        }
    }

    static IEnumerable<float[]> Pixels(CalibrationImages images)
    {
        var transform = EvalTransform.Create(images.Config);
        for (var i = 0; i < images.Data.Count; i++)
        {
            var pixels = new float[images.Config.Channels * images.Config.Height * images.Config.Width];
            using var image = images.Data.Decode(i, new FileBuffer());
            transform.Apply(image.View(), pixels);
            yield return pixels;
        }
    }

    static int[] Classes(Graph graph, IDataset photos, DataConfig config) =>
        [.. new JudgingImages(photos, config, 2, null).Logits(Export.Optimize(graph).Graph, JudgingImages.AsWritten)
            .Select(row => Array.IndexOf(row!, row!.Max()))];

    static Node[] Norms(Graph graph) => [.. graph.Nodes.Where(n => n.Op == "BatchNormalization")];

    static Graph Small(Func<Value, Value> body)
    {
        var graph = new Graph("small");
        graph.Output("y", body(graph.Input("input", DType.Float32, new(Dim.Batch, 3, 32, 32))));
        return graph;
    }

    /// <summary>A norm of three channels, whose statistics are other norms' too by their name.</summary>
    static Value Norm(Value x, string name, string statistics, double epsilon = 1e-5)
    {
        Value Stored(string part, float of) =>
            x.Graph.Find(part) ?? x.Graph.Store(part, Role.Param, Tensor.Of([of, of, of], 3));
        return x.BatchNormalization(Stored($"{name}.weight", 1.5f), Stored($"{name}.bias", 0.2f),
            Stored($"{statistics}.mean", 0), Stored($"{statistics}.var", 2), epsilon, 0.9);
    }
}
