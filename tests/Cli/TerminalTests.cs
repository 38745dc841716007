using System.Diagnostics;
using System.Text.RegularExpressions;
using OnnxTimm.Conversion;
using OnnxTimm.Models;
using OnnxTimm.Tests.Conversion;

namespace OnnxTimm.Tests.Cli;

/// <summary>
/// The program as a person sees it: under a pseudo-terminal, wide or narrow, plain or coloured, or before a pipe that
/// is closed. What is drawn must never change how a command ends.
/// </summary>
[TestClass]
public sealed class TerminalTests
{
    /// <summary>A PNG of one pixel.</summary>
    const string Pixel =
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

    const string Train = "train --model cifar_resnet20 --data-dir set --val-split train --batch-size 4 --epochs 2 "
        + "--warmup-epochs 0 --workers 1 --output out --experiment run";

    readonly TempFolder folder = new();

    [TestInitialize]
    public void MakeImages()
    {
        if (OperatingSystem.IsWindows() || !File.Exists("/usr/bin/script"))
            Assert.Inconclusive("Skipped: \"script\" of util-linux makes the pseudo-terminal.");
        foreach (var name in new[] { "0/a", "0/b", "1/a", "1/b" })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder[$"set/train/{name}"])!);
            File.WriteAllBytes(folder[$"set/train/{name}.png"], System.Convert.FromBase64String(Pixel));
        }
    }

    [TestCleanup]
    public void Clean() => folder.Dispose();

    [TestMethod]
    [DataRow("xterm", 40, "")]
    [DataRow("xterm-256color", 200, "")]
    [DataRow("dumb", 80, "")]
    [DataRow("xterm", 80, "NO_COLOR=1 ")]
    public void ATrainingEndsAsItShould(string term, int width, string environment)
    {
        var (code, text) = Terminal($"{environment}{{0}} {Train}", term, width);
        Assert.AreEqual(0, code, text);
        StringAssert.Contains(text, "Best metric");
        // The last line is a command that no window breaks.
        StringAssert.Matches(text.TrimEnd().Split('\n')[^1],
            new Regex("Export it: .* --checkpoint .*model_best.safetensors .*--output model.onnx"));
        Assert.IsTrue(File.Exists(folder["out/run/last.safetensors"]));
    }

    [TestMethod]
    public void AnErrorOfATrainingIsSeen()
    {
        foreach (var file in Directory.GetFiles(folder["set"], "*", SearchOption.AllDirectories))
            File.WriteAllText(file, "x");
        var (code, text) = Terminal($"{{0}} {Train}", "xterm", 80);
        Assert.AreEqual(1, code, text);
        StringAssert.Contains(text, "onnxtimm: ");
        Assert.DoesNotContain("Unhandled", text);
    }

    [TestMethod]
    [DataRow("infer --model cifar_resnet20 --data-dir set/train", 40)]
    [DataRow("validate --model cifar_resnet20 --data-dir set/train", 200)]
    public void OtherCommandsEndAsTheyShould(string command, int width)
    {
        var (code, text) = Terminal($"{{0}} {command}", "xterm", width);
        Assert.AreEqual(0, code, text);
        StringAssert.Contains(text, "--result");
    }

    /// <summary>A table on a terminal, names alone in a pipe.</summary>
    [TestMethod]
    public void AListIsATableForPeople()
    {
        StringAssert.Contains(Terminal("{0} list lcnet_035", "xterm", 120).Text, "params_m");
        Assert.DoesNotContain("params_m", Terminal("{0} list lcnet_035 | cat", "xterm", 120).Text);
    }

    /// <summary>A reader that has seen enough ends nothing with a stack trace.</summary>
    [TestMethod]
    [DataRow("{0} list | head -1")]
    [DataRow("{0} infer --model cifar_resnet20 --data-dir set/train | head -1")]
    [DataRow("{0} train --help | head -1")]
    public void AClosedPipeIsNoFault(string command)
    {
        var (_, text) = Terminal(command, "xterm", 80);
        Assert.DoesNotContain("Unhandled", text);
        Assert.DoesNotContain("   at ", text);
    }

    /// <summary>
    /// The lines of a terminal that closes have nowhere to go; what was trained is stored all the same.
    /// </summary>
    [TestMethod]
    public void ATerminalThatClosesCostsNoTraining()
    {
        using (var terminal = EndlessTraining())
        {
            terminal.Kill();
            terminal.WaitForExit();
        }
        var clock = Stopwatch.StartNew();
        bool IsStored() => Directory.GetFiles(folder["out/run"], "recovery-*.safetensors").Length > 0;
        while (!IsStored() && clock.Elapsed < TimeSpan.FromSeconds(30))
            Thread.Sleep(100);
        Assert.IsTrue(IsStored());
    }

    [TestMethod]
    public void CtrlCStopsATraining()
    {
        using var terminal = EndlessTraining();
        terminal.StandardInput.Write('\x03');
        terminal.StandardInput.Flush();
        var text = terminal.StandardOutput.ReadToEnd();
        terminal.WaitForExit();
        Assert.AreEqual(130, terminal.ExitCode, text);
        StringAssert.Contains(text, "Go on:      onnxtimm train --resume");
    }

    /// <summary>Whatever takes pretrained weights downloads them; a file that was cut goes on.</summary>
    [TestMethod]
    [DataRow(40)]
    [DataRow(200)]
    public void ADownloadIsSeen(int width)
    {
        SafetensorsWriter.Write(folder["w.safetensors"], [.. Zoo.Build("test_resnet").Graph.Weights.Select(w =>
            KeyValuePair.Create(w.Name, w.Data!))]);
        using var server = new HubServer();
        var weights = File.ReadAllBytes(folder["w.safetensors"]);
        server.Add("timm/test_resnet.r160_in1k/resolve/main/model.safetensors", weights);
        server.Cuts.Enqueue(500_000);
        var export = $"HF_ENDPOINT={server.Address} HF_HOME=hub {{0}} export test_resnet --pretrained --output n.onnx";
        const string convert = "{0} convert hub/hub/models--*/snapshots/*/model.safetensors --model test_resnet "
            + "--output m.onnx";
        var (code, text) = Terminal($"{export} && {convert}", "xterm", width);
        Assert.AreEqual(0, code, text);
        StringAssert.Contains(text, $"model.safetensors: {weights.Length / 1e6:F1} of {weights.Length / 1e6:F1} MB");
        Assert.IsTrue(File.Exists(folder["n.onnx"]) && File.Exists(folder["m.onnx"]), text);
    }

    /// <summary>A training on a terminal, in its second epoch of many.</summary>
    Process EndlessTraining()
    {
        var program = Path.Combine(AppContext.BaseDirectory, "onnxtimm");
        var terminal = Process.Start(new ProcessStartInfo("/usr/bin/script",
            ["-qec", $"exec {program} {Train.Replace("--epochs 2", "--epochs 99999 --log-interval 1")}", "/dev/null"])
        {
            WorkingDirectory = folder[""],
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        })!;
        while (terminal.StandardOutput.ReadLine()?.Contains("Train: 1 [", StringComparison.Ordinal) == false)
        {
        }
        return terminal;
    }

    /// <summary>
    /// Runs a line of the shell with the program in place of {0}; gives its exit code and what was shown.
    /// </summary>
    (int Code, string Text) Terminal(string line, string term, int width)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "onnxtimm");
        var start = new ProcessStartInfo("/usr/bin/script",
            ["-qec", $"stty cols {width} rows 24; {string.Format(null, line, program)}", "/dev/null"])
        {
            WorkingDirectory = folder[""],
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        };
        start.Environment["TERM"] = term;
        start.Environment["SHELL"] = "/bin/sh";
        using var process = Process.Start(start)!;
        var text = process.StandardOutput.ReadToEnd();
        Assert.IsTrue(process.WaitForExit(TimeSpan.FromMinutes(1)), text);
        return (process.ExitCode, text);
    }
}
