using System.Text.Json;
using OnnxTimm.Train;

namespace OnnxTimm.Tests.Train;

/// <summary>Losses by name, their refusals, and weights of classes equal timm's.</summary>
[TestClass]
public sealed class LossTypeTests
{
    readonly TempFolder folder = new();

    [TestCleanup]
    public void Clean() => folder.Dispose();

    static readonly JsonElement Reference = Golden.Json("training", "losses2.json.gz");

    static readonly JsonElement[] Rows = [.. Reference.GetProperty("rows").EnumerateArray()];

    public static IEnumerable<object[]> Values => Of(row => !row.TryGetProperty("error", out _));

    public static IEnumerable<object[]> Errors => Of(row => row.TryGetProperty("error", out _));

    public static IEnumerable<object[]> Weights => Reference.GetProperty("class_weights").EnumerateArray()
        .Select(row => new object[] { row.GetRawText() });

    static IEnumerable<object[]> Of(Func<JsonElement, bool> isWanted) => Rows.Index().Where(r => isWanted(r.Item))
        .Select(r => new object[] { $"{r.Item.GetProperty("target")} {r.Item.GetProperty("args")}", r.Index });

    [TestMethod]
    [DynamicData(nameof(Values))]
    public void ValueAndGradientAreTimms(string title, int index)
    {
        var row = Rows[index];
        var graph = new Graph("loss");
        var options = Options(row);
        var shape = new Shape(new Dim(Math.Max(1, options.JsdSplits), "N"), 5);
        var (logits, targets) = (graph.Input("logits", DType.Float32, shape),
            graph.Input("target", DType.Float32, shape));
        var loss = LossTypes.Create(options)(logits, targets);
        graph.Output("grad", Gradients.Of(loss, [logits])[logits]);
        graph.Output("loss", loss);
        var outputs = Ort.Run(Fused.Expand(graph), ("logits", [.. Fill.Uniform("loss:x", 30).Select(x => 3 * x)], [6, 5]),
            ("target", Target(row.GetProperty("target").GetString()!, options), [6, 5]));
        Close(title, row.GetProperty("value")[0].GetDouble(), outputs["loss"][0]);
        foreach (var (i, e) in row.GetProperty("grad").EnumerateArray().Index())
            Close($"{title}: gradient {i}", e.GetDouble(), outputs["grad"][i]);
    }

    [TestMethod]
    [DynamicData(nameof(Errors))]
    public void WhatTimmRefusesIsRefused(string title, int index) =>
        Assert.ThrowsExactly<UserException>(() => LossTypes.Create(Options(Rows[index])), title);

    [TestMethod]
    [DynamicData(nameof(Weights))]
    public void WeightsOfClassesAreTimms(string text)
    {
        var row = JsonDocument.Parse(text).RootElement;
        var args = row.GetProperty("args");
        double? Get(string key) => args.TryGetProperty(key, out var v) ? v.GetDouble() : null;
        var counts = new ClassCounts([.. row.GetProperty("counts").EnumerateArray().Select(v => v.GetDouble())],
            row.GetProperty("num_samples").GetDouble());
        var (key, weights) = ClassWeights.Of(args.GetProperty("method").GetString()!, counts, Get("power") ?? 1,
            Get("beta") ?? 0.999, Get("max_weight"));
        Assert.AreEqual(row.GetProperty("kind").GetString(), key);
        foreach (var (i, e) in row.GetProperty("weights").EnumerateArray().Index())
            Assert.AreEqual(e.GetDouble(), weights[i], 1e-6 * Math.Max(1, e.GetDouble()), $"{text}: {i}");
    }

    [TestMethod]
    [DataRow("2", 2.0)]
    [DataRow("0.5, 2,1", 0.5, 2.0, 1.0)]
    [DataRow("list.json", 1.0, 3.0)]
    [DataRow("object.json", 4.0, 5.0)]
    [DataRow("plain.txt", 7.0, 8.0)]
    [DataRow("inv_freq", 0.5, 1.5)]
    public void WeightsComeInManyForms(string text, params double[] expected)
    {
        File.WriteAllText(folder["list.json"], "[1, 3]");
        File.WriteAllText(folder["object.json"], """{"class_weight": [4, 5]}""");
        File.WriteAllText(folder["plain.txt"], "7\n8\n");
        File.WriteAllText(folder["stats.json"], """{"pos_counts": [6, 2], "num_samples": 8}""");
        CollectionAssert.AreEqual(expected, ClassWeights.Parse(File.Exists(folder[text]) ? folder[text] : text,
            "class_weight", new(ClassCounts.Read(folder["stats.json"]))));
    }

    [TestMethod]
    [DataRow("neg_pos", "--pos-weight")]
    [DataRow("effective_num", "--class-stats")]
    [DataRow("inv_frq", "Did you mean \"inv_freq\"?")]
    [DataRow("-1", "takes numbers from 0 to 1000000")]
    [DataRow("1,nan", "takes numbers from 0 to 1000000")]
    [DataRow("", "takes numbers from 0 to 1000000")]
    public void WrongWeightsAreErrors(string text, string message) => StringAssert.Contains(
        Assert.ThrowsExactly<UserException>(() => ClassWeights.Parse(text, "class_weight", null)).Message, message);

    [TestMethod]
    [DataRow("[1, 2]")]
    [DataRow("""{"pos_counts": [1, -2], "num_samples": 8}""")]
    [DataRow("""{"pos_counts": [1, 2], "num_samples": "8"}""")]
    [DataRow("{")]
    public void WrongStatisticsAreErrors(string text)
    {
        File.WriteAllText(folder["stats.json"], text);
        Assert.ThrowsExactly<UserException>(() => ClassCounts.Read(folder["stats.json"]));
    }

    [TestMethod]
    public void AsManyWeightsAsClasses()
    {
        var graph = new Graph("loss");
        var logits = graph.Input("logits", DType.Float32, new Shape(Dim.Batch, 5));
        var loss = Losses.BinaryCrossEntropy(weights: new(Classes: [1, 2, 3]));
        StringAssert.Contains(Assert.ThrowsExactly<UserException>(() => loss(logits, logits)).Message,
            "3 weights of classes for 5 classes");
    }

    static void Close(string title, double expected, double got) => Assert.AreEqual(expected, got,
        Tolerances.Get("loss.factory") * Math.Max(1, Math.Abs(expected)), title);

    static LossOptions Options(JsonElement row)
    {
        var args = row.GetProperty("args");
        double? Number(string key) => Has(key) ? args.GetProperty(key).GetDouble() : null;
        bool Has(string key) => args.TryGetProperty(key, out var v) && v.ValueKind != JsonValueKind.Null;
        bool Is(string key) => Has(key) && args.GetProperty(key).GetBoolean();
        double[]? List(string key) => !Has(key) ? null
            : args.GetProperty(key).ValueKind == JsonValueKind.Array ? Array.ConvertAll(Flat(args.GetProperty(key)),
                v => (double)v) : [Number(key)!.Value];
        var plain = new LossOptions();
        return plain with
        {
            Type = args.GetProperty("loss_type").GetString()!,
            MultiLabel = Is("multi_label"),
            SoftTargets = Is("soft_targets"),
            Smoothing = Number("smoothing") ?? 0,
            BceSum = Is("bce_sum"),
            BceTargetThresh = Number("bce_target_thresh"),
            Weights = new(List("class_weight"), List("pos_weight")),
            AslGammaNeg = Number("asl_gamma_neg") ?? plain.AslGammaNeg,
            AslGammaPos = Number("asl_gamma_pos") ?? plain.AslGammaPos,
            AslClip = args.TryGetProperty("asl_clip", out _) ? Number("asl_clip") : plain.AslClip,
            AslReduction = Has("asl_reduction") ? args.GetProperty("asl_reduction").GetString()! : "batchmean",
            PolyEpsilon = Number("poly_epsilon") ?? plain.PolyEpsilon,
            PolyGamma = Number("poly_gamma") ?? 0,
            PolyAlpha = Number("poly_alpha"),
            TwowayTp = Number("twoway_tp") ?? plain.TwowayTp,
            TwowayTn = Number("twoway_tn") ?? plain.TwowayTn,
            DbNegScale = Number("db_neg_scale") ?? plain.DbNegScale,
            DbInitBias = Number("db_init_bias") ?? plain.DbInitBias,
            DbFocalGamma = Number("db_focal_gamma") ?? plain.DbFocalGamma,
            ClassCounts = List("class_counts"),
            NumSamples = Number("num_samples"),
            JsdSplits = (int)(Number("jsd_splits") ?? 0),
        };
    }

    /// <summary>Rows as they are; of class indices as the host makes them.</summary>
    static float[] Target(string name, LossOptions options)
    {
        var given = Reference.GetProperty(name);
        if (given[0].ValueKind == JsonValueKind.Array)
            return Flat(given);
        var rows = new float[30];
        Targets.Smooth([.. given.EnumerateArray().Select(l => l.GetInt64())], options.Smoothing, rows);
        return rows;
    }

    static float[] Flat(JsonElement values) => values.ValueKind == JsonValueKind.Array
        ? [.. values.EnumerateArray().SelectMany(Flat)] : [values.GetSingle()];
}
