using OnnxTimm.Data;

namespace OnnxTimm.Tests;

/// <summary>Data sets that are cut, damaged, or asked for in a way that cannot be.</summary>
[TestClass]
public sealed class DatasetFaultTests
{
    readonly TempFolder folder = new();

    [TestCleanup]
    public void Clean() => folder.Dispose();

    [TestMethod]
    public void KindsThatAreNot()
    {
        Fails("No kind of data set \"wdss/\"", new("x") { Kind = "wdss/" });
        Fails("read them as wds/", new("x") { Kind = "tfds/imagenet" });
        Fails("Did you mean \"cifar10\"?", new("x") { Kind = "torch/cifar11" });
        Fails("nothing stands behind the slash", new("x") { Kind = "csv/x" });
        Fails("There is no file or folder", new(folder["none"]) { Kind = "hfds/x" });
        Fails("No column in", Parquet() with { TargetKey = "labell" });
        Fails("No column of images in", Parquet() with { InputKey = "imag" });
        Fails("line 2: ../folder/ant/0.jpg: it has no label", Csv("several"));
        Fails("has 3 labels: several are read with multi-label only", Parquet() with { TargetKey = "tags" });
        Fails("names 2 fields", Csv("train") with { TargetKey = "file,labels" });
        Fails("\"cow9\" is not in", Csv("train") with { Classes = ["ant", "bee"] });
        Fails("has labels up to 3", Wds("train") with { Classes = ["0", "1"] });
        Fails("50 images of", Csv("train") with { Samples = 50 });
    }

    [TestMethod]
    public void TablesThatAreNone()
    {
        foreach (var (text, message) in new[]
        {
            ("", "is empty"), ("file,label\n", "No column in"), ("file,labels\n", "lists no image"),
            ("file,labels\na.jpg\n", "line 2: 1 cell,"), ("file,labels\n\"a.jpg,x\n", "line 2: a quote has no end"),
            ("file,labels\na.jpg,\n", "line 2: a.jpg: it has no label"),
            ("file,labels\na.jpg,x\n", "None of the 1 files"),
            ("file,labels\n\"a\"b.jpg,x\n", "behind the end of a quote"),
        })
        {
            File.WriteAllText(folder["train.csv"], text);
            Fails(message, new(folder[""]) { Kind = "csv/", Split = "train" });
        }
    }

    [TestMethod]
    [DataRow("torch/cifar10", "cifar-10-batches-py/data_batch_1")]
    [DataRow("torch/cifar100", "cifar-100-python/train")]
    [DataRow("torch/mnist", "MNIST/raw/train-images-idx3-ubyte")]
    [DataRow("torch/qmnist", "QMNIST/raw/qmnist-train-labels-idx2-int")]
    [DataRow("hfds/", "data/train-00000-of-00002.parquet")]
    public void FilesThatAreCutOrChanged(string kind, string file)
    {
        var source = DatasetFormTests.At(kind == "hfds/" ? "parquet" : "torch");
        var name = file.Split('/')[0];
        Directory.CreateDirectory(folder[Path.GetDirectoryName(file)!]);
        foreach (var path in Directory.GetFiles(Path.Combine(source, Path.GetDirectoryName(file)!)))
            File.Copy(path, folder[Path.GetRelativePath(source, path)]);
        var whole = File.ReadAllBytes(folder[file]);
        var random = new Random(7);
        for (var trial = 0; trial < 60; trial++)
        {
            var bytes = trial % 3 == 0 ? whole[..random.Next(whole.Length)] : [.. whole];
            for (var i = 0; trial % 3 != 0 && i < 4; i++)
                bytes[trial % 3 == 1 ? random.Next(Math.Min(64, bytes.Length)) : random.Next(bytes.Length)] =
                    (byte)random.Next(256);
            File.WriteAllBytes(folder[file], bytes);
            Attempt(new(folder[""]) { Kind = kind, Split = "train" }, $"{name}, trial {trial}");
        }
    }

    [TestMethod]
    public void ClassMapsOfAllForms()
    {
        File.WriteAllText(folder["list.json"], "[\"cow9\", \"bee\", \"ant\", \"cow10\"]");
        File.WriteAllText(folder["map.json"], "{\"ant\": 2, \"bee\": 1, \"cow9\": 0, \"cow10\": 3}");
        // Python: pickle.dumps({"ant": 2, "bee": 1, "cow9": 0, "cow10": 3}, 4)
        File.WriteAllBytes(folder["map.pkl"], Convert.FromHexString(
            "80049528000000000000007D94288C03616E74944B028C03626565944B018C04636F7739944B008C05636F773130944B03752E"));
        foreach (var map in new[] { "list.json", "map.json", "map.pkl" })
        {
            using var data = DatasetKinds.Open(new(DatasetFormTests.At("folder")) { ClassMap = folder[map] });
            Assert.AreEqual("2 2 2 1 1 1 0 0 0 3 3 3", string.Join(' ', Enumerable.Range(0, 12).Select(data.Label)));
        }
        foreach (var (name, text) in new[] { ("a.json", "{"), ("b.json", "{\"ant\": \"x\"}"), ("c.json", "3"),
            ("d.pkl", "nothing"), ("e.json", "{\"ant\": -1}"), ("f.yaml", "x") })
        {
            File.WriteAllText(folder[name], text);
            Fails(folder[name], new(DatasetFormTests.At("folder")) { ClassMap = folder[name] });
        }
    }

    /// <summary>A kind that the sources do not know.</summary>
    [TestMethod]
    public void AKindOfOnesOwn()
    {
        var kind = new DatasetKind("dots", ["red", "blue"], r => new Train.Dots(r.Name == "red" ? 4 : 8));
        using var data = Dataset.Open(new DatasetRequest("") { Kind = "dots/red" }, [.. Dataset.Kinds, kind]);
        Assert.AreEqual(4, data.Count);
        Assert.ThrowsExactly<UserException>(() =>
            Dataset.Open(new DatasetRequest("") { Kind = "dots/green" }, [.. Dataset.Kinds, kind]));
    }

    static DatasetRequest Wds(string split) => new(DatasetFormTests.At("wds")) { Kind = "wds/", Split = split };

    static DatasetRequest Csv(string split) => new(DatasetFormTests.At("csv")) { Kind = "csv/", Split = split };

    static DatasetRequest Parquet() => new(DatasetFormTests.At("parquet")) { Kind = "hfds/", Split = "train" };

    static void Fails(string message, DatasetRequest request) => StringAssert.Contains(
        Assert.ThrowsExactly<UserException>(() => DatasetKinds.Open(request).Dispose()).Message, message);

    /// <summary>Opens and reads all, or ends in a message.</summary>
    static void Attempt(DatasetRequest request, string what)
    {
        try
        {
            using var data = DatasetKinds.Open(request);
            for (var i = 0; i < data.Count; i++)
            {
                using var pixels = data.Pixels(i);
                if (pixels is null)
                    data.Read(i, new());
            }
        }
        catch (UserException)
        {
        }
        catch (Exception e)
        {
            Assert.Fail($"{what}: {e}");
        }
    }
}
