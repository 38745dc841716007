using System.Text.Json;

namespace OnnxTimm.Tests.Cli;

[TestClass]
public sealed class ValidateTests
{
    static readonly string[] Photos =
        ["n01774384_black_widow.JPEG", "n01860187_black_swan.JPEG", "n03796401_moving_van.JPEG"];

    /// <summary>timm's keys in timm's order, then ours.</summary>
    [TestMethod]
    public void ResultsHaveTimmsKeys()
    {
        using var folder = new TempFolder();
        Copy(folder);
        var output = Cli.Output("validate", "--model", "cifar_resnet20", "--num-classes", "3", "--data-dir",
            folder["data"], "--results-file", folder["new/v.json"]);
        var result = JsonDocument.Parse(File.ReadAllText(folder["new/v.json"])).RootElement;
        var timm = File.ReadLines(Paths.Golden("cli", "val.csv")).First().Split(',');
        string[] keys = [.. timm, "top1_correct", "count", "loss"];
        CollectionAssert.AreEqual(keys, result.EnumerateObject().Select(p => p.Name).ToArray());
        Assert.AreEqual(3, result.GetProperty("count").GetInt32());
        Assert.AreEqual(100, result.GetProperty("top1").GetDouble() + result.GetProperty("top1_err").GetDouble(), 1e-9);
        Assert.AreEqual($"{result}", $"{JsonDocument.Parse(output.Split("--result")[1]).RootElement}");
    }

    [TestMethod]
    public void CsvIsAHeadAndARow()
    {
        using var folder = new TempFolder();
        Copy(folder);
        Cli.Output("validate", "--model", "cifar_resnet20", "--num-classes", "3", "--data-dir", folder["data"],
            "--results-file", folder["v.csv"]);
        var lines = File.ReadAllLines(folder["v.csv"]);
        Assert.HasCount(2, lines);
        Assert.StartsWith(File.ReadLines(Paths.Golden("cli", "val.csv")).First(), lines[0]);
        Assert.StartsWith("cifar_resnet20,", lines[1]);
    }

    /// <summary>Whatever class a model names, the accuracy is that of the folders that carry its name.</summary>
    [TestMethod]
    public void FoldersAreClassesInSortedOrder()
    {
        using var folder = new TempFolder();
        Copy(folder);
        string[] model = ["-m", "cifar_resnet20", "--num-classes", "3", "--data-dir", folder["data"]];
        var indices = JsonDocument.Parse(Cli.Output(["infer", .. model]).Split("--result")[1])
            .RootElement.EnumerateObject().Select(p => p.Value.GetProperty("index")[0].GetInt32()).ToArray();
        var expected = indices.Index().Count(i => i.Index == i.Item);
        var result = JsonDocument.Parse(Cli.Output(["validate", .. model]).Split("--result")[1]);
        Assert.AreEqual(expected, result.RootElement.GetProperty("top1_correct").GetInt32());
    }

    [TestMethod]
    public void UnreadableImagesAreLeftOut()
    {
        using var folder = new TempFolder();
        Copy(folder);
        File.WriteAllText(Path.Combine(folder["data"], "n01774384", "broken.jpg"), "no image");
        var (code, output, error) = Cli.Run("validate", "-m", "cifar_resnet20", "--num-classes", "3", "--data-dir",
            folder["data"]);
        Assert.AreEqual(2, code);
        Assert.Contains("broken.jpg", error);
        Assert.AreEqual(3, JsonDocument.Parse(output.Split("--result")[1]).RootElement.GetProperty("count").GetInt32());
    }

    [TestMethod]
    public void MoreClassesThanTheModelHasAreRefused()
    {
        using var folder = new TempFolder();
        Copy(folder);
        var (code, output, error) = Cli.Run("validate", "-m", "cifar_resnet20", "--num-classes", "2", "--data-dir",
            folder["data"]);
        Assert.AreEqual((1, ""), (code, output));
        Assert.Contains("The data have 3 classes, \"cifar_resnet20\" has 2.", error);
    }

    /// <summary>An image in the folder of the output that it gets is right, whatever other folders there are.</summary>
    [TestMethod]
    public void FoldersOfAPartOfTheClassesAreCalledByIndex()
    {
        using var folder = new TempFolder();
        var photo = Paths.Golden("images", "files", Photos[0]);
        var top = JsonDocument.Parse(Cli.Output("infer", "-m", "cifar_resnet20", "--data-dir", photo)
            .Split("--result")[1]).RootElement.GetProperty(Photos[0]).GetProperty("index")[0].GetInt32();
        foreach (var name in (int[])[top, (top + 3) % 10])
        {
            Directory.CreateDirectory(Path.Combine(folder["data"], $"{name}"));
            File.Copy(photo, Path.Combine(folder["data"], $"{name}", "photo.jpg"));
        }
        var output = Cli.Output("validate", "-m", "cifar_resnet20", "--data-dir", folder["data"]);
        Assert.AreEqual(1, JsonDocument.Parse(output.Split("--result")[1]).RootElement.GetProperty("top1_correct")
            .GetInt32());
    }

    [TestMethod]
    public void OneDataSetIsValidated() => Assert.Contains("validate takes one folder or archive, not 2",
        Cli.Error("validate", "-m", "cifar_resnet20", "--data-dir", "a", "b"));

    [TestMethod]
    public void ImagesWithoutClassesAreRefused() =>
        Assert.Contains("has no class", Cli.Run("validate", "-m", "cifar_resnet20", "--data-dir",
            Paths.Golden("images", "files")).Error);

    static void Copy(TempFolder folder)
    {
        foreach (var photo in Photos)
        {
            var target = Path.Combine(folder["data"], photo.Split('_')[0]);
            Directory.CreateDirectory(target);
            File.Copy(Paths.Golden("images", "files", photo), Path.Combine(target, photo));
        }
    }
}
