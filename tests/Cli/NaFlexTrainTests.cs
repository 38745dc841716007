using OnnxTimm.Data;

namespace OnnxTimm.Tests.Cli;

/// <summary>The command that trains on patches of images of any shape.</summary>
[TestClass]
public sealed class NaFlexTrainTests
{
    const string Name = "naflexvit_base_patch16_gap";

    readonly TempFolder folder = new();

    [TestCleanup]
    public void Clean() => folder.Dispose();

    /// <summary>One line before any work: the data are not even looked for.</summary>
    [TestMethod]
    [DataRow("--train-img-sizes 64 96", "--train-img-sizes does not go with --naflex-loader")]
    [DataRow("--aug-splits 3", "--aug-splits does not go with --naflex-loader")]
    [DataRow("--aug-repeats 3", "--aug-repeats does not go with --naflex-loader")]
    [DataRow("--resplit", "--resplit does not go with --naflex-loader")]
    [DataRow("--kd-model-name resnet18", "--kd-model-name does not go with --naflex-loader")]
    [DataRow("--cutmix-minmax 0.2 0.8", "--cutmix-minmax does not go with --naflex-loader")]
    [DataRow("--mixup 0.2 --mixup-mode elem", "--mixup-mode does not go with --naflex-loader")]
    [DataRow("--train-crop-mode rkrc", "--train-crop-mode does not go with --naflex-loader")]
    [DataRow("--crop-pct 0.9", "--crop-pct does not go with --naflex-loader")]
    [DataRow("--img-size 224", "--img-size does not go with --naflex-loader")]
    [DataRow("--input-size 3 224 224", "--input-size does not go with --naflex-loader")]
    [DataRow("--naflex-train-seq-lens 0", "--naflex-train-seq-lens")]
    [DataRow("--naflex-max-seq-len 100000", "--naflex-max-seq-len")]
    [DataRow("--naflex-patch-sizes 512", "--naflex-patch-sizes")]
    [DataRow("--naflex-patch-size-probs 1 2", "--naflex-patch-size-probs has 2 numbers and --naflex-patch-sizes 0")]
    [DataRow("--naflex-patch-sizes 8 16 --naflex-patch-size-probs 0 0", "numbers from 0, one of them above")]
    [DataRow("--naflex-loss-scale lin", "linear")]
    [DataRow("--naflex-patchify-channels-first", "want the colours of a pixel side by side")]
    public void WhatDoesNotFitIsSaidAtOnce(string flags, string message) => Assert.Contains(message,
        Cli.Error(["train", folder["nowhere"], "--model", Name, "--naflex-loader", .. flags.Split(' ')]));

    [TestMethod]
    public void FlagsOfTheLoaderNeedIt()
    {
        foreach (var flags in (string[])["train-seq-lens 9", "max-seq-len 9", "patch-sizes 8", "patch-size-probs 1"])
            Assert.Contains("belongs to --naflex-loader",
                Cli.Error(["train", folder["nowhere"], .. $"--naflex-{flags}".Split(' ')]));
        File.WriteAllText(folder["timm.yaml"], "naflex_loader: false\nnaflex_train_seq_lens: [128, 256, 576, 784, 1024]\n"
            + "naflex_max_seq_len: 576\nnaflex_patch_sizes: null\nnaflex_loss_scale: linear\n");
        Assert.Contains("nowhere", Cli.Error("train", folder["nowhere"], "--config", folder["timm.yaml"]));
    }

    [TestMethod]
    public void ANetworkOfImagesSaysSo() => Assert.Contains("takes images, no patches",
        Plan("resnet18", "--naflex-train-seq-lens", "4").Error);

    /// <summary>The plan says how many patches and images batches have.</summary>
    [TestMethod]
    [TestCategory("all")]
    public void ThePlanSaysWhatBatchesHave()
    {
        var (code, _, text) = Plan(Name, "--naflex-train-seq-lens", "4", "--batch-size", "16",
            "--naflex-patch-sizes", "8", "16");
        Assert.AreEqual(0, code, text);
        Assert.Contains("images of 4 patches of 8 x 8 or ", text);
        Assert.Contains("It would start.", text);
        Assert.MatchesRegex(@"\n  \d+ batch(es)? of 16 images of 4 patches of (8 x 8|16 x 16)\n", text);
    }

    (int Code, string Out, string Error) Plan(string model, params string[] flags)
    {
        foreach (var (split, name) in new[] { ("train", "cat"), ("train", "dog"), ("val", "cat"), ("val", "dog") })
        {
            Directory.CreateDirectory(folder[$"set/{split}/{name}"]);
            using var image = Image.Rent(40, 24);
            image.Fill(200, 100, 50);
            for (var i = 0; i < 30; i++)
                File.WriteAllBytes(folder[$"set/{split}/{name}/{i}.jpg"], Thumbnail.Jpeg(image, 40));
        }
        return Cli.Run(["train", "--data-dir", folder["set"], "--val-split", "val", "--model", model,
            "--naflex-loader", "--workers", "1", "--output", folder["out"], "--dry-run", .. flags]);
    }
}
