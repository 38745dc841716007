using System.Text.Json;
using OnnxTimm.Infer;
using OnnxTimm.Models;
using OnnxTimm.Onnx;

namespace OnnxTimm.Tests.Models;

/// <summary>Networks that take patches of images of any shape.</summary>
[TestClass]
public sealed class NaFlexTests
{
    const int Patch = 16, Numbers = Patch * Patch * 3;

    /// <summary>Both forms give timm's logits, and what lies in the padding changes nothing.</summary>
    [TestMethod]
    [TestCategory("all")]
    public void BothFormsGiveTimmsLogits()
    {
        var rows = GoldenZoo.Rows(Paths.Shared("golden", "zoo", "naflex.jsonl.gz"))
            .Where(r => Asked.Has(r.GetProperty("name").GetString()!));
        string[] faults = [.. rows.SelectMany(Faults)];
        Assert.IsEmpty(faults, string.Join("\n", faults));
    }

    /// <summary>A batch of images of several shapes gives what each of them gives by itself, as an image.</summary>
    [TestMethod]
    [DataRow("naflexvit_base_patch16_gap", "")]
    [DataRow("naflexvit_base_patch16_par_gap", "max")]
    [DataRow("naflexvit_base_patch16_parfac_gap", "avgmax")]
    [DataRow("naflexvit_base_patch16_siglip", "map")]
    [DataRow("naflexvit_base_patch16_radio_v3", "token")]
    [DataRow("naflexvit_large_patch16_radio_v3", "avg")]
    public void PatchesAreAnImage(string name, string pool)
    {
        (int H, int W)[] grids = [(3, 5), (17, 2), (1, 1), (4, 4)];
        const int length = 36;
        using var session = Of(name, pool, patches: true, default);
        var patches = new float[grids.Length * length * Numbers];
        Array.Fill(patches, float.NaN);
        var images = grids.Select((grid, i) => Fill.Input($"image{i}", 1, 3, grid.H * Patch, grid.W * Patch)).ToArray();
        foreach (var (i, image) in images.Index())
            Cut(image, grids[i], patches.AsSpan(i * length * Numbers));
        var together = Run(session, grids, length, patches);
        foreach (var (i, image) in images.Index())
        {
            using var alone = Of(name, pool, patches: false, grids[i]);
            using var binding = alone.Bind([1, 3, grids[i].H * Patch, grids[i].W * Patch]);
            var expected = binding.Run(image).ToArray();
            var got = together.AsSpan(i * expected.Length, expected.Length);
            Assert.IsLessThan(Tolerances.Get("zoo/patches"), OnnxTimm.Deploy.Distance.Of(got, expected),
                $"{name} {pool} {grids[i]}");
        }
    }

    [TestMethod]
    public void WhatTakesNoPatchesSaysSo()
    {
        string Fault(string name, ModelOptions options) =>
            Assert.ThrowsExactly<UserException>(() => Zoo.Build(name, options with { MaxSeqLen = 576 })).Message;
        Assert.Contains("resnet18 takes images, no patches", Fault("resnet18", new()));
        Assert.Contains("no maps", Fault("naflexvit_base_patch16_gap", new() { FeaturesOnly = true }));
        Assert.Contains("no size of image", Fault("naflexvit_base_patch16_gap", new() { ImgSize = (64, 64) }));
        Assert.Contains("avg", Fault("naflexvit_base_patch16_gap", new() { GlobalPool = "mean" }));
    }

    /// <summary>A narrow network of a name's kind; with "" for the pool that it has, else its pooled tokens.</summary>
    static Session Of(string name, string pool, bool patches, (int H, int W) grid)
    {
        var graph = new Graph(name);
        var net = new Net(new() { NumClasses = pool.Length == 0 ? 7 : 0, GlobalPool = pool.Length == 0 ? null : pool },
            Pretrained.Default(name))
        {
            Patches = patches ? PatchInput.Of(graph, Dim.Batch, new Dim(1, "L"), Numbers) : null,
        };
        var input = net.Patches?.Patches
            ?? graph.Input("input", DType.Float32, new(Dim.Batch, 3, grid.H * Patch, grid.W * Patch));
        var family = NaFlexVit.Family;
        var narrow = family[name] with { Size = new(32, 2, 2, 64), Heads = 2, Hidden = 64 };
        graph.Output("y", family.Build(narrow, net, graph.Root, input));
        return Session.Load(OnnxFile.ToBytes(Fill.Weights(graph, 1)), name);
    }

    /// <summary>An image [3, H, W] as patches of rows, columns and colours.</summary>
    static void Cut(float[] image, (int H, int W) grid, Span<float> patches)
    {
        var (height, width) = (grid.H * Patch, grid.W * Patch);
        for (var i = 0; i < grid.H * grid.W * Numbers; i++)
        {
            var (patch, y, x, channel) = (i / Numbers, i / (Patch * 3) % Patch, i / 3 % Patch, i % 3);
            var (row, column) = (patch / grid.W * Patch + y, patch % grid.W * Patch + x);
            patches[i] = image[(channel * height + row) * width + column];
        }
    }

    static float[] Run(Session session, (int H, int W)[] grids, int length, float[] patches)
    {
        using var binding = session.Bind([grids.Length, length, Numbers], [grids.Length, length, 2],
            [grids.Length, length]);
        patches.CopyTo(binding.Input<float>());
        var places = binding.Input<long>(1);
        var valid = binding.Input<bool>(2);
        places.Fill(length);
        foreach (var (i, (rows, columns)) in grids.Index())
            for (var t = 0; t < rows * columns; t++)
            {
                (places[(i * length + t) * 2], places[(i * length + t) * 2 + 1]) = (t / columns, t % columns);
                valid[i * length + t] = true;
            }
        binding.Run();
        return binding.Output<float>().ToArray();
    }

    static IEnumerable<string> Faults(JsonElement row)
    {
        var name = row.GetProperty("name").GetString()!;
        (int, int)[] grids = [.. row.GetProperty("grids").EnumerateArray().Select(g => (g[0].GetInt32(), g[1].GetInt32()))];
        var length = row.GetProperty("seq_len").GetInt32();
        var classes = row.GetProperty("num_classes").GetInt32();
        var patches = Fill.Input("patches", grids.Length, length, Numbers);
        using (var session = Load(name, new() { NumClasses = classes, MaxSeqLen = 576 }))
        {
            var got = Run(session, grids, length, patches);
            for (var i = 0; i < grids.Length; i++)
                patches.AsSpan(((i * length + grids[i].Item1 * grids[i].Item2) * Numbers)..((i + 1) * length * Numbers))
                    .Fill(i - 3);
            CollectionAssert.AreEqual(got, Run(session, grids, length, patches), $"{name}: the padding counts");
            foreach (var fault in Far(row, got))
                yield return $"{name}, patches: {fault}";
        }
        var form = row.GetProperty("tensor_form");
        long[] shape = [.. form.GetProperty("input").EnumerateArray().Select(d => d.GetInt64())];
        using var ofImages = Load(name, new() { NumClasses = classes, ImgSize = ((int)shape[2], (int)shape[3]) });
        using var binding = ofImages.Bind([shape]);
        foreach (var fault in Far(form, binding.Run(Fill.Input(shape)).ToArray()))
            yield return $"{name}, images: {fault}";
    }

    static Session Load(string name, ModelOptions options)
    {
        using var folder = new TempFolder();
        OnnxFile.Write(Fill.Weights(Zoo.Build(name, options).Graph, 1), folder["m.onnx"]);
        return Session.Open(folder["m.onnx"]);
    }

    static IEnumerable<string> Far(JsonElement row, float[] got)
    {
        float[][] expected = [.. row.GetProperty("logits").EnumerateArray()
            .Select(item => item.EnumerateArray().Select(v => v.GetSingle()).ToArray())];
        var bound = Tolerances.Get("zoo/numbers.floor")
            + Tolerances.Get("zoo/numbers.noise") * row.GetProperty("noise").GetDouble();
        return from i in Enumerable.Range(0, expected.Length)
               let width = expected[i].Length
               let far = OnnxTimm.Deploy.Distance.Of(got.AsSpan(i * width, width), expected[i])
               where !(far <= bound)
               select $"item {i} is {far:e1} of the deviation off, allowed are {bound:e1}";
    }
}
