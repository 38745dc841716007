using System.Text.Json;
using OnnxTimm.Data;
using OnnxTimm.Train;

namespace OnnxTimm.Tests;

/// <summary>Images of any shape are cut, erased and mixed as in timm, from the same draws.</summary>
[TestClass]
public sealed class PatchAugmentTests
{
    const int Side = 16;
    const float Before = 5;

    static readonly JsonElement Reference = Golden.Json("training", "naflex.json.gz");

    [TestMethod]
    public void CropsAreTimms()
    {
        foreach (var row in Reference.Get("crops").EnumerateArray())
        {
            Interval Of(string name) => new(row.Get(name)[0].GetDouble(), row.Get(name)[1].GetDouble());
            var (patches, random) = (new PatchConfig(row.Get("patch").GetInt32(), row.Get("max_seq_len").GetInt32()),
                new DrawnRandom(row.Get("drawn").EnumerateArray().Select(v => v.GetDouble())));
            var crop = new RandomResizedCropToSequence(patches, Of("scale"), Of("ratio"), [Interpolation.Bilinear]);
            var part = crop.Draw(row.Get("width").GetInt32(), row.Get("height").GetInt32(), random);
            var (rows, columns) = patches.GridOf(part.Height, part.Width);
            CollectionAssert.AreEqual(row.Ints("crop"), (int[])[part.Top, part.Left, part.Height, part.Width], $"{row}");
            CollectionAssert.AreEqual(row.Ints("size"), (int[])[rows * patches.Side, columns * patches.Side], $"{row}");
            Assert.AreEqual(0, random.Left);
        }
    }

    [TestMethod]
    public void ErasedPatchesAreTimms()
    {
        foreach (var row in Reference.Get("erasing").EnumerateArray())
        {
            var (args, grid) = (row.Get("args"), row.Ints("grid"));
            var random = new DrawnRandom(row.Get("drawn").EnumerateArray().Select(v => v.GetDouble()));
            var erasing = new PatchErasing(Side, new(args.Get("erase_prob").GetDouble(),
                RandomErasing.ParseMode(args.TryGetProperty("mode", out var mode) ? mode.GetString()! : ""),
                args.TryGetProperty("max_count", out var count) ? count.GetInt32() : 1));
            foreach (var expected in row.Get("erased").EnumerateArray())
            {
                ImageSize size = new(grid[0] * Side, grid[1] * Side);
                var planes = Enumerable.Repeat(Before, 3 * size.Height * size.Width).ToArray();
                erasing.Apply(planes, size.Height, size.Width, random);
                var patches = new float[planes.Length];
                new PatchConfig(Side, grid[0] * grid[1]).Cut(planes, size, patches);
                CollectionAssert.AreEqual(expected.EnumerateArray().Select(v => v.GetInt32()).ToArray(),
                    patches.Chunk(Side * Side * 3).Select(p => p.Count(v => v != Before) / p.Length).ToArray(), $"{row}");
            }
            Assert.AreEqual(0, random.Left);
        }
    }

    /// <summary>What is written: nothing, a number a channel, a number a value.</summary>
    [TestMethod]
    public void ErasedPatchesAreOfTheirMode()
    {
        foreach (var (mode, values) in new[] { (ErasingMode.Const, 1), (ErasingMode.Rand, 3), (ErasingMode.Pixel, 300) })
        {
            var planes = Enumerable.Repeat(Before, 3 * 64 * 64).ToArray();
            Assert.AreEqual(1, new PatchErasing(Side, new(1, mode)).Apply(planes, 64, 64, new CounterRandom(3).At(0, 0)));
            var written = planes.Where(v => v != Before).Distinct().Count();
            Assert.IsTrue(values < 300 ? written == values : written >= values, $"{mode}: {written}");
        }
    }

    [TestMethod]
    public void MixedImagesAndTargetsAreTimms()
    {
        foreach (var row in Reference.Get("mixing").EnumerateArray())
        {
            var args = row.Get("args");
            double Number(string name, double or) => args.TryGetProperty(name, out var v) ? v.GetDouble() : or;
            var mix = new PatchMixup
            {
                MixupAlpha = Number("mixup_alpha", 0.8),
                CutmixAlpha = Number("cutmix_alpha", 1),
                Probability = Number("prob", 1),
                SwitchProbability = Number("switch_prob", 0.5),
            };
            ImageSize[] sizes = [.. row.Get("sizes").EnumerateArray().Select(s => new ImageSize(s[0].GetInt32(), s[1].GetInt32()))];
            var random = new DrawnRandom(row.Get("drawn").EnumerateArray().Select(v => v.GetDouble()));
            var partners = new Partner[sizes.Length];
            var images = Images(sizes);
            mix.Apply(images, 0, random, partners);
            Assert.AreEqual(0, random.Left, $"{args}");
            foreach (var (i, expected) in row.Get("out").EnumerateArray().Index())
                CheckSums(expected, images[i].ToArray(), $"mixed:{i}");
            var targets = new float[sizes.Length * 5];
            Targets.Fill([.. Enumerable.Range(0, sizes.Length).Select(i => (long)(i % 5))], partners,
                Number("label_smoothing", 0), targets);
            foreach (var (e, got) in row.Get("targets").EnumerateArray().SelectMany(r => r.EnumerateArray()).Zip(targets))
                Assert.AreEqual(e.GetDouble(), got, Tolerances.Get("data/patches"), $"{args}");
        }
    }

    [TestMethod]
    public void WhatIsNotMixedStays()
    {
        ImageSize[] sizes = [new(32, 16), new(16, 32)];
        var images = Images(sizes);
        var partners = new Partner[2];
        new PatchMixup { OffEpoch = 3 }.Apply(images, 3, new DrawnRandom([]), partners);
        new PatchMixup().Apply(images.First(1), 0, new DrawnRandom([]), partners);
        Assert.IsTrue(images.Values.SequenceEqual(Images(sizes).Values));
        CollectionAssert.AreEqual((Partner[])[new(0, 1), new(1, 1)], partners);
        Assert.Contains("alpha", Assert.ThrowsExactly<UserException>(() =>
            new PatchMixup { MixupAlpha = 0, CutmixAlpha = 0 }.Kept(new(2, 3, 0, 0))).Message);
        Assert.Contains("any shape", Assert.ThrowsExactly<UserException>(() =>
            new Mixup().Kept(new(2, 3, 0, 0) { Patches = new(16, 4) })).Message);
    }

    static ImageBatch Images(ImageSize[] sizes)
    {
        BatchShape shape = new(sizes.Length, 3, 0, 0) { Patches = new(Side, 16) };
        var images = new ImageBatch(new float[sizes.Length * shape.ImageLength], shape, sizes);
        for (var i = 0; i < sizes.Length; i++)
            Fill.Uniform($"image:{i}", images[i].Length).CopyTo(images[i]);
        return images;
    }

    static void CheckSums(JsonElement expected, float[] actual, string name)
    {
        var directions = Fill.Uniform(name, actual.Length);
        var norm = Math.Sqrt(actual.Sum(v => (double)v * v));
        var far = Tolerances.Get("data/patches");
        Assert.AreEqual(expected[0].GetDouble(), norm, far * norm);
        Assert.AreEqual(expected[1].GetDouble(), actual.Zip(directions, (v, u) => (double)v * u).Sum(), far * norm);
        foreach (var (i, value) in expected[2].EnumerateArray().Index())
            Assert.AreEqual(value.GetDouble(), actual[i], far);
    }
}
