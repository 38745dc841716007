using System.Globalization;
using System.Text.Json;
using OnnxTimm.Data;
using OnnxTimm.Edge;
using OnnxTimm.Infer;
using OnnxTimm.Onnx;

namespace OnnxTimm.Tests.Edge;

/// <summary>What onnxtimm-run says of images is what <c>infer</c> says, from the same numbers.</summary>
[TestClass]
public sealed class NetworkTests
{
    static readonly TempFolder Folder = new();
    static readonly string Photos = Path.Combine(Paths.Root, "demo", "photos");

    static readonly string Model = Export("r20.onnx");

    [ClassCleanup]
    public static void Clean() => Folder.Dispose();

    /// <summary>The bytes that enter the network, of photographs and of images made to be difficult.</summary>
    [TestMethod]
    [DataRow("r20.onnx")]
    [DataRow("half.onnx", "--dtype", "float16", "--half-io")]
    [DataRow("gray.onnx", "--in-chans", "1")]
    public void TheInputIsThatOfInfer(string file, params string[] options)
    {
        using var network = Network.Open(Flags.Parse([Export(file, options), "-", "--threads", "1"]));
        using var session = Session.Open(Folder[file]);
        var config = ModelCard.Read(session.Metadata, file)!.Preprocess;
        var (expected, count) = (new float[config.Channels * 32 * 32], 0);
        foreach (var image in Directory.GetFiles(Photos).Concat(Directory.GetFiles(Paths.Golden("images", "files"))))
        {
            var bytes = File.ReadAllBytes(image);
            if (!TryApply(config, bytes, expected))
                continue;
            network.Take(bytes, image);
            if (session.Inputs[0].Type == DType.Float16)
                CollectionAssert.AreEqual(Array.ConvertAll(expected, x => (Half)x), network.Input<Half>().ToArray());
            else
                CollectionAssert.AreEqual(expected, network.Input<float>().ToArray());
            count++;
        }
        Assert.IsGreaterThan(10, count);
    }

    [TestMethod]
    public void AnswersAreThoseOfInfer()
    {
        var infer = JsonDocument.Parse(Cli.Cli.Output("infer", Photos, "--model", Model, "--topk", "3", "--json"))
            .RootElement;
        foreach (var line in EdgeRun.Lines(Model, Photos, "--topk", "3", "--format", "jsonl"))
        {
            var answer = JsonDocument.Parse(line).RootElement;
            var expected = infer.GetProperty(answer.GetProperty("filename").GetString()!);
            foreach (var column in (string[])["index", "label", "prob", "logit"])
                Assert.AreEqual(expected.GetProperty(column).ToString().Replace("\n", "").Replace(" ", ""),
                    answer.GetProperty(column).ToString().Replace(" ", ""), column);
        }
    }

    [TestMethod]
    public void CsvIsThatOfInfer()
    {
        Cli.Cli.Output("infer", Photos, "--model", Model, "--topk", "2", "--results-file", Folder["r.csv"]);
        Assert.AreEqual(File.ReadAllText(Folder["r.csv"]),
            EdgeRun.Run(Model, Photos, "--topk", "2", "--format", "csv").Out);
    }

    /// <summary>A line a class, with tabs, for people and for cut.</summary>
    [TestMethod]
    public void TextHasALineAClass()
    {
        File.WriteAllLines(Folder["names.txt"], Enumerable.Range(0, 10).Select(i => $"name {i}, n\e[1m"));
        var lines = EdgeRun.Lines(Model, Photo(), "--topk", "2", "--labels", Folder["names.txt"]);
        Assert.HasCount(2, lines);
        StringAssert.Matches(lines[0], new($@"^{Path.GetFileName(Photo())}\t\d+\.\d%\tname \d, n\\x1B\[1m$"));
    }

    [TestMethod]
    public void TheThresholdLeavesClassesOut()
    {
        Assert.HasCount(10, EdgeRun.Lines(Model, Photo(), "--topk", "0"));
        Assert.HasCount(1, EdgeRun.Lines(Model, Photo(), "--topk", "0", "--threshold", "0.99"));
        var all = EdgeRun.Lines(Model, Photo(), "--topk", "0", "--format", "csv")[1];
        var some = EdgeRun.Lines(Model, Photo(), "--topk", "0", "--format", "csv", "--threshold", "0.99")[1];
        Assert.AreEqual(all.Count(c => c == ','), some.Count(c => c == ','));
        Assert.Contains(",,,", some);
    }

    /// <summary>A network in which a softmax ends, or the preprocessing begins, says the same.</summary>
    [TestMethod]
    [DataRow("softmax.onnx", "--softmax")]
    [DataRow("raw.onnx", "--embed-preprocess")]
    [DataRow("m.ort", "--optimize", "all")]
    [DataRow("half2.onnx", "--dtype", "float16")]
    public void OtherFormsOfTheFileSayTheSame(string file, params string[] options)
    {
        float Best(string model) => JsonDocument.Parse(EdgeRun.Lines(model, Photo(), "--format", "jsonl")[0])
            .RootElement.GetProperty("prob")[0].GetSingle();
        Assert.AreEqual(Best(Model), Best(Export(file, options)), Tolerances.Get("cli/logits"));
    }

    [TestMethod]
    public void AFileWithoutClassesGivesItsFeatures()
    {
        var file = Export("features.onnx", "--num-classes", "0");
        var features = JsonDocument.Parse(Cli.Cli.Output("embed", Photo(), "--model", file, "--json")).RootElement
            .GetProperty(Path.GetFileName(Photo())).EnumerateArray().Select(e => e.GetSingle()).ToArray();
        var json = JsonDocument.Parse(EdgeRun.Lines(file, Photo(), "--format", "jsonl")[0]).RootElement;
        CollectionAssert.AreEqual(features,
            json.GetProperty("features").EnumerateArray().Select(e => e.GetSingle()).ToArray());
        CollectionAssert.AreEqual(features, EdgeRun.Lines(file, Photo())[0].Split('\t')[1].Split(' ')
            .Select(v => float.Parse(v, CultureInfo.InvariantCulture)).ToArray());
    }

    [TestMethod]
    public void AForeignFileSaysWhichFlagsItNeeds()
    {
        var graph = OnnxFile.Read(Model);
        graph.Metadata.Clear();
        OnnxFile.Write(graph, Folder["foreign.onnx"]);
        var (code, _, error) = EdgeRun.Run(Folder["foreign.onnx"], Photo());
        Assert.AreEqual(2, code);
        Assert.Contains("does not say how images are prepared: give --mean and --std", error);
        string[] flags = ["--mean", "0.4914,0.4822,0.4465", "--std", "0.2023,0.1994,0.2010", "--crop-pct", "1"];
        using var session = Session.Open(Model);
        var config = ModelCard.Read(session.Metadata, Model)!.Preprocess;
        using var network = Network.Open(Flags.Parse([Folder["foreign.onnx"], "-", .. flags, "--interpolation",
            config.Interpolation.ToString().ToLowerInvariant()]));
        var expected = new float[3 * 32 * 32];
        EvalTransform.Create(new()
        {
            Height = 32,
            Width = 32,
            CropPct = 1,
            Interpolation = config.Interpolation,
            Mean = [0.4914, 0.4822, 0.4465],
            Std = [0.2023, 0.1994, 0.2010],
        }).Apply(File.ReadAllBytes(Photo()), "", expected);
        network.Take(File.ReadAllBytes(Photo()), "");
        CollectionAssert.AreEqual(expected, network.Input<float>().ToArray());
    }

    [TestMethod]
    public void StandardInputAndACropAreAsFiles()
    {
        var bytes = File.ReadAllBytes(Photo());
        string Tail(string line) => line[line.IndexOf('\t')..];
        Assert.AreEqual(Tail(EdgeRun.Lines(Model, Photo())[0]), Tail(EdgeRun.Lines(bytes, Model, "-")[0]));
        using var image = ImageDecoder.Decode(Photo());
        Assert.AreEqual(EdgeRun.Lines(Model, Photo())[0],
            EdgeRun.Lines(Model, Photo(), "--crop", $"0,0,{image.Width},{image.Height}")[0]);
        var (code, _, error) = EdgeRun.Run(Model, Photo(), "--crop", $"1,0,{image.Width},9");
        Assert.AreEqual(1, code);
        Assert.Contains($"{image.Width}x9 at 1,0 is not inside {image.Width}x{image.Height}.", error);
    }

    static string Photo() => Path.Combine(Photos, "n01860187_black_swan.JPEG");

    static string Export(string file, params string[] options)
    {
        if (!File.Exists(Folder[file]))
            Cli.Cli.Output(["export", "cifar_resnet20", "--output", Folder[file], .. options]);
        return Folder[file];
    }

    static bool TryApply(DataConfig config, byte[] bytes, float[] to)
    {
        try
        {
            EvalTransform.Create(config).Apply(bytes, "", to);
            return true;
        }
        catch (UserException)
        {
            return false;
        }
    }
}
