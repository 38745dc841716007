using System.Text.Json;
using OnnxTimm.Cli;
using OnnxTimm.Cli.CommandLine;
using OnnxTimm.Onnx;

namespace OnnxTimm.Tests.Cli;

/// <summary>Where results go, under which name, and what stands on standard output.</summary>
[TestClass]
public sealed class OutputTests
{
    static readonly string Photo = Paths.Golden("images", "files", "bit.png");

    static readonly string[] Infer = ["infer", "-m", "cifar_resnet20", "--data-dir", Photo];

    static readonly string[] Benchmark =
        ["benchmark", "-m", "cifar_resnet20", "-b", "1", "--num-bench-iter", "1", "--num-warm-iter", "0"];

    [TestMethod]
    [DataRow("R.JSON", "{")]
    [DataRow("r.Csv", "filename,")]
    [DataRow("plain", "filename,", "plain.csv")]
    [DataRow("r.csv", "{", "r.json", "json")]
    public void EndingsAreKnownInEitherCase(string file, string begins, string? written = null, string? format = null)
    {
        using var folder = new TempFolder();
        string[] asked = format is null ? [] : ["--results-format", format];
        Cli.Output([.. Infer, "--results-file", folder[file], .. asked]);
        CollectionAssert.AreEqual(new[] { written ?? file }, folder.Files);
        Assert.StartsWith(begins, File.ReadAllText(folder[written ?? file]));
    }

    /// <summary>A terminal that has closed, and a stream that was never open for writing.</summary>
    [TestMethod]
    public void MessagesThatNobodyTakesEndNothing()
    {
        foreach (var fault in (Exception[])[new IOException(), new UnauthorizedAccessException()])
        {
            using var output = new StringWriter();
            var messages = new LastingWriter(() => throw fault);
            Assert.AreEqual(ExitCode.Failed, Program.Run(["list", "--bogus"], new(output, messages)));
        }
    }

    [TestMethod]
    public void OtherEndingsAreRefused()
    {
        using var folder = new TempFolder();
        Assert.Contains("p.parquet\" ends in .parquet", Cli.Error([.. Infer, "--results-file", folder["p.parquet"]]));
        Assert.Contains("ends in .txt", Cli.Error([.. Benchmark, "--results-file", folder["b.txt"]]));
        Assert.Contains("ends in .xlsx", Cli.Error("validate", "-m", "cifar_resnet20", "--data-dir", "absent",
            "--results-file", folder["v.xlsx"]));
        Assert.IsEmpty(folder.Files);
    }

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    public void ALinkIsFollowed()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["kept.json"], "old");
        File.CreateSymbolicLink(folder["link.json"], "kept.json");
        File.CreateSymbolicLink(folder["link.onnx"], "kept.onnx");
        Cli.Output([.. Infer, "--results-file", folder["link.json"]]);
        Cli.Output("export", "cifar_resnet20", "--output", folder["link.onnx"]);
        Assert.StartsWith("{", File.ReadAllText(folder["kept.json"]));
        Assert.IsNotNull(new FileInfo(folder["link.json"]).LinkTarget);
        Assert.IsNotEmpty(OnnxFile.Read(folder["kept.onnx"]).Outputs);
    }

    /// <summary>Each verb that has --json: the whole of standard output is one JSON value.</summary>
    [TestMethod]
    [DataRow("infer", "-m", "cifar_resnet20", "--data-dir", "PHOTO")]
    [DataRow("validate", "-m", "cifar_resnet20", "--data-dir", "CLASSES")]
    [DataRow("benchmark", "-m", "cifar_resnet20", "-b", "1", "--num-bench-iter", "1", "--num-warm-iter", "0")]
    [DataRow("info", "cifar_resnet20")]
    [DataRow("list", "cifar*")]
    public void JsonIsAllThatIsOnStandardOutput(params string[] args)
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder["set/0"]);
        File.Copy(Photo, folder["set/0/1.png"]);
        var output = Cli.Output(
            [.. args.Select(a => a == "PHOTO" ? Photo : a == "CLASSES" ? folder["set"] : a), "--json"]);
        Assert.AreNotEqual(JsonValueKind.Undefined, JsonDocument.Parse(output).RootElement.ValueKind);
    }
}
