using System.Text.Json;
using OnnxTimm.Data;

namespace OnnxTimm.Tests;

/// <summary>Batches of images of any shape are as timm's NaFlexMapDatasetWrapper makes them.</summary>
[TestClass]
public sealed class SequenceSamplerTests
{
    static readonly JsonElement Reference = Golden.Json("training", "samplers.json.gz");

    public static IEnumerable<object[]> Rows => Reference.Get("rows").EnumerateArray()
        .Where(r => r.Text("sampler") is "naflex").Select(r => new object[] { r.ToString() });

    [TestMethod]
    public void BatchSizesAreTimms()
    {
        var rows = Reference.Get("naflex_batch_size").EnumerateArray().Where(r => r.Text("rounding") == "floor"
            && r.Get("max_size").ValueKind == JsonValueKind.Null).ToArray();
        Assert.HasCount(5, rows);
        foreach (var row in rows)
            Assert.AreEqual(row.Get("batch_size").GetInt32(),
                new SequenceSchedule([row.Get("seq_len").GetInt32()], row.Get("tokens").GetInt32())
                {
                    Divisor = row.Get("divisor").GetInt32(),
                }.BatchSize(row.Get("seq_len").GetInt32()), $"{row}");
    }

    /// <summary>Of the same draws, by all ranks: which batch is how long, of which patches, of which images.</summary>
    [TestMethod]
    [DynamicData(nameof(Rows))]
    public void BatchesAreTimms(string json)
    {
        var row = JsonDocument.Parse(json).RootElement;
        var (schedule, world) = (Schedule(row.Get("args")), row.Get("replicas").GetInt32());
        foreach (var (index, rank) in row.Get("ranks").EnumerateArray().Index())
            foreach (var epoch in rank.EnumerateArray())
            {
                var (samples, order) = Order(row, epoch.Get("epoch").GetInt32());
                var images = SampleOrder.Of(samples, new(index, world));
                Assert.HasCount(row.Get("samples_per_rank").GetInt32(), images);
                var sampler = new SequenceSampler(new Given(images), schedule, 1, Drawn(row, schedule));
                Assert.AreEqual(row.Get("len").GetInt32(), sampler.BatchCount);
                var batches = sampler.Epoch(images, order, Sides(epoch, schedule));
                foreach (var (expected, actual) in epoch.Get("batches").EnumerateArray().Zip(batches, (e, a) => (e, a)))
                {
                    var size = sampler.Sizes[actual.Span[0].Size];
                    Assert.IsTrue(actual.ToArray().All(d => d.Size == actual.Span[0].Size));
                    Assert.AreEqual((expected[0].GetInt32(), schedule.PatchSizes[expected[1].GetInt32()], actual.Length),
                        (size.SeqLen, size.Side, size.Count));
                    CollectionAssert.AreEqual(expected[2].EnumerateArray().Select(v => v.GetInt32()).ToArray(),
                        actual.ToArray().Select(d => d.Sample).ToArray());
                }
            }
    }

    [TestMethod]
    public void AnEpochHasAllImagesAndTheBatchesOfAllEpochs()
    {
        var schedule = new SequenceSchedule([64, 16, 64, 36], 16 * 64) { PatchSizes = [8, 16], Probabilities = [1, 3] };
        SequenceSampler Make() => new(203, schedule, 7, Rank.Only);
        var sampler = Make();
        CollectionAssert.AreEqual((int[])[16, 36, 64], sampler.Sizes.Select(s => s.SeqLen).Distinct().ToArray());
        var (first, second) = (sampler.Epoch(0), sampler.Epoch(1));
        foreach (var epoch in new[] { first, second })
            CollectionAssert.AreEquivalent(Enumerable.Range(0, 203).ToArray(), Images(epoch));
        CollectionAssert.AreNotEqual(Images(first), Images(second));
        CollectionAssert.AreEqual(Lengths(sampler, first).Order().ToArray(), Lengths(sampler, second).Order().ToArray());
        CollectionAssert.AreEqual(Images(second), Images(Make().Epoch(1)));
        CollectionAssert.AreEqual(Sizes(second), Sizes(Make().Epoch(1)));
        var both = Enumerable.Range(0, 50).Select(sampler.Epoch).SelectMany(Sizes).ToArray();
        var large = both.Count(size => sampler.Sizes[size].Side == 16);
        Assert.AreEqual(0.75, (double)large / both.Length, 4 * Math.Sqrt(0.75 * 0.25 / both.Length));

        static int[] Images(IEnumerable<ReadOnlyMemory<Draw>> epoch) =>
            [.. epoch.SelectMany(b => b.ToArray()).Select(d => d.Sample)];

        static int[] Sizes(IEnumerable<ReadOnlyMemory<Draw>> epoch) => [.. epoch.Select(b => b.Span[0].Size)];

        static IEnumerable<(int, int)> Lengths(SequenceSampler s, IEnumerable<ReadOnlyMemory<Draw>> epoch) =>
            epoch.Select(b => (s.Sizes[b.Span[0].Size].SeqLen, b.Length));
    }

    [TestMethod]
    public void WhatCannotBeIsNamed()
    {
        Fails("at least one number", new([], 100));
        Fails("not 0", new([16, 0], 100));
        Fails("not -4", new([16], 100) { PatchSizes = [-4] });
        Fails("2 sizes of patches and 1 probabilities", new([16], 100) { PatchSizes = [8, 16], Probabilities = [1] });
        Fails("from 0", new([16], 100) { PatchSizes = [8, 16], Probabilities = [0, 0] });
        Fails("from 0", new([16], 100) { PatchSizes = [8, 16], Probabilities = [double.NaN, 1] });
    }

    static void Fails(string message, SequenceSchedule schedule) => StringAssert.Contains(
        Assert.ThrowsExactly<UserException>(() => new SequenceSampler(9, schedule, 1, Rank.Only)).Message, message);

    static SequenceSchedule Schedule(JsonElement args) =>
        new(args.Ints("seq_lens"), args.Get("max_tokens_per_batch").GetInt32())
        {
            Divisor = args.TryGetProperty("batch_divisor", out var divisor) ? divisor.GetInt32()
                : SequenceSchedule.UsualDivisor,
            PatchSizes = args.TryGetProperty("patch_size_choices", out _) ? args.Ints("patch_size_choices") : [16],
            Probabilities = args.TryGetProperty("patch_size_choice_probs", out var probs)
                ? [.. probs.EnumerateArray().Select(p => p.GetDouble())] : [],
        };

    /// <summary>Gives the numbers of patches that the reference drew; they and the images say the rest.</summary>
    static DrawnRandom Drawn(JsonElement row, SequenceSchedule schedule) => new(row.Get("schedule").EnumerateArray()
        .Select(batch => (double)schedule.SeqLens.Index().Single(s => s.Item == batch[0].GetInt32()).Index));

    /// <summary>Gives the middle of the range that stands for the side that each batch of the reference drew.</summary>
    static DrawnRandom Sides(JsonElement epoch, SequenceSchedule schedule)
    {
        double[] weights = schedule.Probabilities.Count > 0 ? [.. schedule.Probabilities]
            : [.. schedule.PatchSizes.Select(_ => 1.0)];
        return new(epoch.Get("batches").EnumerateArray().Select(batch => batch[1].GetInt32())
            .Select(side => (weights.Take(side).Sum() + weights[side] / 2) / weights.Sum()));
    }

    static (int[] Samples, int[] Batches) Order(JsonElement row, int epoch) =>
        row.Get("permutations").EnumerateArray().FirstOrDefault(p => p.Get("epoch").GetInt32() == epoch)
            is { ValueKind: JsonValueKind.Object } drawn ? (drawn.Ints("samples"), drawn.Ints("batches"))
            : ([.. Enumerable.Range(0, row.Get("length").GetInt32())], [.. Enumerable.Range(0, row.Get("len").GetInt32())]);

    /// <summary>Images one by one.</summary>
    sealed class Given(Draw[] images) : ISampler
    {
        public int BatchCount => images.Length;

        public IReadOnlyList<ReadOnlyMemory<Draw>> Epoch(int epoch) =>
            [.. images.Select(image => new ReadOnlyMemory<Draw>([image]))];
    }
}
