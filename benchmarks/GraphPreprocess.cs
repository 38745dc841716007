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
        using var session = Session.Load(OnnxFile.ToBytes(ImageFront.Put(graph, config)), "front", new() { Threads = 1 });
        var transform = EvalTransform.Create(config);
        var tensor = new float[config.Channels * config.Height * config.Width];
        var (here, there) = (new List<double>(), new List<double>());
        foreach (var photo in Directory.GetFiles(folder).Order(StringComparer.Ordinal))
        {
            using var image = ImageDecoder.Decode(photo);
            using var binding = InputImage.Bind(session, image.View());
            here.Add(Clock.Best(Rounds, () => transform.Apply(image.View(), tensor)));
            there.Add(Clock.Best(Rounds, binding.Run));
        }
        Print("the library", here);
        Print("in the graph", there);
        return 0;
    }

    static void Print(string way, List<double> times) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{way,-14} {times.Count} photos, ms: median {times.Order().ElementAt(times.Count / 2):F1}, "
        + $"mean {times.Average():F1}, most {times.Max():F1}"));
}
