using Library;
using OnnxTimm.Infer;

namespace OnnxTimm.Tests.Cli;

/// <summary>docs/samples/Classify.cs, which the README shows.</summary>
[TestClass]
public sealed class LibrarySampleTests
{
    static readonly string Weights = Path.Combine(Paths.Root, "demo", "tf_efficientnet_lite0.safetensors");

    static readonly string Swan = Path.Combine(Paths.Root, "demo", "photos", "n01860187_black_swan.JPEG");

    [TestMethod]
    public void APhotographIsClassified()
    {
        using var folder = new TempFolder();
        Cli.Output("export", "tf_efficientnet_lite0", "--checkpoint", Weights, "--output", folder["a.onnx"]);
        var (label, probability) = Classify.Top5(folder["a.onnx"], Swan).First();
        Assert.StartsWith("black swan", label);
        Assert.IsGreaterThan(0.5f, probability);
    }

    /// <summary>What the library writes computes what the command's file does.</summary>
    [TestMethod]
    public void AModelIsWritten()
    {
        using var folder = new TempFolder();
        Cli.Output("export", "tf_efficientnet_lite0", "--checkpoint", Weights, "--output", folder["a.onnx"]);
        Classify.Write("tf_efficientnet_lite0", Weights, folder["b.onnx"]);
        CollectionAssert.AreEqual(Run(folder["a.onnx"]), Run(folder["b.onnx"]));
    }

    static float[] Run(string file)
    {
        using var session = Session.Open(file, new() { Threads = 1 });
        using var binding = session.Bind([1, 3, 224, 224]);
        return binding.Run(Fill.Input(1, 3, 224, 224)).ToArray();
    }
}
