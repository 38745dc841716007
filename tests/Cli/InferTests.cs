using System.Text.Json;

namespace OnnxTimm.Tests.Cli;

[TestClass]
public sealed class InferTests
{
    static readonly string[] Photos =
        ["n01774384_black_widow.JPEG", "n01860187_black_swan.JPEG", "n03796401_moving_van.JPEG"];

    [TestMethod]
    public void JsonIsAnObjectOfImages()
    {
        using var folder = new TempFolder();
        Copy(folder);
        Infer(folder, "--topk", "3", "--results-file", folder["r.json"]);
        var result = JsonDocument.Parse(File.ReadAllText(folder["r.json"])).RootElement;
        CollectionAssert.AreEqual(Photos, result.EnumerateObject().Select(p => p.Name).ToArray());
        foreach (var photo in result.EnumerateObject())
            Assert.AreEqual("index 3, label 3, prob 3, logit 3",
                string.Join(", ", photo.Value.EnumerateObject().Select(c => $"{c.Name} {c.Value.GetArrayLength()}")));
    }

    /// <summary>A file with weights in the place of a name is told what it is taken for elsewhere.</summary>
    [TestMethod]
    public void WeightsAreNoModel()
    {
        var weights = Path.Combine(Paths.Root, "demo", "tf_efficientnet_lite0.safetensors");
        Assert.Contains($"--checkpoint {weights}", Cli.Error("infer", "--model", weights, weights));
        Assert.Contains("There is no file \"models/a.onxx\"", Cli.Error("infer", "--model", "models/a.onxx", weights));
    }

    /// <summary>timm's columns; of several classes each has one, as with its --results-separate-col.</summary>
    [TestMethod]
    [DataRow("filename,index,label,prob,logit", "1")]
    [DataRow("filename,index_0,index_1,label_0,label_1,prob_0,prob_1,logit_0,logit_1", "2")]
    [DataRow("filename,index,label,score", "1", "--output-type", "prob", "--output-col", "score")]
    [DataRow("image,class,name", "1", "--exclude-output", "--filename-col", "image", "--index-col", "class",
        "--label-col", "name")]
    public void CsvHasTimmsColumns(string head, string k, params string[] options)
    {
        using var folder = new TempFolder();
        Copy(folder);
        Infer(folder, ["--topk", k, "--results-dir", folder["out"], .. options]);
        var lines = File.ReadAllLines(Path.Combine(folder["out"], "cifar_resnet20-32.csv"));
        Assert.AreEqual(head, lines[0]);
        Assert.HasCount(1 + Photos.Length, lines);
        Assert.StartsWith(Photos[0] + ",", lines[1]);
    }

    [TestMethod]
    public void SplitJsonHasColumnsAndRows()
    {
        using var folder = new TempFolder();
        Copy(folder);
        Infer(folder, "--results-file", folder["r"], "--results-format", "json-split", "json", "csv");
        var split = JsonDocument.Parse(File.ReadAllText(folder["r-split.json"])).RootElement;
        Assert.AreEqual("filename", split.GetProperty("columns")[0].GetString());
        Assert.AreEqual(Photos[1], split.GetProperty("data")[1][0].GetString());
        Assert.IsTrue(File.Exists(folder["r.json"]) && File.Exists(folder["r.csv"]));
    }

    [TestMethod]
    public void AFileAloneGivesWhatTheModelGives()
    {
        using var folder = new TempFolder();
        Copy(folder);
        Cli.Output("export", "cifar_resnet20", "--output", folder["m.onnx"]);
        File.WriteAllLines(folder["names.txt"], Enumerable.Range(0, 10).Select(i => $"name {i}"));
        var byName = Result(Infer(folder, "--topk", "1", "--labels", folder["names.txt"]));
        var byFile = Result(Cli.Output("infer", "--model", folder["m.onnx"], "--data-dir", folder["photos"]));
        foreach (var photo in Photos)
        {
            var (a, b) = (byName.GetProperty(photo), byFile.GetProperty(photo));
            Assert.AreEqual(a.GetProperty("index")[0].GetInt32(), b.GetProperty("index")[0].GetInt32());
            Assert.AreEqual(a.GetProperty("logit")[0].GetDouble(), b.GetProperty("logit")[0].GetDouble(),
                Tolerances.Get("cli/logits"));
            Assert.AreEqual($"name {a.GetProperty("index")[0]}", a.GetProperty("label")[0].GetString());
            Assert.AreEqual($"{a.GetProperty("index")[0]}", b.GetProperty("label")[0].GetString());
        }
    }

    [TestMethod]
    [DataRow("1")]
    [DataRow("2")]
    [DataRow("5")]
    public void BatchesChangeNothing(string batch)
    {
        using var folder = new TempFolder();
        Copy(folder);
        var one = Result(Infer(folder));
        var many = Result(Infer(folder, "--batch-size", batch, "--workers", "3"));
        foreach (var photo in Photos)
            Assert.AreEqual(one.GetProperty(photo).GetProperty("logit")[0].GetDouble(),
                many.GetProperty(photo).GetProperty("logit")[0].GetDouble(), Tolerances.Get("cli/logits"));
    }

    [TestMethod]
    public void UnreadableImagesAreNamedAndTheRestIsDone()
    {
        using var folder = new TempFolder();
        Copy(folder);
        File.WriteAllText(Path.Combine(folder["photos"], "broken.jpg"), "no image");
        var bytes = File.ReadAllBytes(Paths.Golden("images", "files", Photos[0]));
        File.WriteAllBytes(Path.Combine(folder["photos"], "short.jpg"), bytes[..(bytes.Length / 2)]);
        var (code, output, error) = Cli.Run("infer", "-m", "cifar_resnet20", "--data-dir", folder["photos"]);
        Assert.AreEqual(2, code);
        Assert.Contains("broken.jpg", error);
        Assert.Contains("short.jpg", error);
        Assert.Contains("2 of 5 images could not be read", error);
        Assert.HasCount(3, Result(output).EnumerateObject().ToArray());
    }

    [TestMethod]
    [DataRow("infer needs --model", "infer")]
    [DataRow("Say which images", "infer", "-m", "cifar_resnet20")]
    [DataRow("There is no file or folder /no/such", "infer", "-m", "cifar_resnet20", "--data-dir", "/no/such")]
    [DataRow("No device \"gpu\"", "infer", "-m", "cifar_resnet20", "--device", "gpu", "--data-dir", "tests")]
    [DataRow("No results format \"xml\"", "infer", "-m", "cifar_resnet20", "--results-format", "xml", "--data-dir",
        "tests")]
    [DataRow("There is no file \"absent.onnx\"", "infer", "-m", "absent.onnx", "--data-dir", "tests")]
    [DataRow("has no flag --topkk. Did you mean \"--topk\"?", "infer", "-m", "cifar_resnet20", "--topkk", "3")]
    [DataRow("write key=value", "infer", "-m", "cifar_resnet20", "--ort", "spin", "--data-dir", "tests")]
    [DataRow("is complete", "infer", "-m", "absent.onnx", "--checkpoint", "x.pth", "--data-dir", "tests")]
    public void AMistakeIsOneMessage(string message, params string[] args) =>
        Assert.Contains(message, Cli.Error([.. args.Select(a => a == "tests" ? Paths.Golden("images", "files") : a)]));

    /// <summary>The header of a JPEG claims 20,000 x 20,000 pixels; nothing is allocated for them.</summary>
    [TestMethod]
    public void ABombIsRefused()
    {
        using var folder = new TempFolder();
        var bytes = File.ReadAllBytes(Paths.Golden("images", "files", Photos[0]));
        var frame = bytes.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC0, 0x00, 0x11]);
        (bytes[frame + 5], bytes[frame + 6], bytes[frame + 7], bytes[frame + 8]) = (0x4E, 0x20, 0x4E, 0x20);
        File.WriteAllBytes(folder["bomb.jpg"], bytes);
        Assert.Contains("declares 20000x20000 pixels, more than the limit of 178956970", Cli.Run("infer", "-m",
            "cifar_resnet20", "--data-dir", folder["bomb.jpg"]).Error);
    }

    [TestMethod]
    public void AnEmptyFolderIsOneMessage()
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder["photos"]);
        Assert.Contains("No images in", Cli.Error("infer", "-m", "cifar_resnet20", "--data-dir", folder["photos"]));
    }

    static void Copy(TempFolder folder)
    {
        Directory.CreateDirectory(folder["photos"]);
        foreach (var photo in Photos)
            File.Copy(Paths.Golden("images", "files", photo), Path.Combine(folder["photos"], photo));
    }

    static string Infer(TempFolder folder, params string[] options) =>
        Cli.Output(["infer", "--model", "cifar_resnet20", "--data-dir", folder["photos"], .. options]);

    static JsonElement Result(string output) => JsonDocument.Parse(output.Split("--result")[1]).RootElement;
}
