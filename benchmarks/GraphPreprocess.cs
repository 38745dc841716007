using System.Globalization;
using OnnxTimm.Data;
using OnnxTimm.Deploy;
using OnnxTimm.Infer;
using OnnxTimm.Onnx;

namespace OnnxTimm.Benchmarks;

/// <summary>
/// Preprocessing as part of the graph (<c>export --embed-preprocess</c>) beside the library's own, decoded photos at
/// their own sizes to an input of 224 pixels, bicubic, one thread each, in turn: <c>graph-preprocess FOLDER</c>.
/// </summary>
static class GraphPreprocess
{
    const int Rounds = 5;

    public static int Run(string folder)
    {
        var config = new DataConfig();
        var graph = new Graph("front");
        var x = graph.Input("input", DType.Float32, new(Dim.Batch, config.Channels, config.Height, config.Width));
        graph.Output("pixels", x.Identity());
        var options = new RuntimeOptions { Threads = 1 };
        var transform = EvalTransform.Create(config);
        var tensor = new float[config.Channels * config.Height * config.Width];
        using var resize = Session.Load(OnnxFile.ToBytes(ImageFront.Put(graph, config, true)), "front", options);
        using var matrices = Session.Load(OnnxFile.ToBytes(ImageFront.Put(graph, config, false)), "front", options);
        var (host, resizes, products) = (new List<double>(), new List<double>(), new List<double>());
        foreach (var photo in Directory.GetFiles(folder).Order(StringComparer.Ordinal))
        {
            using var image = ImageDecoder.Decode(photo);
            using var byResize = InputImage.Bind(resize, config, image.View());
            using var byMatrices = InputImage.Bind(matrices, config, image.View());
            host.Add(Clock.Best(Rounds, () => transform.Apply(image.View(), tensor)));
            resizes.Add(Clock.Best(Rounds, byResize.Run));
            products.Add(Clock.Best(Rounds, byMatrices.Run));
        }
        Print("the library", host);
        Print("Resize", resizes);
        Print("matrices", products);
        return 0;
    }

    static void Print(string way, List<double> times) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{way,-14} {times.Count} photos, ms: median {Clock.Median(times):F1}, "
        + $"mean {times.Average():F1}, most {times.Max():F1}"));
}
