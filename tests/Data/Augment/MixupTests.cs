using System.Text.Json;
using OnnxTimm.Data;
using OnnxTimm.Train;

namespace OnnxTimm.Tests;

/// <summary>Mixup and cutmix give timm's images, targets, rectangles and shares from the same draws.</summary>
[TestClass]
public sealed class MixupTests
{
    static readonly JsonElement Reference = Golden.Json("training", "mixing.json.gz");
    static readonly long[] Labels = [.. Reference.Ints("labels").Select(i => (long)i)];
    static readonly BatchShape Shape = new(6, 3, 8, 10);

    public static IEnumerable<object[]> Boxes => Enumerate("boxes");

    public static IEnumerable<object[]> Rows => Enumerate("rows").Where(r => ((string)r[1]).Contains("\"drawn\""));

    [TestMethod]
    [DynamicData(nameof(Boxes))]
    public void BoxesAreTimms(int number, string json)
    {
        var row = JsonDocument.Parse(json).RootElement;
        var (height, width) = (row.Get("height").GetInt32(), row.Get("width").GetInt32());
        MixBox box;
        if (row.TryGetProperty("minmax", out var edges))
            box = MixBox.Draw(height, width, new Interval(edges[0].GetDouble(), edges[1].GetDouble()),
                new DrawnRandom(row.Get("drawn")));
        else
            box = MixBox.Draw(height, width, new MixEdge(row.Number("lam"), row.Text("lam_type") == "float32"),
                new DrawnRandom([row.Number("cy"), row.Number("cx")]),
                row.TryGetProperty("margin", out var margin) ? margin.GetDouble() : 0);
        CollectionAssert.AreEqual(row.Ints("box"), Ints(box), $"box {number}");
        if (row.TryGetProperty("corrected", out var corrected))
            Assert.AreEqual(corrected.GetDouble(), box.Rest(height, width), 1e-9);
    }

    [TestMethod]
    [DynamicData(nameof(Rows))]
    public void ImagesAndTargetsAreTimms(int number, string json)
    {
        var row = JsonDocument.Parse(json).RootElement;
        var isBytes = row.Text("class") == "FastCollateMixup";
        var images = Images(isBytes);
        var (mix, random) = (Of(row.Get("args")), new DrawnRandom(row.Get("drawn")));
        var kept = mix.Kept(Shape);
        var partners = new Partner[kept];
        mix.Apply(new(images, Shape), 0, random, partners);
        Assert.AreEqual(0, random.Left, $"row {number}");
        var result = images[..(kept * Shape.ImageLength)];
        if (isBytes)
            Assert.AreEqual(row.Text("sha256"),
                ImageGolden.Sha256([.. result.Select(v => (byte)MathF.Round(v, MidpointRounding.ToEven))]));
        else
            CheckSums(row.Get("out"), result);
        CheckTargets(row, partners);
    }

    /// <summary>
    /// timm's function of targets alone. Which labels images with several have, the row that mixes nothing says.
    /// </summary>
    [TestMethod]
    public void TargetsAreTimms()
    {
        var rows = Reference.Get("rows").EnumerateArray().Where(r => r.Text("class") == "mixup_target").ToArray();
        var unmixed = rows.Single(r => r.Get("args").Get("lam") is { ValueKind: JsonValueKind.Number } lam
            && lam.GetDouble() == 1);
        float[] several = [.. Values(unmixed).Select(value => value > 0.5 ? 1f : 0f)];
        Assert.HasCount(3, rows);
        foreach (var row in rows)
        {
            var (args, expected, lam) = (row.Get("args"), Values(row), row.Get("args").Get("lam"));
            Partner[] partners = [.. Enumerable.Range(0, 6).Select(i => new Partner(
                5 - i, (float)(lam.ValueKind == JsonValueKind.Number ? lam : lam[i]).GetDouble()))];
            var (smoothing, targets) = (args.Number("label_smoothing"), new float[expected.Length]);
            if (args.Get("multi_label").GetBoolean())
                Targets.FillSeveral(several, partners, 6, smoothing, targets);
            else
                Targets.Fill(Labels, partners, smoothing, targets);
            foreach (var (e, got) in expected.Zip(targets))
                Assert.AreEqual(e, got, 1e-6);
        }

        static double[] Values(JsonElement row) =>
            [.. row.Get("targets").EnumerateArray().SelectMany(r => r.EnumerateArray()).Select(v => v.GetDouble())];
    }

    [TestMethod]
    public void NothingIsMixedFromTheOffEpochOn()
    {
        var (images, partners) = (Images(false), new Partner[6]);
        var mix = new Mixup { MixupAlpha = 0.8, CutmixAlpha = 1, OffEpoch = 3 };
        mix.Apply(new(images, Shape), 3, new DrawnRandom([]), partners);
        CollectionAssert.AreEqual(Images(false), images);
        Assert.IsTrue(partners.All(p => p.Share == 1));
        mix.Apply(new(images, Shape), 2, new CounterRandom(1).At(2, 0), partners);
        CollectionAssert.AreNotEqual(Images(false), images);
    }

    [TestMethod]
    public void WhatCannotBeMixedIsRefused()
    {
        StringAssert.Contains(Refusal(new(), Shape with { Count = 5 }), "5 images");
        StringAssert.Contains(Refusal(new() { MixupAlpha = 0 }, Shape), "alpha");
        StringAssert.Contains(Refusal(new() { CutmixMinmax = new(0.2, 0.21) }, Shape), "10x8");
        Assert.ThrowsExactly<UserException>(() => Mixup.ParseMode("element"));
        Assert.AreEqual(MixMode.Elem, Mixup.ParseMode("elem"));
    }

    static string Refusal(Mixup mix, BatchShape shape) =>
        Assert.ThrowsExactly<UserException>(() => mix.Kept(shape)).Message;

    static void CheckSums(JsonElement expected, float[] actual)
    {
        var directions = Fill.Uniform("mix:out", actual.Length);
        var norm = Math.Sqrt(actual.Sum(v => (double)v * v));
        Assert.AreEqual(expected[0].GetDouble(), norm, 1e-6 * norm);
        Assert.AreEqual(expected[1].GetDouble(), actual.Zip(directions, (v, u) => (double)v * u).Sum(), 1e-6 * norm);
        for (var i = 0; i < 8; i++)
            Assert.AreEqual(expected[2][i].GetDouble(), actual[i], 1e-6);
    }

    static void CheckTargets(JsonElement row, Partner[] partners)
    {
        var classes = row.Get("args").Get("num_classes").GetInt32();
        var targets = new float[partners.Length * classes];
        Targets.Fill(Labels, partners, row.Get("args").Number("label_smoothing"), targets);
        var expected = row.Get("targets").EnumerateArray().SelectMany(r => r.EnumerateArray()).ToArray();
        Assert.HasCount(expected.Length, targets);
        for (var i = 0; i < targets.Length; i++)
            Assert.AreEqual(expected[i].GetDouble(), targets[i], 1e-6);
    }

    static Mixup Of(JsonElement args) => new()
    {
        MixupAlpha = args.Number("mixup_alpha"),
        CutmixAlpha = args.Number("cutmix_alpha"),
        CutmixMinmax = args.Get("cutmix_minmax") is { ValueKind: JsonValueKind.Array } edges
            ? new(edges[0].GetDouble(), edges[1].GetDouble()) : null,
        Probability = args.Number("prob"),
        SwitchProbability = args.Number("switch_prob"),
        Mode = Mixup.ParseMode(args.Text("mode")),
        CorrectsLambda = args.Get("correct_lam").GetBoolean(),
    };

    static float[] Images(bool isBytes)
    {
        var values = Fill.Uniform("mix:x", Shape.Count * Shape.ImageLength);
        return isBytes ? [.. values.Select(u => (float)Math.Floor((u + 1.0) / 2 * 255))] : values;
    }

    static int[] Ints(MixBox box) => [box.Top, box.Bottom, box.Left, box.Right];

    static IEnumerable<object[]> Enumerate(string list) =>
        Reference.Get(list).EnumerateArray().Select((r, i) => new object[] { i, r.ToString() });
}
