using System.Security.Cryptography;
using System.Text.Json;
using OnnxTimm.Data;

namespace OnnxTimm.Tests;

/// <summary>Every form of a data set, written by others, against what torchvision and Pillow read.</summary>
[TestClass]
public sealed class DatasetFormTests
{
    static readonly JsonElement Expected = JsonDocument.Parse(
        File.ReadAllText(At("expected.json"))).RootElement;

    [TestMethod]
    [DataRow("folder", "", "", "folder")]
    [DataRow("set.tar", "", "", "folder")]
    [DataRow("tars", "", "", "folder")]
    [DataRow("tars.tar", "", "", "folder")]
    [DataRow("wds", "wds/", "train", "wds")]
    [DataRow("wds", "wds/", "set-train-{0000..0002}.tar", "wds")]
    [DataRow("wds", "wds/", "set-train-{0000,0001}.tar::set-train-0002.tar|12", "wds")]
    [DataRow("csv", "csv/", "train", "folder")]
    [DataRow("parquet", "hfds/", "train", "folder")]
    [DataRow("parquet", "hfids/", "training", "folder")]
    public void ThePicturesOfAllForms(string place, string kind, string split, string classes)
    {
        using var data = DatasetKinds.Open(new(At(place)) { Kind = kind, Split = split });
        var expected = Expected.GetProperty("folder");
        CollectionAssert.AreEqual(Rows(expected), Rows(data), $"{place}: {string.Join(' ', data.Remarks)}");
        CollectionAssert.AreEqual(classes == "wds" ? ["0", "1", "2", "3"]
            : (string[])[.. expected.GetProperty("classes").EnumerateArray().Select(c => c.GetString()!)],
            data.Classes.ToArray());
        Assert.IsEmpty(data.Remarks);
    }

    [TestMethod]
    [DataRow("cifar10")]
    [DataRow("cifar100")]
    [DataRow("mnist")]
    [DataRow("fashion_mnist")]
    [DataRow("kmnist")]
    [DataRow("qmnist")]
    public void RawFilesOfTorchvision(string name)
    {
        foreach (var (split, part) in new[] { ("train", "train"), ("validation", "test") })
        {
            using var data = DatasetKinds.Open(new(At("torch")) { Kind = $"torch/{name}", Split = split });
            var expected = Expected.GetProperty($"{name}/{part}");
            CollectionAssert.AreEqual(Rows(expected), Rows(data), $"{name} {split}");
            CollectionAssert.AreEqual(expected.GetProperty("classes").EnumerateArray().Select(c => c.GetString())
                .ToArray(), data.Classes.ToArray());
        }
    }

    /// <summary>torchvision orders classes by their letters; the order of the images is ours.</summary>
    [TestMethod]
    public void AnImageFolderOfTorchvision()
    {
        using var data = DatasetKinds.Open(new(At("folder")) { Kind = "torch/image_folder" });
        CollectionAssert.AreEquivalent(Rows(Expected.GetProperty("image_folder")), Rows(data));
        CollectionAssert.AreEqual((string[])["ant", "bee", "cow10", "cow9"], data.Classes.ToArray());
    }

    [TestMethod]
    [DataRow("wds", "wds/", "train", "tags", false)]
    [DataRow("wds", "wds/", "train", "dense", true)]
    [DataRow("wds", "wds/", "train", "meta/objects/id", false)]
    [DataRow("parquet", "hfds/", "train", "tags", false)]
    public void SeveralLabels(string place, string kind, string split, string key, bool isMultihot)
    {
        using var data = DatasetKinds.Open(new(At(place))
        {
            Kind = kind,
            Split = split,
            TargetKey = key,
            IsMultihot = isMultihot,
            IsMultiLabel = true,
        });
        Assert.AreEqual("0 1 2 3 4", string.Join(' ', data.Classes));
        CollectionAssert.AreEqual(Several(), Labels(data));
    }

    [TestMethod]
    [DataRow("wds", "wds/", "train", "is_even,big")]
    [DataRow("parquet", "hfds/", "train", "even,label")]
    [DataRow("csv/several.csv", "csv/", "", "even,first")]
    public void SeveralFields(string place, string kind, string split, string keys)
    {
        using var data = DatasetKinds.Open(
            new(At(place)) { Kind = kind, Split = split, TargetKey = keys, IsMultiLabel = true });
        CollectionAssert.AreEqual(keys.Split(','), data.Classes.ToArray());
        // Classes of the pictures in order are 0 to 3, three of each.
        Func<int, bool> second = keys switch
        {
            "is_even,big" => i => i / 3 > 1,
            "even,label" => i => i / 3 > 0,
            _ => i => i < 6,
        };
        CollectionAssert.AreEqual(Enumerable.Range(0, 12)
            .Select(i => string.Join(' ', ((int[])[i % 2 == 0 ? 0 : -1, second(i) ? 1 : -1]).Where(c => c >= 0)))
            .ToArray(), Labels(data));
    }

    [TestMethod]
    public void SeveralLabelsOfATable()
    {
        using var data = DatasetKinds.Open(new(At("csv")) { Kind = "csv/", Split = "several", IsMultiLabel = true });
        CollectionAssert.AreEqual((string[])["ant", "ant big", "bee", "cow9", "cow10"], data.Classes.ToArray());
        // What make.py calls them.
        string[] names = ["ant", "bee", "cow9", "cow10", "ant big"];
        CollectionAssert.AreEqual(Expected.GetProperty("several").EnumerateArray().Select(row => string.Join(' ',
            row.EnumerateArray().Select(c => data.Classes.ToList().IndexOf(names[c.GetInt32()])).Order())).ToArray(),
            Labels(data));
    }

    [TestMethod]
    public void LabelsByOtherFields()
    {
        using var named = DatasetKinds.Open(
            new(At("parquet")) { Kind = "hfds/", Split = "train", TargetKey = "name" });
        CollectionAssert.AreEqual(Rows(Expected.GetProperty("folder")), Rows(named));
        using var info = DatasetKinds.Open(new(At("wds")) { Kind = "wds/", Split = "objects" });
        Assert.AreEqual("1 0 1 0", string.Join(' ', Enumerable.Range(0, 4).Select(info.Label)));
        using var json = DatasetKinds.Open(new(At("wds")) { Kind = "wds/", Split = "train", TargetKey = "label" });
        CollectionAssert.AreEqual(Rows(Expected.GetProperty("folder")), Rows(json));
    }

    /// <summary>Batches do not tell where the pictures came from.</summary>
    [TestMethod]
    public void TheSameBatchesOfAllForms()
    {
        (string, string, string)[] forms = [("folder", "", ""), ("set.tar", "", ""), ("tars.tar", "", ""),
            ("wds", "wds/", "train"), ("parquet", "hfds/", "train"), ("csv", "csv/", "train")];
        string[][] all = [.. forms.Select(f => Batches(f.Item1, f.Item2, f.Item3))];
        foreach (var (form, batches) in forms.Zip(all))
            CollectionAssert.AreEqual(all[0], batches, form.Item1);
    }

    [TestMethod]
    public void GrayAndFew()
    {
        using var data = DatasetKinds.Open(new(At("folder")) { IsGray = true, Samples = 4 });
        Assert.AreEqual(4, data.Count);
        using var image = data.Pixels(0)!;
        Assert.IsTrue(image.ToRgb().Chunk(3).All(p => p[0] == p[1] && p[1] == p[2]));
    }

    static string[] Batches(string place, string kind, string split)
    {
        using var data = DatasetKinds.Open(new(At(place)) { Kind = kind, Split = split });
        var config = new DataConfig { Height = 16, Width = 16 };
        var loader = new Loader(data, TrainTransform.Create(new() { Data = config }),
            new() { BatchSize = 4, IsTraining = true, Threads = 2 });
        return [.. loader.Epoch(3).Select(b =>
            $"{Convert.ToHexString(SHA256.HashData(b.Memory.Span))} {string.Join(' ', b.Labels.ToArray())}")];
    }

    internal static string[] Labels(IDataset data) => [.. Enumerable.Range(0, data.Count).Select(i =>
    {
        var row = new float[data.Classes.Count];
        data.Targets(i, row);
        Assert.IsTrue(row.All(x => x is 0 or 1));
        return string.Join(' ', row.Index().Where(x => x.Item > 0).Select(x => x.Index));
    })];

    static string[] Several() => [.. Expected.GetProperty("several").EnumerateArray()
        .Select(row => string.Join(' ', row.EnumerateArray().Select(c => c.GetInt32())))];

    static string[] Rows(JsonElement of) => [.. of.GetProperty("rows").EnumerateArray().Select(r =>
        $"{r[0].GetString()} {r[1][0].GetInt32()}x{r[1][1].GetInt32()} {r[2].GetInt32()}")];

    static string[] Rows(IDataset data) => [.. Enumerable.Range(0, data.Count).Select(i =>
    {
        using var image = data.Pixels(i) ?? ImageDecoder.Decode(data.Read(i, new()), data.Name(i));
        var hash = Convert.ToHexStringLower(SHA256.HashData(image.ToRgb()))[..16];
        return $"{hash} {image.Height}x{image.Width} {data.Label(i)}";
    })];

    internal static string At(string path) => Path.Combine(Paths.Root, "tests", "golden", "datasets", path);
}
