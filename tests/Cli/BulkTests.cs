using System.Diagnostics;
using System.Text.Json;

namespace OnnxTimm.Tests.Cli;

/// <summary>Many networks, a process each: what fails, ends early or is there already.</summary>
[TestClass]
public sealed class BulkTests
{
    static readonly string[] Quick =
        ["benchmark", "--bench", "inference", "--num-bench-iter", "1", "--num-warm-iter", "0", "-b", "1"];

    readonly TempFolder folder = new();

    [TestCleanup]
    public void Clean() => folder.Dispose();

    string[] Rows => [.. File.ReadLines(folder["r.csv"]).Skip(1).Select(line => line.Split(',')[0])];

    /// <summary>The networks with maps have no token: they fail, the others do not.</summary>
    [TestMethod]
    public void ANetworkThatFailsEndsNoOther()
    {
        File.WriteAllText(folder["list.txt"], "test_resnet\ntest_vit\n\n");
        var (code, output, error) = Cli.Run(["bulk", "--model-list", folder["list.txt"], "--results-file",
            folder["r.csv"], .. Quick, "--gp", "token"]);
        Assert.AreEqual(2, code, error);
        CollectionAssert.AreEqual(new[] { "test_vit" }, Rows);
        StringAssert.Contains(error, "test_resnet failed: exit code 1: onnxtimm: ");
        StringAssert.Contains(output, "1 row, 1 of them new, 1 network failed");
    }

    /// <summary>The program is killed after a row: the same command does the rest, and no row twice.</summary>
    [TestMethod]
    public void ARunThatWasKilledGoesOn()
    {
        string[] args = ["bulk", "--model-list", "test_vit?", "--results-file", folder["r.csv"], .. Quick];
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "onnxtimm.dll"), .. args])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        using (var process = Process.Start(start)!)
        {
            process.ErrorDataReceived += (_, _) => { };
            process.BeginErrorReadLine();
            Assert.IsTrue(SpinWait.SpinUntil(() => File.Exists(folder["r.csv"]) || process.HasExited, 60_000));
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
        }
        var before = Rows.Length;
        var output = Cli.Output(args);
        string[] models = [.. Cli.Output("list", "test_vit?").Split('\n', StringSplitOptions.RemoveEmptyEntries)];
        Assert.IsTrue(before > 0 && before < models.Length);
        StringAssert.Contains(output, $"{models.Length} rows, {models.Length - before} of them new");
        CollectionAssert.AreEquivalent(models, Rows);
        var speeds = File.ReadLines(folder["r.csv"]).Skip(1).Select(l => double.Parse(l.Split(',')[1],
            System.Globalization.CultureInfo.InvariantCulture)).ToArray();
        CollectionAssert.AreEqual(speeds.OrderDescending().ToArray(), speeds);
    }

    [TestMethod]
    public void HelpOfTheCommandIsPrintedOnce()
    {
        var output = Cli.Output("bulk", "--model-list", "test_vit", "validate", "--help");
        Assert.HasCount(2, output.Split("onnxtimm validate:"));
        Assert.IsFalse(File.Exists("results.csv"));
    }

    [TestMethod]
    [DataRow("bulk needs a command", "--model-list", "test_vit")]
    [DataRow("bulk needs a command", "--model-list", "test_vit", "--results-file", "validate.csv")]
    [DataRow("No model \"test_vitt\"", "--model-list", "test_vitt", "--pretrain", "validate")]
    [DataRow("Did you mean \"validate\"?", "--model-list", "test_vit", "validte", "--topk", "1")]
    [DataRow("--delay", "--delay", "1e300", "--model-list", "test_vit", "validate")]
    [DataRow("No model \"test_vitt\"", "--model-list", "test_vitt", "validate")]
    [DataRow("benchmark has no flag --benhc.", "--model-list", "test_vit", "benchmark", "--benhc", "train")]
    [DataRow("is no table of results", "--model-list", "test_vit", "--results-file", "{0}", "benchmark")]
    public void MistakesAreSaidBeforeAnyRun(string message, params string[] args)
    {
        File.WriteAllText(folder["r.csv"], "a,b\n1,2\n");
        StringAssert.Contains(Cli.Error(["bulk", .. args.Select(a => a.Replace("{0}", folder["r.csv"]))]), message);
    }

    [TestMethod]
    public void AWrongNameInAFileIsToldWithItsLine()
    {
        File.WriteAllText(folder["list.txt"], "test_vit\n\ntest_vitt\n");
        foreach (var command in (string[][])[["bulk", "--model-list", folder["list.txt"], "validate", "x"],
            ["benchmark", "--model-list", folder["list.txt"]]])
            StringAssert.Contains(Cli.Error(command), $"\"{folder["list.txt"]}\", line 3: No model \"test_vitt\"");
    }

    /// <summary>What cannot be written is said before the first network runs, and nothing is left behind.</summary>
    [TestMethod]
    [DataRow("list.txt/r.csv")]
    [DataRow("")]
    public void ATableThatCannotBeWrittenIsSaidBeforeAnyRun(string table)
    {
        File.WriteAllText(folder["list.txt"], "test_vit\n");
        foreach (var command in (string[][])[["bulk", "--model-list", "test_vit", "--results-file", folder[table],
            .. Quick], ["benchmark", "--model", "test_vit", "--results-file", folder[table]]])
        {
            var (code, _, error) = Cli.Run(command);
            Assert.AreEqual(1, code, error);
            StringAssert.Contains(error, $"Cannot write \"{folder[table]}\"");
            Assert.DoesNotContain("[1/1]", error);
        }
        CollectionAssert.AreEqual((string[])["list.txt"], folder.Files);
    }

    /// <summary>timm's lists: with the sizes of training and test, which its records name.</summary>
    [TestMethod]
    public void ListsMeanWhatTheyMeanInTimm()
    {
        var all = BulkModel.Of("all_in1k", pretrained: false);
        CollectionAssert.IsSubsetOf(new BulkModel[]
        {
            new("resnet50.a1_in1k", 224, 0.95), new("resnet50.a1_in1k", 288, 1), new("vgg16.tv_in1k", 224, 0.875),
        }, all.ToArray());
        Assert.AreEqual(all.Count, all.Distinct().Count());
        Assert.IsFalse(all.Any(m => m.Name.EndsWith("_in21k", StringComparison.Ordinal)));
        File.WriteAllText(folder["list.txt"], "resnet50.a1_in1k\n");
        CollectionAssert.AreEqual(all.Where(m => m.Name == "resnet50.a1_in1k").ToArray(),
            BulkModel.Of(folder["list.txt"], false).ToArray());
        CollectionAssert.AreEqual(new BulkModel[] { new("resnet50.a1_in1k") },
            BulkModel.Of("resnet50.a1_in1k", true).ToArray());
        Assert.IsTrue(BulkModel.Of("all_res", false).Contains(new("resnet50", 288)));
    }

    [TestMethod]
    public void ARowIsOfANetworkAtItsSize()
    {
        var table = new BulkTable(folder["r.csv"]);
        using var row = JsonDocument.Parse("""{"model": "a", "top1": 7.5, "img_size": 224, "crop_pct": 0.9}""");
        table.Add(row.RootElement);
        var again = new BulkTable(folder["r.csv"]);
        Assert.IsTrue(again.Has(new("a")) && again.Has(new("a", 224, 0.9)) && again.Has(new("a", 224)));
        Assert.IsFalse(again.Has(new("a", 288)) || again.Has(new("a", 224, 1)) || again.Has(new("b")));
        Assert.IsTrue(again.Sort("top1"));
        Assert.IsFalse(again.Sort("top9"));
    }

    [TestMethod]
    public void ResultsAreThoseOfTimmsScript()
    {
        string File(string name) => Paths.Golden("cli", "results", name);
        Cli.Output("results", File("real.csv"), "--against", File("base.csv"), "--output", folder["t.csv"]);
        Assert.AreEqual(System.IO.File.ReadAllText(File("real_expected.csv")),
            System.IO.File.ReadAllText(folder["t.csv"]));
        Cli.Output("results", File("base.csv"), "--output", folder["t.csv"]);
        Assert.AreEqual(System.IO.File.ReadAllText(File("base_expected.csv")),
            System.IO.File.ReadAllText(folder["t.csv"]));
        StringAssert.Contains(Cli.Error("results", Paths.Golden("cli", "bench.csv"), "--output", folder["t.csv"]),
            "has no column img_size");
    }

    [TestMethod]
    public void ResultsDoNotTakeThePlaceOfWhatTheyComeFrom()
    {
        foreach (var name in (string[])["base.csv", "real.csv"])
            File.Copy(Paths.Golden("cli", "results", name), folder[name]);
        var before = File.ReadAllText(folder["base.csv"]);
        File.CreateSymbolicLink(folder["link.csv"], folder["base.csv"]);
        foreach (var output in (string[])[folder["base.csv"], folder["./base.csv"], folder["link.csv"]])
        {
            StringAssert.Contains(Cli.Error("results", folder["base.csv"], "--output", output), "is what the results");
            Cli.Error("results", folder["real.csv"], "--against", folder["base.csv"], "--output", output);
        }
        Assert.AreEqual(before, File.ReadAllText(folder["base.csv"]));
    }
}
