using System.Text.RegularExpressions;
using OnnxTimm.Data;
using OnnxTimm.Train;

namespace OnnxTimm.Tests.Cli;

/// <summary>The end of a training says what comes next, in commands that can be typed as they are.</summary>
[TestClass]
public sealed class RunEndTests
{
    readonly TempFolder folder = new();

    [TestCleanup]
    public void Clean() => folder.Dispose();

    [TestMethod]
    public void TheNextCommandsWork()
    {
        var data = folder["it's data"];
        Directory.CreateDirectory(data);
        foreach (var split in (string[])["train.tar", "val.tar"])
            File.Copy(Path.Combine(Paths.Root, "demo", "sign-digits", "val.tar"), Path.Combine(data, split));
        var (code, _, error) = Cli.Run("train", "--data-dir", data, "--model", "test_resnet", "--img-size", "32",
            "--epochs", "1", "--workers", "1", "--batch-size", "70", "--output", folder[""], "--experiment", "a run");
        Assert.AreEqual(0, code, error);
        StringAssert.Matches(error, new(@"Best epoch: 0 of 0 to 0, loss [\d.]+, top1 [\d.]+, top5 [\d.]+\n"));
        StringAssert.Contains(error, $"Files:      {folder["a run"]}: model_best.onnx");
        StringAssert.Contains(Cli.Output(Words(error, "Try it")), "\"count\": 140");
        Cli.Output([.. Words(error, "Export it")[..^1], folder["model.onnx"]]);
        Assert.IsTrue(File.Exists(folder["model.onnx"]));
    }

    /// <summary>Without images to validate on it shows some of those that were trained on, with any labels.</summary>
    [TestMethod]
    public void WithoutAValidationSomeImagesAreShown()
    {
        Directory.CreateDirectory(folder["i"]);
        File.WriteAllText(folder["s.csv"], "file,labels\n");
        using (var data = Dataset.Open(Path.Combine(Paths.Root, "demo", "sign-digits", "val.tar")))
            for (var i = 0; i < 12; i++)
            {
                File.WriteAllBytes(folder[$"i/{i}.jpg"], data.Read(i, new()).ToArray());
                File.AppendAllText(folder["s.csv"], $"i/{i}.jpg,low;{(i % 2 == 0 ? "even" : "odd")}\n");
            }
        Assert.HasCount(10, Shown([], 12));
        Assert.HasCount(8, Shown(["--train-num-samples", "8"], 8));

        string[] Shown(string[] flags, int images)
        {
            var (code, _, error) = Cli.Run(["train", "--dataset", "csv/", "--data-dir", folder["s.csv"],
                "--train-split", "", "--val-split", "", "--multi-label", "--model", "test_resnet", "--img-size", "32",
                "--epochs", "1", "--workers", "1", "--batch-size", "4", "--output", folder["out"], "--experiment",
                $"{images}", .. flags]);
            Assert.AreEqual(0, code, error);
            return [.. Regex.Matches(Cli.Output(Words(error, "Try it")), @"i/\d+\.jpg").Select(m => m.Value)];
        }
    }

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    public void WordsAreQuotedForAShell() => Assert.AreEqual(
        @"onnxtimm train --data-dir 'a b' 'it'\''s' '' '$(x)' 0.5",
        ShellText.Command("train", "--data-dir", "a b", "it's", "", "$(x)", "0.5"));

    /// <summary>The words of a command in the text, without the program's name.</summary>
    static string[] Words(string text, string head)
    {
        var line = text.Split('\n').Single(l => l.StartsWith(head, StringComparison.Ordinal));
        return [.. Regex.Matches(line[(line.IndexOf("onnxtimm", StringComparison.Ordinal) + "onnxtimm ".Length)..],
            @"(?:'(?:[^']|'\\'')*'|\S)+").Select(m => m.Value.Trim('\'').Replace(@"'\''", "'"))];
    }
}
