using System.Security.Cryptography;
using System.Text.Json;
using OnnxTimm.Conversion;
using OnnxTimm.Models;
using OnnxTimm.Tests.Models;

namespace OnnxTimm.Tests.Conversion;

/// <summary>
/// Networks of MXNet and Flax become timm's: names, shapes, bits, and the logits that timm computes with them.
/// </summary>
[TestClass]
public sealed class ConvertedTests
{
    static readonly Dictionary<string, JsonElement> Gluon = GoldenZoo.Read(Paths.Golden("convert", "gluon.jsonl.gz"));

    public static IEnumerable<string> NarrowGluon => Gluon.Keys.Where(name =>
        !name.StartsWith("full_", StringComparison.Ordinal));

    public static IEnumerable<string> FullGluon => Gluon.Keys.Where(name =>
        name.StartsWith("full_", StringComparison.Ordinal));

    public static IEnumerable<(string Name, string File)> GluonFiles =>
    [
        ("densenet", "densenet.params"), ("mobilenet_v1_025", "mobilenet_v1_025.params"), ("resnext", "resnext.params"),
        ("resnet_v1d_bottleneck", "resnet_v1d_bottleneck.params"), ("resnet_v1b_basic", "resnet_v1b_basic.params"),
        ("resnet_v1b_basic", "resnet_v1b_basic_prefix.params"), ("resnet_v1b_basic",
            "resnet_v1b_basic_stripped.params"),
        ("resnet_v1b_basic", "resnet_v1b_basic_shuffled.params"), ("resnet_v1b_basic", "resnet_v1b_basic-0000.params"),
    ];

    public static IEnumerable<(string Name, string File)> FlaxFiles =>
    [
        ("bit_two", "bit_two.npz"), ("bv_gap_scan", "bv_gap_scan.npz"), ("mixer", "mixer.npz"), ("nest", "nest_clu"),
        ("nest", "nest_flax"), ("nest", "nest_flax/checkpoint_7"), ("siglip", "siglip.npz"), ("vit", "vit.npz"),
        ("vit_r0", "vit_r0.npz"), ("vit_prelogits_dropped", "vit_prelogits.npz"),
        ("vit_to_96", "vit.npz"), ("vit_to_gray", "vit.npz"), ("vit_to_patch8", "vit.npz"),
    ];

    [TestMethod]
    [DynamicData(nameof(NarrowGluon))]
    public void AGluonNetworkMadeByRuleIsTimms(string name) => CheckRule(name, row => Narrow(row).Graph);

    [TestMethod]
    [TestCategory("all")]
    [DynamicData(nameof(FullGluon))]
    public void AFullGluonNetworkMadeByRuleIsTimms(string name) => CheckRule(name, row => Zoo.Build(row.Timm, new()
    {
        ImgSize = ((int)row.Input[2], (int)row.Input[3]),
    }).Graph);

    /// <summary>The smallest of them on every run.</summary>
    [TestMethod]
    public void AFullGluonNetworkIsTimms() => AFullGluonNetworkMadeByRuleIsTimms("full_resnet18_v1b");

    [TestMethod]
    [DynamicData(nameof(GluonFiles))]
    public void AGluonFileHasTimmsBits(string name, string file) =>
        CheckFile(Row(name, "mxnet"), Paths.Shared("golden", "convert", "mxnet", file), columns: (3, 2, 4));

    [TestMethod]
    [DynamicData(nameof(FlaxFiles))]
    public void AFlaxFileHasTimmsBits(string name, string file) =>
        CheckFile(Row(name, "flax"), Paths.Shared("golden", "convert", "flax", file), columns: (0, 1, 2));

    [TestMethod]
    public void TheSmallestFlaxFileHasTimmsBits() => CheckFile(
        new Case("vit_mini", Golden.Json("convert", "flax", "vit_mini.json")),
        Paths.Golden("convert", "flax", "vit_mini.npz"), columns: (0, 1, 2));

    static void CheckRule(string name, Func<Case, Graph> build)
    {
        var row = new Case(name, Gluon[name]);
        var gain = row.Json.GetProperty("gain").GetDouble();
        using var file = new StateDict($"{name}.params");
        foreach (var t in row.Json.GetProperty("tensors").EnumerateArray())
        {
            var (attribute, counter, shape) = (t[0].GetString()!, t[1].GetString()!, Ints(t[2]));
            file.Add(counter, new(DType.Float32, shape, () => Tensor.Of(Fill.Weight(attribute, shape, gain),
                shape).Bytes));
        }
        var graph = build(row);
        StateDicts.Load(file, graph, row.Options);
        CheckLogits(row, graph);
    }

    static void CheckFile(Case row, string path, (int Name, int Shape, int Hash) columns)
    {
        using var file = Checkpoint.Open(path);
        var (graph, net) = Narrow(row);
        var result = StateDicts.Load(file, graph, row.Options with
        {
            Fits = net.Fits,
            AllowUnexpected = net.Unused
        });
        var tensors = row.Json.GetProperty("tensors").EnumerateArray().ToDictionary(t => t[columns.Name].GetString()!);
        CollectionAssert.AreEquivalent(tensors.Keys, result.Tensors.Keys.ToArray());
        foreach (var entry in result.Entries)
        {
            var expected = tensors[entry.Name];
            CollectionAssert.AreEqual(Ints(expected[columns.Shape]), entry.Tensor.Shape, entry.Name);
            if (entry.Operations.Any(operation => operation.StartsWith("resized", StringComparison.Ordinal)))
                CheckBegin(expected[3], entry);
            else
                StringAssert.StartsWith(Convert.ToHexStringLower(SHA256.HashData(entry.Tensor.AsFloat32().Bytes.Span)),
                    expected[columns.Hash].GetString()!, entry.Name);
        }
        CheckLogits(row, graph);
    }

    /// <summary>What timm interpolates in float32 cannot be equal in bits.</summary>
    static void CheckBegin(JsonElement expected, Entry entry)
    {
        var values = entry.Tensor.ToFloats();
        foreach (var (i, e) in expected.EnumerateArray().Index())
            Assert.AreEqual(e.GetSingle(), values[i], Tolerances.Get("convert/resized"), entry.Name);
    }

    static void CheckLogits(Case row, Graph graph)
    {
        var logits = Ort.Run(graph, ("input", Fill.Input(row.Input), row.Input))["logits"];
        float[][] expected = [.. row.Json.GetProperty("timm_logits").EnumerateArray()
            .Select(image => image.EnumerateArray().Select(v => v.GetSingle()).ToArray())];
        var count = logits.Length / expected.Length;
        var at = row.Json.TryGetProperty("logits_at", out var some) ? Ints(some)
            : [.. Enumerable.Range(0, count).Select(i => (long)i)];
        var bound = Tolerances.Get("convert/logits") * expected.Max(image => image.Max(Math.Abs));
        foreach (var (image, values) in expected.Index())
            foreach (var (value, i) in values.Zip(at))
                Assert.AreEqual(value, logits[image * count + i], bound, $"image {image}, logit {i}");
    }

    static (Graph Graph, Net Net) Narrow(Case row) => NarrowNetworks.Build(row.Name, row.Input, row.Classes);

    static Case Row(string name, string folder) =>
        new(name, JsonDocument.Parse(File.ReadAllText(Paths.Shared("golden", "convert", folder,
            $"{name}.json"))).RootElement);

    static long[] Ints(JsonElement list) => [.. list.EnumerateArray().Select(v => v.GetInt64())];

    /// <summary>A case of the reference set.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Json">All that is known of it.</param>
    sealed record Case(string Name, JsonElement Json)
    {
        public string Timm => Json.GetProperty("timm").GetString()!;

        public long[] Input => Ints(Json.GetProperty("input") is { ValueKind: JsonValueKind.Object } input
            ? input.GetProperty("shape") : Json.GetProperty("input"));

        public int Classes => Json.TryGetProperty("timm_kwargs", out var arguments)
            && arguments.TryGetProperty("num_classes", out var classes) ? classes.GetInt32() : 10;

        public LoadOptions Options => new()
        {
            FirstConv = ["patch_embed.proj"],
            Classifier = ["head"],
            Channels = (int)Input[1],
            Classes = Classes,
            AdaptsClassifier = Classes == 0,
        };
    }
}
