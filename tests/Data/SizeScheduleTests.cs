using System.Text.Json;
using OnnxTimm.Data;

namespace OnnxTimm.Tests;

/// <summary>Batches of several sizes of images are as timm's ScheduledBatchSampler makes them.</summary>
[TestClass]
public sealed class SizeScheduleTests
{
    static readonly JsonElement Reference = Golden.Json("training", "samplers.json.gz");

    public static IEnumerable<object[]> Rows => Reference.Get("rows").EnumerateArray()
        .Where(r => r.Text("sampler") is "scheduled_batch").Select(r => new object[] { r.ToString() });

    [TestMethod]
    [DynamicData(nameof(Rows))]
    public void WeightsAndCountsAreTimms(string json)
    {
        var row = JsonDocument.Parse(json).RootElement;
        var schedule = Schedule(row.Get("args"));
        var mean = row.Get("average_batch_size").GetDouble();
        Assert.AreEqual(mean, schedule.MeanBatchSize, mean * Tolerance);
        if (row.Get("num_batches").ValueKind == JsonValueKind.Number)
            Assert.AreEqual(row.Get("num_batches").GetInt32(), schedule.Count(row.Get("length").GetInt32()));
        else
            Assert.IsNull(schedule.Count(row.Get("length").GetInt32()));
        foreach (var epoch in row.Get("epochs").EnumerateArray())
        {
            var weights = schedule.Weights(epoch.Get("epoch").GetInt32());
            foreach (var (expected, actual) in epoch.Get("weights").EnumerateArray().Zip(weights))
                Assert.AreEqual(expected.GetDouble(), actual, Tolerance);
        }
    }

    [TestMethod]
    [DynamicData(nameof(Rows))]
    public void ImagesAreTimms(string json)
    {
        var row = JsonDocument.Parse(json).RootElement;
        Draw[] images = [.. Enumerable.Range(0, row.Get("length").GetInt32()).Select(i => new Draw(i))];
        foreach (var epoch in row.Get("epochs").EnumerateArray())
        {
            SizedBatch[] drawn = [.. epoch.Ints("choices").Zip(epoch.Ints("sizes"), (c, n) => new SizedBatch(c, n))];
            if (epoch.Get("order").ValueKind == JsonValueKind.Array)
                drawn = [.. epoch.Ints("order").Select(i => drawn[i])];
            var batches = ScheduledSampler.Cut(images, drawn);
            foreach (var (expected, actual) in epoch.Get("batches").EnumerateArray().Zip(batches, (e, a) => (e, a)))
            {
                Assert.IsTrue(actual.ToArray().All(d => d.Size == expected[0].GetInt32()));
                CollectionAssert.AreEqual(expected[1].EnumerateArray().Select(v => v.GetInt32()).ToArray(),
                    actual.ToArray().Select(d => d.Sample).ToArray());
            }
        }
    }

    [TestMethod]
    [DynamicData(nameof(Rows))]
    public void AnEpochIsWhatTheScheduleAllows(string json)
    {
        var row = JsonDocument.Parse(json).RootElement;
        var (schedule, length) = (Schedule(row.Get("args")), row.Get("length").GetInt32());
        var sampler = new ScheduledSampler(Samplers.InOrder(length, 1), schedule, length, 7);
        var epochs = Enumerable.Range(0, 3).Select(sampler.Epoch).ToArray();
        foreach (var batches in epochs)
        {
            Assert.HasCount(sampler.BatchCount, batches);
            foreach (var batch in batches)
            {
                var size = batch.Span[0].Size;
                Assert.IsGreaterThan(0, schedule.Probabilities[size]);
                Assert.IsTrue(batch.Length == schedule.BatchSizes[size]
                    || schedule.KeepsLast && batch.Length < schedule.BatchSizes.Max());
            }
            var taken = batches.SelectMany(b => b.ToArray()).Select(d => d.Sample).ToArray();
            CollectionAssert.AreEqual(Enumerable.Range(0, taken.Length).Select(i => i % length).ToArray(), taken);
        }
        // Without a number of batches the images are shared out once, and all epochs have the same batches.
        if (schedule.Count(length) is null)
            foreach (var batches in epochs)
            {
                Assert.IsLessThanOrEqualTo(length, batches.Sum(b => b.Length));
                CollectionAssert.AreEqual(Sizes(epochs[0]), Sizes(batches));
            }
    }

    [TestMethod]
    public void WhatCannotBeIsNamed()
    {
        Fails("at least one", new([]));
        Fails("not 0", new([4, 0]));
        Fails("at least two", new([4]) { IsProgressive = true });
        Fails("2 sizes and 1 probabilities", new([4, 8]) { Probabilities = [1] });
        Fails("from 0", new([4, 8]) { Probabilities = [0, 0] });
        Fails("from 0", new([4, 8]) { Probabilities = [1, double.NaN] });
    }

    static double Tolerance => Tolerances.Get("data/size_schedule");

    static int[] Sizes(IEnumerable<ReadOnlyMemory<Draw>> batches) => [.. batches.Select(b => b.Length).Order()];

    static void Fails(string message, SizeSchedule schedule) => StringAssert.Contains(
        Assert.ThrowsExactly<UserException>(() => new ScheduledSampler(Samplers.InOrder(9, 1), schedule, 9, 1)).Message,
        message);

    static SizeSchedule Schedule(JsonElement args)
    {
        var sizes = args.Ints("batch_sizes");
        return new(sizes)
        {
            Probabilities = args.TryGetProperty("choice_weights", out var weights)
                ? [.. weights.EnumerateArray().Select(w => w.GetDouble())] : [.. sizes.Select(_ => 1.0)],
            IsProgressive = args.TryGetProperty("choice_schedule", out _),
            Epochs = Int("schedule_epochs") ?? 1,
            Spread = Number("schedule_spread") ?? 0.65,
            RandomMix = Number("schedule_random_mix") ?? 0.1,
            BatchCount = Int("num_batches"),
            KeepsLast = args.TryGetProperty("drop_last", out _),
        };

        double? Number(string name) => args.TryGetProperty(name, out var value) ? value.GetDouble() : null;

        int? Int(string name) => (int?)Number(name);
    }
}
