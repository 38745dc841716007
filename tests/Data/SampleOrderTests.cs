using System.Text.Json;
using OnnxTimm.Data;

namespace OnnxTimm.Tests;

/// <summary>Each process takes the images that PyTorch's and timm's samplers give it.</summary>
[TestClass]
public sealed class SampleOrderTests
{
    static readonly JsonElement Reference = Golden.Json("training", "samplers.json.gz");

    public static IEnumerable<object[]> Rows => Reference.Get("rows").EnumerateArray()
        .Where(r => r.Text("sampler") is "ordered" or "distributed" or "repeat_aug")
        .Select((r, i) => new object[] { i, r.ToString() });

    [TestMethod]
    [DynamicData(nameof(Rows))]
    public void EachProcessTakesTimmsImages(int number, string json)
    {
        var row = JsonDocument.Parse(json).RootElement;
        var permutation = row.TryGetProperty("permutation", out var name)
            ? Reference.Get("permutations").Ints(name.GetString()!)
            : [.. Enumerable.Range(0, row.Get("length").GetInt32())];
        var world = row.Get("replicas").GetInt32();
        for (var rank = 0; rank < world; rank++)
            CollectionAssert.AreEqual(
                row.Get("ranks")[rank].EnumerateArray().Select(v => v.GetInt32()).ToArray(),
                Order(row, permutation, new(rank, world)).Select(d => d.Sample).ToArray(),
                $"row {number}, rank {rank}");
    }

    [TestMethod]
    public void PicturesOfAnImageDrawTheirOwnChance()
    {
        foreach (var repeats in (double[])[1, 2, 2.5, 3])
        {
            var order = SampleOrder.Repeated([.. Enumerable.Range(0, 30)], repeats, new(0, 1), ratio: 1 / repeats);
            Assert.HasCount((int)(30 * repeats), order);
            Assert.HasCount(order.Length, order.Distinct().ToArray());
            Assert.IsTrue(order.All(d => d.View >= 0 && d.View < Math.Ceiling(repeats)));
        }
    }

    [TestMethod]
    public void ProcessesShareAnEpochOfOneSeed()
    {
        var ranks = Enumerable.Range(0, 3).Select(r => Samplers.Shuffled(30, 5, 7, new(r, 3)));
        var all = ranks.SelectMany(s => s.Epoch(4)).SelectMany(b => b.ToArray()).Select(d => d.Sample).Order();
        CollectionAssert.AreEqual(Enumerable.Range(0, 30).ToArray(), all.ToArray());
        Assert.ThrowsExactly<UserException>(() => Samplers.Shuffled(30, 5, 7, new(3, 3)));
    }

    [TestMethod]
    public void AFixedNumberOfBatchesBeginsTheImagesAnewAsOtherPictures()
    {
        var inner = Samplers.Shuffled(10, 4, 7);
        var batches = Samplers.Fixed(inner, 5).Epoch(1);
        Assert.HasCount(5, batches);
        for (var i = 0; i < 5; i++)
            CollectionAssert.AreEqual(
                inner.Epoch(1)[i % 2].ToArray().Select(d => d with { View = i / 2 }).ToArray(), batches[i].ToArray());
        CollectionAssert.AreEqual(inner.Epoch(1)[0].ToArray(), Samplers.Fixed(inner, 1).Epoch(1)[0].ToArray());
    }

    static Draw[] Order(JsonElement row, int[] permutation, Rank rank) => row.Text("sampler") switch
    {
        "repeat_aug" => SampleOrder.Repeated(permutation, row.Number("repeats"), rank,
            row.Get("selected_round").GetInt32(), row.Number("selected_ratio")),
        "distributed" => SampleOrder.Of(permutation, rank,
            row.TryGetProperty("drop_last", out var drops) && drops.GetBoolean()),
        _ => SampleOrder.Of(permutation, rank),
    };
}
