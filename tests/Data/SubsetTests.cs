using OnnxTimm.Data;

namespace OnnxTimm.Tests;

/// <summary>Parts of a data set: a share that is the same files at every run, and splits.</summary>
[TestClass]
public sealed class SubsetTests
{
    static readonly string[] Names =
        [.. "abc".SelectMany(c => Enumerable.Range(0, c == 'a' ? 1 : c == 'b' ? 3 : 40).Select(i => $"{c}/{i}.png"))];

    [TestMethod]
    public void AShareOfEachClassIsTakenAndNothingIsLost()
    {
        var data = new Listed(Names);
        var (share, others) = Subset.Split(data, 0.1);
        CollectionAssert.AreEqual(new[] { 0, 1, 4 }, "abc".Select(c => share.Count(i => Names[i][0] == c)).ToArray());
        CollectionAssert.AreEquivalent(Enumerable.Range(0, Names.Length).ToArray(), share.Concat(others).ToArray());
        CollectionAssert.AreEqual(share.Order().ToArray(), share);
        using var part = new Subset(data, share);
        Assert.AreEqual((5, Names[share[4]], 2), (part.Count, part.Name(4), part.Label(4)));
    }

    /// <summary>The first images of a folder are of its first classes, which is said.</summary>
    [TestMethod]
    public void TheFirstImagesSayWhichClassesTheyLack()
    {
        using var few = Subset.First(new Listed(Names), 3);
        Assert.AreEqual("The first 3 images of 44 are of 2 of the 3 classes.", few.Remarks.Single());
        Assert.AreEqual((3, Names[2]), (few.Count, few.Name(2)));
        using var more = Subset.First(new Listed(Names), 5);
        Assert.IsEmpty(more.Remarks);
    }

    [TestMethod]
    public void TheOrderOfTheFilesDoesNotMatter()
    {
        string[] reversed = [.. Names.Reverse()];
        var expected = Subset.Split(new Listed(Names), 0.3).Share.Select(i => Names[i]).ToArray();
        var found = Subset.Split(new Listed(reversed), 0.3).Share.Select(i => reversed[i]).ToArray();
        CollectionAssert.AreEquivalent(expected, found);
        CollectionAssert.AreNotEqual(Names.TakeLast(found.Length).ToArray(), expected);
    }

    /// <summary>The folder itself would be all of its splits, mixed.</summary>
    [TestMethod]
    [DataRow("validation", "train/a/1.png test/a/2.png notes/3.png", "There are notes, test, train.")]
    [DataRow("train", "val/a/1.png", "There is val.")]
    [DataRow("val", "train.tar test.tar", "There are test.tar, train.tar.")]
    [DataRow("tset", "test/a/1.png", "Did you mean \"test\"? There is test.")]
    public void AFolderOfOtherSplitsIsNoSplit(string split, string files, string there)
    {
        using var folder = new TempFolder();
        foreach (var file in files.Split(' '))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder[file])!);
            File.WriteAllText(folder[file], "");
        }
        var message = Assert.ThrowsExactly<UserException>(() => Dataset.Open(folder[""], split)).Message;
        StringAssert.EndsWith(message, there);
    }

    sealed class Listed(string[] names) : IDataset
    {
        public int Count => names.Length;

        public IReadOnlyList<string> Classes => ["a", "b", "c"];

        public int Label(int index) => names[index][0] - 'a';

        public string Name(int index) => names[index];

        public ReadOnlySpan<byte> Read(int index, FileBuffer buffer) => [];

        public void Dispose()
        {
        }
    }
}
