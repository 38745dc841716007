namespace OnnxTimm.Tests.Cli;

/// <summary>A run goes on from another folder than it was begun in.</summary>
[TestClass]
[DoNotParallelize]
public sealed class ResumeElsewhereTests
{
    /// <summary>What its options name with a relative path is found where it was begun.</summary>
    [TestMethod]
    public void RelativePathsBeginWhereTheRunWasBegun()
    {
        using var folder = new TempFolder();
        var before = Directory.GetCurrentDirectory();
        Directory.CreateDirectory(folder["set"]);
        Directory.CreateDirectory(folder["other"]);
        File.Copy(Path.Combine(Paths.Root, "demo", "sign-digits", "val.tar"), folder["set/train.tar"]);
        try
        {
            Directory.SetCurrentDirectory(folder[""]);
            Cli.Output("train", "--data-dir", "set", "--val-split", "", "--train-num-samples", "8", "--model",
                "test_resnet", "--img-size", "32", "--epochs", "1", "--batch-size", "4", "--workers", "1",
                "--no-report", "--output", "out", "--experiment", "run");
            Directory.SetCurrentDirectory(folder["other"]);
            var error = Cli.Run("train", "--resume", folder["out/run"], "--epochs", "2").Error;
            StringAssert.Contains(error, "Best epoch: ");
            StringAssert.Contains(File.ReadAllText(folder["out/run/args.yaml"]), $"\ndata_dir: {folder["set"]}\n");
            Directory.Move(folder["set"], folder["gone"]);
            var gone = Cli.Run("train", "--resume", folder["out/run"], "--epochs", "3").Error;
            StringAssert.Contains(gone, folder["set"]);
        }
        finally
        {
            Directory.SetCurrentDirectory(before);
        }
    }
}
