using System.Formats.Tar;
using OnnxTimm.Data;

namespace OnnxTimm.Tests;

[TestClass]
public sealed class DatasetTests
{
    readonly string root = Directory.CreateTempSubdirectory("onnxtimm").FullName;

    [TestCleanup]
    public void Clean() => Directory.Delete(root, recursive: true);

    [TestMethod]
    public void FolderNamesAreClassesInNaturalOrder()
    {
        Write("class10/b.jpg", "class9/x10.JPEG", "class9/x9.png", "class9/notes.txt", "deep/class9/y.png");
        using var data = Dataset.Open(root);
        CollectionAssert.AreEqual((string[])["class9", "class10"], data.Classes.ToArray());
        CollectionAssert.AreEqual(
            (string[])["class9/x9.png=0", "class9/x10.JPEG=0", "class10/b.jpg=1", "deep/class9/y.png=0"], Rows(data));
    }

    [TestMethod]
    public void AFlatFolderHasNoLabels()
    {
        Write("n01440764_tench.JPEG", "n01443537_goldfish.JPEG");
        using var data = Dataset.Open(root);
        Assert.AreEqual(-1, data.Label(0));
        Assert.AreEqual(0, data.Classes.Count);
    }

    [TestMethod]
    [DataRow("validation", "val")]
    [DataRow("val", "val")]
    [DataRow("train", "training")]
    [DataRow("holdout", "holdout")]
    public void SplitsAreFoundByTheirSynonyms(string split, string folder)
    {
        Write($"{folder}/a/1.png", "other/b/2.png");
        using var data = Dataset.Open(root, split);
        CollectionAssert.AreEqual((string[])["a/1.png=0"], Rows(data));
    }

    [TestMethod]
    public void WithoutASplitFolderTheWholeFolderIsTheSplit()
    {
        Write("a/1.png");
        using var data = Dataset.Open(root, "train");
        Assert.AreEqual(1, data.Count);
    }

    [TestMethod]
    public void AClassMapGivesLabels()
    {
        Write("b/1.png");
        File.WriteAllText(Path.Combine(root, "map.txt"), "a\nb\nc\n");
        File.WriteAllText(Path.Combine(root, "map.tsv"), "index\tsynset\tnames\n7\tb\tbee\n");
        using var lines = Dataset.Open(root, classMap: "map.txt");
        using var table = Dataset.Open(root, classMap: "map.tsv");
        Assert.AreEqual(1, lines.Label(0));
        Assert.AreEqual(3, lines.Classes.Count);
        Assert.AreEqual(7, table.Label(0));
        Assert.AreEqual("b", table.Classes[7]);
    }

    [TestMethod]
    public void LinksThatLeadBackAreNotFollowed()
    {
        Write("a/1.png");
        Directory.CreateSymbolicLink(Path.Combine(root, "a", "loop"), root);
        using var data = Dataset.Open(root);
        Assert.AreEqual(1, data.Count);
    }

    [TestMethod]
    public void FaultsAreNamed()
    {
        Write("lorry/1.png");
        File.WriteAllText(Path.Combine(root, "map.txt"), "lory\ncar\n");
        Directory.CreateDirectory(Path.Combine(root, "empty"));
        Fails("Class \"lorry\" is not in the class map", () => Dataset.Open(root, classMap: "map.txt"));
        Fails("Did you mean \"lory\"?", () => Dataset.Open(root, classMap: "map.txt"));
        Fails("There is no class map", () => Dataset.Open(root, classMap: "none.txt"));
        Fails("No images in", () => Dataset.Open(Path.Combine(root, "empty")));
        Fails("No split \"emty\" in", () => Dataset.Open(root, "emty"));
        Fails("There is no file or folder", () => Dataset.Open(Path.Combine(root, "gone")));
    }

    [TestMethod]
    public void OneFileIsADataSet()
    {
        Write("a/1.png");
        using var data = Dataset.Open(Path.Combine(root, "a", "1.png"));
        CollectionAssert.AreEqual((string[])["1.png=-1"], Rows(data));
        CollectionAssert.AreEqual("a/1.png"u8.ToArray(), data.Read(0, new FileBuffer()).ToArray());
    }

    [TestMethod]
    [DataRow(TarEntryFormat.Ustar)]
    [DataRow(TarEntryFormat.Pax)]
    [DataRow(TarEntryFormat.Gnu)]
    [DataRow(TarEntryFormat.V7)]
    public void TarsAreReadInPlace(TarEntryFormat format)
    {
        var deep = format == TarEntryFormat.V7 ? "d" : new string('d', 120);
        var path = WriteTar(format, $"{deep}/b.jpg", "./a/10.png", "a/9.png", "a/readme.md");
        using var data = Dataset.Open(path);
        CollectionAssert.AreEqual((string[])["a/9.png=0", "a/10.png=0", $"{deep}/b.jpg=1"], Rows(data));
        Assert.AreEqual("./a/10.png", System.Text.Encoding.UTF8.GetString(data.Read(1, new FileBuffer())));
    }

    [TestMethod]
    public void ATarInATarIsAClass()
    {
        var inner = File.ReadAllBytes(WriteTar(TarEntryFormat.Ustar, "x.png"));
        using (var outer = new TarWriter(File.Create(Path.Combine(root, "outer.tar"))))
            outer.WriteEntry(
                new UstarTarEntry(TarEntryType.RegularFile, "n1.tar") { DataStream = new MemoryStream(inner) });
        using var data = Dataset.Open(Path.Combine(root, "outer.tar"));
        CollectionAssert.AreEqual((string[])["n1/x.png=0"], Rows(data));
        CollectionAssert.AreEqual("x.png"u8.ToArray(), data.Read(0, new FileBuffer()).ToArray());
    }

    [TestMethod]
    public void ASizeBeyondTheFileIsRefused()
    {
        var path = WriteTar(TarEntryFormat.Ustar, "a/1.png");
        var bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..514]);
        Fails("is cut short: a/1.png has 7 bytes from 512 on, the end is at 514", () => Dataset.Open(path));
        bytes[0] ^= 1;
        File.WriteAllBytes(path, bytes);
        Fails("damaged at byte 0", () => Dataset.Open(path));
    }

    /// <summary>Expected order: Python's sorted with timm's natural_key.</summary>
    [TestMethod]
    public void NaturalOrderIsThatOfTimm()
    {
        string[] expected =
        [
            "9", "09x", "10", "_", "a", "a1", "a1b", "a01b2", "a1b9", "a1b10", "a2", "a b", "a-1", "a/1.png",
            "a/1x.png", "A/2.png", "a/9.png", "a/10.png", "a/b", "a_1", "ab", "b/1.png", "img2c.png", "img12b3.png",
            "img12b.png", "Z",
        ];
        CollectionAssert.AreEqual(expected, expected.Reverse().Order(NaturalOrder.Instance).ToArray());
    }

    [TestMethod]
    public void RealTarsHaveTheirCounts()
    {
        using var train = Dataset.Open(Paths.Shared("data", "sign-digits"), "train");
        using var val = Dataset.Open(Paths.Shared("data", "sign-digits"), "validation");
        Assert.AreEqual((1645, 417), (train.Count, val.Count));
        Assert.AreEqual("0 1 2 3 4 5 6 7 8 9", string.Join(' ', train.Classes));
        Assert.AreEqual(999, ClassMap.Load(Paths.Shared("data", "imagenet", "classes.tsv"), "").Find("n15075141"));
    }

    static string[] Rows(IDataset data) =>
        [.. Enumerable.Range(0, data.Count).Select(i => $"{data.Name(i)}={data.Label(i)}")];

    static void Fails(string message, Func<IDataset> open) =>
        StringAssert.Contains(Assert.ThrowsExactly<UserException>(() => open().Dispose()).Message, message);

    void Write(params string[] names)
    {
        foreach (var name in names)
        {
            Directory.CreateDirectory(Path.Combine(root, Path.GetDirectoryName(name)!));
            File.WriteAllText(Path.Combine(root, name), name);
        }
    }

    string WriteTar(TarEntryFormat format, params string[] names)
    {
        var path = Path.Combine(root, "data.tar");
        using var tar = new TarWriter(File.Create(path), format);
        Write(names);
        foreach (var name in names)
            tar.WriteEntry(Path.Combine(root, name), name);
        return path;
    }
}
