using OnnxTimm.Infer;

namespace OnnxTimm.Tests.Edge;

/// <summary>What a program says of a native library that is none, before it is used.</summary>
[TestClass]
public sealed class RuntimeLibraryTests
{
    [TestMethod]
    public void AMissingOrForeignLibraryIsOneMessage()
    {
        using var folder = new TempFolder();
        Assert.Contains($"There is no ONNX Runtime at \"{folder["no.so"]}\"", Message(folder["no.so"]));
        Assert.Contains($"There is no ONNX Runtime at \"{Path.Combine(folder["."], RuntimeLibrary.FileName)}\"",
            Message(folder["."]));
        File.WriteAllText(folder["text.so"], "no library");
        Assert.Contains("cannot be loaded", Message(folder["text.so"]));
        if (OperatingSystem.IsLinux())
            Assert.Contains("is no ONNX Runtime: it has no OrtGetApiBase.", Message(
                Directory.GetFiles(AppContext.BaseDirectory, "libSkiaSharp.so", SearchOption.AllDirectories)[0]));
    }

    /// <summary>The release that is asked for is the one that calls are made for.</summary>
    [TestMethod]
    public void TheLibraryOfThePackageIsTaken()
    {
        var (code, _, error) = EdgeRun.Run("no.onnx", "a.jpg", "--runtime", "nowhere");
        Assert.AreEqual(1, code);
        Assert.StartsWith("onnxtimm-run: There is no ONNX Runtime at \"nowhere\"", error);
        Assert.StartsWith($"1.{RuntimeLibrary.Api}.", Providers.Release);
    }

    static string Message(string path) =>
        Assert.ThrowsExactly<UserException>(() => RuntimeLibrary.Load(path)).Message;
}
