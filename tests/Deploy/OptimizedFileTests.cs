using OnnxTimm.Infer;
using OnnxTimm.Onnx;

namespace OnnxTimm.Tests.Deploy;

/// <summary>What ONNX Runtime makes of a network on this machine, as a file.</summary>
[TestClass]
public sealed class OptimizedFileTests
{
    [TestMethod]
    [DataRow("m.onnx", "extended")]
    [DataRow("m.onnx", "all")]
    [DataRow("m.ort", "extended")]
    [DataRow("m.ort", "all")]
    public void ItGivesTheSameAndSaysWhereItRuns(string file, string level)
    {
        using var folder = new TempFolder();
        Cli.Cli.Output("export", "cifar_resnet20", "--output", folder["plain.onnx"]);
        var said = Cli.Cli.Output("export", "cifar_resnet20", "--optimize", level, "--output", folder[file]);
        Assert.Contains($"{OptimizedFile.Note(level)}: this kind of processor alone", said);
        using var classifier = Classifier.Open(folder[file]);
        using var plain = Classifier.Open(folder["plain.onnx"]);
        var photo = Directory.GetFiles(Path.Combine(Paths.Root, "demo", "photos"), "*.JPEG").Order().First();
        var (expected, got) = (plain.Classify(photo), classifier.Classify(photo));
        Assert.AreEqual(expected[0].Label, got[0].Label);
        Assert.AreEqual(expected[0].Probability, got[0].Probability, Tolerances.Get("cli/logits"));
        using var session = Session.Open(folder[file]);
        Assert.AreEqual(OptimizedFile.Note(level), session.Metadata[OptimizedFile.Key]);
        Assert.Contains(Path.GetFileName(photo), Cli.Cli.Output("infer", photo, "--model", folder[file]));
        if (file == "m.onnx")
            Assert.IsLessThan(OnnxFile.Read(folder["plain.onnx"]).Nodes.Count, OnnxFile.Read(folder[file]).Nodes.Count
                - (level == "all" ? 2 : 0));
    }

    [TestMethod]
    [DataRow("No level of optimization \"al\". Did you mean \"all\"?", "x.onnx", "--optimize", "al")]
    [DataRow("give --optimize", "x.ort")]
    [DataRow("--target ort for others", "x.onnx", "--optimize", "all", "--target", "ort")]
    public void AMistakeIsOneMessage(string message, string file, params string[] options)
    {
        using var folder = new TempFolder();
        Assert.Contains(message,
            Cli.Cli.Error(["export", "cifar_resnet20", "--output", folder[file], .. options]));
        Assert.IsFalse(File.Exists(folder[file]));
    }
}
