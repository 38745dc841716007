using System.Diagnostics;
using System.Text;

namespace OnnxTimm.Tests.Cli;

/// <summary>What a command does not need is not made: the runtime tells which methods it compiled.</summary>
[TestClass]
public sealed class StartTests
{
    [TestMethod]
    public void AFileMakesNoFamily()
    {
        using var folder = new TempFolder();
        Cli.Output("export", "cifar_resnet20", "--output", folder["net.onnx"]);
        var compiled = Compiled(folder, "infer", "--model", folder["net.onnx"], "--data-dir", Photo(folder));
        Assert.IsTrue(Has(compiled, "OnnxTimm.Cli.Verbs.InferVerb"));
        Assert.IsFalse(Has(compiled, "OnnxTimm.Models.CifarResNet"));
        Assert.IsFalse(Has(compiled, "OnnxTimm.Models.ResNet"));
    }

    [TestMethod]
    public void ANameMakesItsOwnFamilyAlone()
    {
        using var folder = new TempFolder();
        var compiled = Compiled(folder, "export", "cifar_resnet20", "--output", folder["net.onnx"]);
        Assert.IsTrue(Has(compiled, "OnnxTimm.Models.CifarResNet"));
        Assert.IsFalse(Has(compiled, "OnnxTimm.Models.ResNet\0"));
        Assert.IsFalse(Has(compiled, "OnnxTimm.Models.VisionTransformer"));
    }

    /// <summary>The index answers without a family and without a network.</summary>
    [TestMethod]
    public void AListMakesNoFamily()
    {
        using var folder = new TempFolder();
        var compiled = Compiled(folder, "list", "resnet*", "--license", "bsd-3-clause", "--sort", "top1");
        Assert.IsTrue(Has(compiled, "OnnxTimm.Models.ZooIndex"));
        Assert.IsFalse(Has(compiled, "OnnxTimm.Models.ResNet\0"));
        Assert.IsFalse(Has(compiled, "OnnxTimm.Models.Net\0"));
    }

    static bool Has(byte[] trace, string type) => trace.AsSpan().IndexOf(Encoding.Unicode.GetBytes(type)) >= 0;

    /// <summary>A trace of the program with the names of all methods that were compiled.</summary>
    static byte[] Compiled(TempFolder folder, params string[] arguments)
    {
        string[] words = [Path.Combine(AppContext.BaseDirectory, "onnxtimm.dll"), .. arguments];
        var start = new ProcessStartInfo("dotnet", words)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_EnableEventPipe"] = "1";
        start.Environment["DOTNET_EventPipeConfig"] = "Microsoft-Windows-DotNETRuntime:0x10:5";
        start.Environment["DOTNET_EventPipeOutputPath"] = folder["trace"];
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.AreEqual(0, process.ExitCode, error + output.Result);
        return File.ReadAllBytes(folder["trace"]);
    }

    static string Photo(TempFolder folder)
    {
        Directory.CreateDirectory(folder["photos"]);
        var photo = Paths.Golden("images", "files", "n01774384_black_widow.JPEG");
        File.Copy(photo, Path.Combine(folder["photos"], "a.JPEG"));
        return folder["photos"];
    }
}
