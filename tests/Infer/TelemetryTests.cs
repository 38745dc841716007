using System.Diagnostics;

namespace OnnxTimm.Tests.Infer;

/// <summary>ONNX Runtime tells nobody that it is used, unless somebody wants it.</summary>
[TestClass]
public sealed class TelemetryTests
{
    /// <summary>
    /// The program with a home of its own, in a process of its own: the runtime decides when its library is loaded.
    /// </summary>
    [TestMethod]
    public void NoFileIsLeftInTheUsersFolders()
    {
        using var home = new TempFolder();
        Run(home);
        Assert.IsEmpty(Directory.GetFiles(home[""], "*onnxruntime*", SearchOption.AllDirectories));
        Assert.IsEmpty(Directory.GetDirectories(home[""], "*onnxruntime*", SearchOption.AllDirectories));
    }

    static void Run(TempFolder home)
    {
        var info = new ProcessStartInfo("dotnet",
        [
            Path.Combine(AppContext.BaseDirectory, "onnxtimm.dll"), "infer", "-m", "cifar_resnet20", "--data-dir",
            Paths.Golden("images", "files", "bit.png"),
        ])
        { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var name in (string[])["HOME", "XDG_CACHE_HOME", "USERPROFILE", "LOCALAPPDATA"])
            info.Environment[name] = home["."];
        info.Environment.Remove("ORT_DISABLE_TELEMETRY");
        using var process = Process.Start(info)!;
        var error = process.StandardError.ReadToEndAsync();
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.AreEqual(0, process.ExitCode, error.GetAwaiter().GetResult());
    }
}
