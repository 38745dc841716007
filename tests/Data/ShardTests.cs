using OnnxTimm.Data;

namespace OnnxTimm.Tests;

/// <summary>Shards of a WebDataset: their patterns, what is missing or cut, the order of a stream.</summary>
[TestClass]
public sealed class ShardTests
{
    readonly TempFolder folder = new();

    [TestCleanup]
    public void Clean() => folder.Dispose();

    [TestMethod]
    [DataRow("a{0..2}b", "a0b a1b a2b")]
    [DataRow("{08..10}", "08 09 10")]
    [DataRow("{3..1}", "3 2 1")]
    [DataRow("{0..6..3}", "0 3 6")]
    [DataRow("{a..c}{1,2}", "a1 a2 b1 b2 c1 c2")]
    [DataRow("x{a,b{1..2}}", "xa xb1 xb2")]
    [DataRow("{one}", "{one}")]
    [DataRow(@"\{1,2\}", "{1,2}")]
    [DataRow("{,x}.tar", ".tar x.tar")]
    [DataRow("{-1..1}", "-1 0 1")]
    public void BracesAsBashHasThem(string pattern, string names) =>
        Assert.AreEqual(names, string.Join(' ', BracePattern.Expand(pattern)));

    [TestMethod]
    [DataRow("{0..999999999}.tar", "stands for more than 100000 files")]
    [DataRow("{0..99999999999999999999}.tar", "stands for more than 100000 files")]
    [DataRow("{0..999}{0..999}.tar", "stands for more than 100000 files")]
    [DataRow("{{0..99999},{0..99999}}.tar", "stands for more than 100000 files")]
    [DataRow("{{{{{{{{{{a,b}}}}}}}}}}.tar", "more than 8 deep")]
    [DataRow("a{1,2.tar", "has no other")]
    [DataRow("a}.tar", "has no other")]
    public void BombsOfBraces(string pattern, string message) =>
        Fails(message, new(folder[""]) { Kind = "wds/", Split = pattern });

    [TestMethod]
    public void ShardsThatMiss()
    {
        Fails("9 of 12 shards are not there: ", Wds("set-train-{0000..0011}.tar"));
        Fails("No split \"holdout\": ", new(folder[""]) { Kind = "wds/", Split = "holdout" });
        Fails("Did you mean \"train\"?", Wds("trian"));
        Fails("behind the bar", Wds("set-train-0000.tar|many"));
        File.WriteAllText(folder["_info.json"], "{");
        Fails("is no JSON", new(folder[""]) { Kind = "wds/", Split = "train" });
        File.WriteAllText(folder["_info.json"], "{\"splits\": {\"train\": {\"filenames\": 3}}}");
        Fails("has no list of \"filenames\"", new(folder[""]) { Kind = "wds/", Split = "train" });
    }

    [TestMethod]
    public void AShardThatIsCut()
    {
        var bytes = File.ReadAllBytes(DatasetFormTests.At("wds/set-train-0000.tar"));
        // Each sample is three members of a header and one or two blocks: the cut is in the third.
        File.WriteAllBytes(folder["s-0.tar"], bytes[..(bytes.Length * 4 / 10)]);
        using var data = DatasetKinds.Open(new(folder[""]) { Kind = "wds/", Split = "s-{0..0}.tar" });
        Assert.IsTrue(data.Count is > 0 and < 5, $"{data.Count}");
        StringAssert.Contains(data.Remarks[0], "s-0.tar is cut short");
        StringAssert.Contains(data.Remarks[0], $"the {data.Count} samples before are taken");
    }

    [TestMethod]
    public void SamplesWithoutALabel()
    {
        Tars.Write(folder["s.tar"],
            Tars.Member("a.jpg", [1]), Tars.Member("a.cls", "3"u8.ToArray()), Tars.Member("b.jpg", [2]),
            Tars.Member("c.cls", "1"u8.ToArray()), Tars.Member("d.jpg", [4]), Tars.Member("d.cls", "-1"u8.ToArray()));
        using var data = DatasetKinds.Open(new(folder[""]) { Kind = "wds/", Split = "s.tar" });
        Assert.AreEqual((1, 3), (data.Count, data.Label(0)));
        Assert.HasCount(2, data.Remarks);
        StringAssert.Contains(data.Remarks[0], "): 1 sample of ");
        StringAssert.Contains(data.Remarks[1], "2 samples");
        StringAssert.Contains(data.Remarks[1], "b.jpg");
    }

    [TestMethod]
    public void AStreamGoesThroughABuffer()
    {
        var sampler = new BufferedSampler([50, 30, 20], 10, seed: 5, buffer: 15);
        int[][] epochs = [.. Enumerable.Range(0, 2).Select(e => sampler.Epoch(e)
            .SelectMany(b => b.ToArray().Select(d => d.Sample)).ToArray())];
        foreach (var epoch in epochs)
            CollectionAssert.AreEquivalent(Enumerable.Range(0, 100).ToArray(), epoch);
        CollectionAssert.AreNotEqual(epochs[0], epochs[1]);
        CollectionAssert.AreEqual(epochs[0], new BufferedSampler([50, 30, 20], 10, seed: 5, buffer: 15).Epoch(0)
            .SelectMany(b => b.ToArray().Select(d => d.Sample)).ToArray());
        // The first ten leave a buffer of fifteen: no image beyond the 25th of the stream can be among them.
        var order = new BufferedSampler([50, 30, 20], 10, seed: 5, buffer: 1).Epoch(0)
            .SelectMany(b => b.ToArray().Select(d => d.Sample)).ToArray();
        foreach (var (i, sample) in epochs[0].Index())
            Assert.IsLessThan(i + 15, Array.IndexOf(order, sample));
    }

    static DatasetRequest Wds(string split) => new(DatasetFormTests.At("wds")) { Kind = "wds/", Split = split };

    static void Fails(string message, DatasetRequest request) => StringAssert.Contains(
        Assert.ThrowsExactly<UserException>(() => DatasetKinds.Open(request).Dispose()).Message, message);
}
