using System.Diagnostics;
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

    /// <summary>A file of one function is what the other reads.</summary>
    [TestMethod]
    public void WhatIsWrittenClassifies()
    {
        using var folder = new TempFolder();
        Classify.Write("tf_efficientnet_lite0", Weights, folder["a.onnx"]);
        Cli.Output("export", "tf_efficientnet_lite0", "--checkpoint", Weights, "--output", folder["b.onnx"]);
        CollectionAssert.AreEqual(Classify.Top5(folder["b.onnx"], Swan).ToArray(),
            Classify.Top5(folder["a.onnx"], Swan).ToArray());
    }

    /// <summary>
    /// The sample as a program of somebody else's, in a folder that knows nothing of this repository's build files:
    /// what it refers to is all that it needs.
    /// </summary>
    [TestMethod]
    public void AProjectElsewhereBuildsAndRuns()
    {
        using var folder = new TempFolder();
        foreach (var file in Directory.GetFiles(Path.Combine(Samples, "project")).Append(Path.Combine(Samples,
            "Classify.cs")))
            File.Copy(file, folder[Path.GetFileName(file)]);
        // The libraries are built already, as the tests are; servers of the compiler would keep the output open.
        Dotnet(folder, "build", $"-p:OnnxTimm={Paths.Root}", "-p:BuildProjectReferences=false", "-c", Configuration,
            "-v", "quiet", "-nr:false", "-p:UseSharedCompilation=false");
        var program = Directory.GetFiles(folder["bin"], "Classify.dll", SearchOption.AllDirectories).Single();
        Dotnet(folder, program, "write", "tf_efficientnet_lite0", Weights, "lite0.onnx");
        var lines = Dotnet(folder, program, "lite0.onnx", Swan).Split('\n');
        Assert.StartsWith($"{Swan}: black swan", lines[0]);
        Assert.IsEmpty(Directory.GetFiles(folder["bin"], "onnxruntime*.dll", SearchOption.AllDirectories));
    }

    static string Samples => Path.Combine(Paths.Root, "docs", "samples");

    static string Configuration => AppContext.BaseDirectory.Contains("release", StringComparison.OrdinalIgnoreCase)
        ? "Release" : "Debug";

    static string Dotnet(TempFolder folder, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = folder["."],
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.AreEqual(0, process.ExitCode, output + error.GetAwaiter().GetResult());
        return output;
    }

    static float[] Run(string file)
    {
        using var session = Session.Open(file, new() { Threads = 1 });
        using var binding = session.Bind([1, 3, 224, 224]);
        return binding.Run(Fill.Input(1, 3, 224, 224)).ToArray();
    }
}
