using System.Text.RegularExpressions;
using OnnxTimm.Edge;

namespace OnnxTimm.Tests.Edge;

[TestClass]
public sealed class EdgeFlagTests
{
    [TestMethod]
    [DataRow("There is no flag --topkk. Did you mean \"--topk\"?", "m.onnx", "a.jpg", "--topkk", "2")]
    [DataRow("--topk takes a whole number from 0, not \"two\".", "m.onnx", "a.jpg", "--topk", "two")]
    [DataRow("--topk needs a value: K.", "m.onnx", "a.jpg", "--topk")]
    [DataRow("--timing takes no value.", "m.onnx", "a.jpg", "--timing=yes")]
    [DataRow("--threshold takes a number from 0 to 1, not \"0,5\".", "m.onnx", "a.jpg", "--threshold", "0,5")]
    [DataRow("No value of --format \"jsonn\". Did you mean \"jsonl\"?", "m.onnx", "a.jpg", "--format", "jsonn")]
    [DataRow("--raw needs values: WxH FORMAT.", "m.onnx", "--raw", "640x480")]
    [DataRow("--raw takes a size such as 640x480, not \"640\".", "m.onnx", "--raw", "640", "nv12")]
    [DataRow("No value of --raw \"nv21\". Did you mean \"nv12\"?", "m.onnx", "--raw", "640x480", "nv21")]
    [DataRow("--raw is of standard input alone", "m.onnx", "a.jpg", "--raw", "640x480", "nv12")]
    [DataRow("--crop takes X,Y,W,H in pixels, not \"1,2,3\".", "m.onnx", "a.jpg", "--crop", "1,2,3")]
    [DataRow("--mean takes numbers with commas between them, not \"1;2\".", "m.onnx", "a.jpg", "--mean", "1;2")]
    [DataRow("--every and --range are of frames: give --raw.", "m.onnx", "a.jpg", "--every", "2")]
    [DataRow("--journal is of --watch.", "m.onnx", "a.jpg", "--journal", "j")]
    [DataRow("Which network?")]
    [DataRow("Which images?", "m.onnx")]
    [DataRow("--watch takes the images of its folder, not \"a.jpg\" too.", "m.onnx", "a.jpg", "--watch", ".")]
    public void AWrongCommandLineIsOneMessageAndCodeTwo(string message, params string[] args)
    {
        var (code, _, error) = EdgeRun.Run(args);
        Assert.AreEqual(2, code);
        Assert.StartsWith($"onnxtimm-run: {message}", error);
        Assert.HasCount(1, error.TrimEnd('\n').Split('\n'));
    }

    [TestMethod]
    public void HelpHasALineForEachFlag()
    {
        var help = EdgeRun.Lines("-h");
        foreach (var flag in Flags.Table)
            Assert.HasCount(1, help.Where(line => Regex.IsMatch(line, $"^  {flag.Name}( |$)")).ToArray(), flag.Name);
        Assert.IsTrue(help.All(line => line.Length <= 120));
    }

    [TestMethod]
    public void ValuesStandBehindBlanksOrASign()
    {
        var settings = Flags.Parse(["m.onnx", "--raw=640x480", "yuyv", "--topk", "3", "--mean=0.5,0.25,1", "-"]);
        Assert.AreEqual((640, 480, PixelFormat.Yuyv), settings.Raw);
        Assert.AreEqual(3, settings.TopK);
        CollectionAssert.AreEqual((double[])[0.5, 0.25, 1], settings.Mean);
    }

    [TestMethod]
    [DataRow("There is no file", "no.onnx", "a.jpg")]
    [DataRow("ONNX Runtime cannot run", "text.onnx", "a.jpg")]
    [DataRow("There is no file or folder", "m.onnx", "no.jpg")]
    public void WhatIsNotThereIsOneMessageAndCodeOne(string message, string model, string image)
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["text.onnx"], "no network at all");
        Cli.Cli.Output("export", "cifar_resnet20", "--output", folder["m.onnx"]);
        var (code, output, error) = EdgeRun.Run(folder[model], folder[image]);
        Assert.AreEqual(1, code);
        Assert.AreEqual("", output);
        Assert.StartsWith($"onnxtimm-run: {message}", error);
        Assert.HasCount(1, error.TrimEnd('\n').Split('\n'));
    }
}
