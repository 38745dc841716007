namespace OnnxTimm.Tests.Edge;

/// <summary>Images and networks that are not what they should be: a line each, and the others are answered.</summary>
[TestClass]
public sealed class FaultTests
{
    static readonly TempFolder Folder = new();

    static readonly string Model = Export();

    [ClassCleanup]
    public static void Clean() => Folder.Dispose();

    [TestMethod]
    public void WhatIsNoImageIsSaidAndTheOthersAreAnswered()
    {
        using var images = new TempFolder();
        File.Copy(Photo(), images["a.jpg"]);
        File.WriteAllText(images["b.jpg"], "no image");
        File.WriteAllBytes(images["c.jpg"], File.ReadAllBytes(Photo())[..2000]);
        var (code, output, error) = EdgeRun.Run(Model, images["."]);
        Assert.AreEqual(1, code);
        Assert.StartsWith("a.jpg\t", output);
        Assert.Contains("onnxtimm-run: b.jpg is no image", error);
        Assert.Contains("c.jpg", error);
        Assert.HasCount(2, error.TrimEnd('\n').Split('\n'));
    }

    [TestMethod]
    public void WhatIsNotThereIsSaidAndTheOthersAreAnswered()
    {
        var (none, nowhere) = (Folder["no.jpg"], Folder["nowhere"]);
        var (code, output, error) = EdgeRun.Run(Model, none, Photo(), nowhere, Model);
        Assert.AreEqual(1, code);
        Assert.StartsWith($"{Photo()}\t", output);
        Assert.HasCount(1, output.TrimEnd('\n').Split('\n'));
        Assert.StartsWith($"onnxtimm-run: There is no file or folder {none}.\nonnxtimm-run: There is no file or folder "
            + $"{nowhere}.\nonnxtimm-run: {Model} ", error);
        Assert.HasCount(3, error.TrimEnd('\n').Split('\n'));
    }

    /// <summary>A network of which each part is cut off: a line, never an answer.</summary>
    [TestMethod]
    public void ANetworkThatIsCutShortIsOneLine()
    {
        var whole = File.ReadAllBytes(Model);
        for (var share = 0; share < 8; share++)
        {
            File.WriteAllBytes(Folder["cut.onnx"], whole[..(whole.Length * share / 8)]);
            var (code, output, error) = EdgeRun.Run(Folder["cut.onnx"], Photo());
            Assert.AreEqual((1, ""), (code, output), $"{share}/8");
            Assert.StartsWith("onnxtimm-run: ", error);
            Assert.HasCount(1, Lines(error));
        }
    }

    static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    static string Photo() => Path.Combine(Paths.Root, "demo", "photos", "n01860187_black_swan.JPEG");

    static string Export()
    {
        Cli.Cli.Output("export", "cifar_resnet20", "--output", Folder["m.onnx"]);
        return Folder["m.onnx"];
    }
}
