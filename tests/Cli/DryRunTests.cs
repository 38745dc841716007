using OnnxTimm.Data;

namespace OnnxTimm.Tests.Cli;

/// <summary>What a training would do is said before hours are spent; nothing is left behind but two pictures.</summary>
[TestClass]
public sealed class DryRunTests
{
    readonly TempFolder folder = new();

    [TestCleanup]
    public void Clean() => folder.Dispose();

    [TestMethod]
    public void AGoodFolderHasItsPlan()
    {
        Put("train", "cat", 6, 0);
        Put("train", "dog", 3, 0);
        Put("val", "cat", 2, 0);
        Put("val", "dog", 2, 0);
        var (code, _, text) = Run("--epochs", "20", "--warmup-epochs", "5", "--lr", "0.002", "--opt", "adamw");
        Assert.AreEqual(0, code, text);
        string[] expected =
        [
            "Training on:  9 images of 2 classes, from 3 (dog) to 6 (cat), 1 : 2\n",
            "  9 of 9 that were tried can be read.\n",
            "Validation:   4 images of 2 classes, 2 of each\n", "Network:      test_resnet, 0.3729 M parameters", "images of 32 x 32, Float32\n",
            "Optimizer:    adamw", "learning rate 2e-03, weight decay 0\n", "learning rate 2e-03, weight decay 0.05\n",
            "Learning rate: cosine, 1e-05 in epoch 0, 1.707e-03 in epoch 5, ",
            "Epochs:       20, each of 2 batches of 4 images\n", "MB of memory\n", "All of it:    about ", "It would start.\n",
        ];
        foreach (var line in expected)
            StringAssert.Contains(text, line);
        CollectionAssert.AreEquivalent((string[])["augmentation.png", "schedule.png"],
            Directory.GetFileSystemEntries(folder["out"]).Select(f => Path.GetFileName(f)).ToArray());
        using var schedule = ImageDecoder.Decode(folder["out/schedule.png"]);
        Assert.AreEqual(900, schedule.Width);
    }

    [TestMethod]
    public void OneClassIsNothingToTellApart()
    {
        Put("train", "cat", 6, 0);
        Put("val", "cat", 2, 0);
        StringAssert.Contains(Run().Error, "All are of one class, \"cat\": there is nothing to tell apart.");
    }

    [TestMethod]
    public void DamagedFilesOfASampleAreNamed()
    {
        Put("train", "cat", 6, 2);
        Put("train", "dog", 6, 0);
        Put("val", "cat", 2, 0);
        Put("val", "dog", 2, 0);
        var (code, _, text) = Run();
        Assert.AreEqual(0, code, text);
        StringAssert.Contains(text, "  12 of 14 that were tried can be read. Others take the place");
        StringAssert.Contains(text, "    cat/damaged0.png");
    }

    [TestMethod]
    [DataRow(0, 3, 3, "None of the 6 images of the validation set can be read")]
    [DataRow(3, 0, 0, "")]
    public void WhereNoTrainingWouldBeginNoneIsPlanned(int good, int damaged, int valDamaged, string message)
    {
        foreach (var name in (string[])["cat", "dog"])
        {
            Put("train", name, good, damaged);
            Put("val", name, 0, valDamaged);
        }
        var (code, _, text) = Run();
        Assert.AreEqual(1, code, text);
        StringAssert.Contains(text, message);
        Assert.DoesNotContain("It would start", text);
        Assert.IsFalse(Directory.Exists(folder["out"]), "nothing is left behind");
    }

    void Put(string split, string name, int good, int damaged)
    {
        Directory.CreateDirectory(folder[$"set/{split}/{name}"]);
        using var image = Image.Rent(40, 40);
        image.Fill(200, 100, 50);
        for (var i = 0; i < good; i++)
            File.WriteAllBytes(folder[$"set/{split}/{name}/{i}.jpg"], Thumbnail.Jpeg(image, 40));
        for (var i = 0; i < damaged; i++)
            File.WriteAllText(folder[$"set/{split}/{name}/damaged{i}.png"], "x");
    }

    (int Code, string Out, string Error) Run(params string[] flags) => Cli.Run(["train", "--data-dir", folder["set"],
        "--val-split", "val", "--model", "test_resnet", "--img-size", "32", "--batch-size", "4", "--workers", "1",
        "--weight-decay", "0.05", "--output", folder["out"], "--experiment", "run", "--dry-run", .. flags]);
}
