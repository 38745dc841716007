using System.Text.Json;

namespace OnnxTimm.Tests.Cli;

/// <summary>Which images infer takes, and what it says of the others.</summary>
[TestClass]
public sealed class InferDataTests
{
    static readonly string[] Photos =
        ["n01774384_black_widow.JPEG", "n01860187_black_swan.JPEG", "n03796401_moving_van.JPEG"];

    /// <summary>Above 89,478,485 pixels Pillow warns, and goes on: a GIF whose screen is 65,500 x 1,367.</summary>
    [TestMethod]
    public void APhotoOfAHundredMegapixelsIsNoBomb()
    {
        using var folder = new TempFolder();
        var bytes = File.ReadAllBytes(Paths.Golden("images", "files", "still.gif"));
        (bytes[6], bytes[7], bytes[8], bytes[9]) = (0xDC, 0xFF, 0x57, 0x05);
        File.WriteAllBytes(folder["wide.gif"], bytes);
        Cli.Output("infer", "-m", "cifar_resnet20", "--data-dir", folder["wide.gif"]);
    }

    /// <summary>Each image is named by the path that was given: the same name may lie in several folders.</summary>
    [TestMethod]
    public void SeveralImagesAndFoldersAreAllDone()
    {
        using var folder = new TempFolder();
        Copy(folder);
        var single = folder["swan.JPEG"];
        File.Copy(Paths.Golden("images", "files", Photos[1]), single);
        var result = Result(Cli.Output("infer", "-m", "cifar_resnet20", "--data-dir", single, folder["photos"]));
        CollectionAssert.AreEqual((string[])[single, .. Photos.Select(p => $"{folder["photos"]}/{p}")],
            result.EnumerateObject().Select(p => p.Name).ToArray());
        Assert.Contains("There is no file or folder gone.jpg",
            Cli.Error("infer", "-m", "cifar_resnet20", single, "gone.jpg"));
    }

    [TestMethod]
    public void WhatIsLeftOutIsSaid()
    {
        using var folder = new TempFolder();
        Copy(folder);
        File.Copy(Paths.Golden("images", "files", "lossless.webp"), Path.Combine(folder["photos"], "a.webp"));
        string[] infer = ["infer", "-m", "cifar_resnet20", "--data-dir", folder["photos"]];
        Assert.Contains("Left out by their ending: 1 .webp", Cli.Run(infer).Error);
        Assert.HasCount(1, Result(Cli.Output([.. infer, "--input-key", ".webp"])).EnumerateObject().ToArray());
        Assert.HasCount(4, Result(Cli.Output([.. infer, "--input-key", "all"])).EnumerateObject().ToArray());
    }

    /// <summary>A border of two thousand million pixels on both sides is more than an integer.</summary>
    [TestMethod]
    [DataRow("--crop-border-pixels", "2000000000", "Nothing is left of an image")]
    [DataRow("--crop-border-pixels", "1073741824", "Nothing is left of an image")]
    public void ACropThatOverflowsIsOneMessage(string flag, string value, string message)
    {
        using var folder = new TempFolder();
        Copy(folder);
        Assert.Contains(message, Cli.Run("infer", "-m", "cifar_resnet20", "--data-dir", folder["photos"], flag,
            value).Error);
    }

    static void Copy(TempFolder folder)
    {
        Directory.CreateDirectory(folder["photos"]);
        foreach (var photo in Photos)
            File.Copy(Paths.Golden("images", "files", photo), Path.Combine(folder["photos"], photo));
    }

    static JsonElement Result(string output) => JsonDocument.Parse(output.Split("--result")[1]).RootElement;
}
