using System.Text.Json;
using OnnxTimm.Train;

namespace OnnxTimm.Tests.Train;

/// <summary>Values and gradients of the losses equal timm's.</summary>
[TestClass]
public sealed class LossTests
{
    static readonly JsonElement Reference = Golden.Json("training", "losses.json");

    static readonly Dictionary<string, (Classification.Measure Loss, float[] Targets)> Cases = new()
    {
        ["cross_entropy"] = (Losses.SoftTargetCrossEntropy, Hard("hard", 0)),
        ["label_smoothing_0.1"] = (Losses.SoftTargetCrossEntropy, Hard("hard", 0.1)),
        ["label_smoothing_0.3"] = (Losses.SoftTargetCrossEntropy, Hard("hard", 0.3)),
        ["soft_target"] = (Losses.SoftTargetCrossEntropy, Soft),
        ["bce_hard {\"smoothing\": 0.1}"] = (Losses.BinaryCrossEntropy(), Hard("hard", 0.1)),
        ["bce_soft {\"smoothing\": 0.1}"] = (Losses.BinaryCrossEntropy(), Soft),
        ["bce_hard {\"smoothing\": 0.0}"] = (Losses.BinaryCrossEntropy(), Hard("hard", 0)),
        ["bce_soft {\"smoothing\": 0.0}"] = (Losses.BinaryCrossEntropy(), Soft),
        ["bce_hard {\"smoothing\": 0.1, \"target_threshold\": 0.2}"] = (Losses.BinaryCrossEntropy(threshold: 0.2),
            Hard("hard", 0.1)),
        ["bce_soft {\"smoothing\": 0.1, \"target_threshold\": 0.2}"] = (Losses.BinaryCrossEntropy(threshold: 0.2),
            Soft),
        ["bce_hard {\"smoothing\": 0.1, \"sum_classes\": true}"] = (Losses.BinaryCrossEntropy(sum: true),
            Hard("hard", 0.1)),
        ["bce_soft {\"smoothing\": 0.1, \"sum_classes\": true}"] = (Losses.BinaryCrossEntropy(sum: true), Soft),
        ["bce_hard {\"smoothing\": 0.0, \"pos_weight\": 2.0}"] = (Twice,
            Hard("hard", 0)),
        ["jsd_3_splits_alpha12_smooth0.1"] = (Losses.JensenShannon(3), Hard("jsd_targets", 0.1)),
        ["asl_singlelabel"] = (Losses.Asymmetric(smoothing: 0.1), Hard("hard", 0.1)),
        ["asl_multilabel"] = (LossTypes.Create(new() { Type = "asl", MultiLabel = true }), Multi),
        ["asl_multilabel_g2_1_c0.1"] = (LossTypes.Create(new()
        {
            Type = "asl",
            MultiLabel = true,
            AslGammaNeg = 2,
            AslClip = 0.1,
        }), Multi),
        ["bce_soft {\"smoothing\": 0.0, \"pos_weight\": 2.0}"] = (Twice, Soft),
    };

    static Classification.Measure Twice => Losses.BinaryCrossEntropy(weights: new(Positives: [2]));

    public static IEnumerable<object[]> Names => Cases.Keys.Select(name => new object[] { name });

    static float[] Soft => Rows("soft");

    static float[] Multi => Rows("multi");

    static float[] Rows(string targets) =>
        [.. Reference.GetProperty(targets).EnumerateArray().SelectMany(r => r.EnumerateArray())
        .Select(v => v.GetSingle())];

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void ValueAndGradientAreTimms(string name)
    {
        var row = Reference.GetProperty("runs").EnumerateArray().Single(r => r.GetProperty("loss").GetString() == name);
        var graph = new Graph("loss");
        var shape = new Shape(new Dim(3, "N"), 5);
        var (logits, targets) = (graph.Input("logits", DType.Float32, shape),
            graph.Input("target", DType.Float32, shape));
        var loss = Cases[name].Loss(logits, targets);
        graph.Output("grad", Gradients.Of(loss, [logits])[logits]);
        graph.Output("loss", loss);
        float[] x = [.. Reference.GetProperty("logits").EnumerateArray().SelectMany(r => r.EnumerateArray())
            .Select(v => v.GetSingle())];
        var outputs = Ort.Run(Fused.Expand(graph), ("logits", x, [6, 5]), ("target", Cases[name].Targets, [6, 5]));
        Assert.AreEqual(row.GetProperty("value")[0].GetDouble(), outputs["loss"][0], Tolerances.Get("loss"));
        foreach (var (i, e) in row.GetProperty("grad").EnumerateArray().Index())
            Assert.AreEqual(e.GetDouble(), outputs["grad"][i], Tolerances.Get("loss"), $"gradient {i}");
    }

    static float[] Hard(string labels, double smoothing)
    {
        var targets = new float[30];
        Targets.Smooth([.. Reference.GetProperty(labels).EnumerateArray().Select(l => l.GetInt64())], smoothing,
            targets);
        return targets;
    }
}
