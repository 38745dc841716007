using System.Diagnostics;
using System.Runtime.InteropServices;

namespace OnnxTimm.Tests.Cli;

/// <summary>The system's signals to end are wishes to stop.</summary>
[TestClass]
[DoNotParallelize]
public sealed partial class InterruptTests
{
    /// <summary>SIGHUP, SIGINT, SIGQUIT and SIGTERM by their POSIX numbers.</summary>
    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(15)]
    public void ASignalIsHeard(int signal)
    {
        if (OperatingSystem.IsWindows())
            Assert.Inconclusive("Windows has no signals of processes.");
        using var interrupt = new Interrupt();
        Assert.AreEqual(0, Kill(Environment.ProcessId, signal));
        Assert.IsTrue(interrupt.Token.WaitHandle.WaitOne(TimeSpan.FromSeconds(20)));
    }

    /// <summary>What is not complete is not there; the exit code is the signal's, as of any program.</summary>
    [TestMethod]
    [DataRow(2, "export vit_small_patch16_224 --output {0}/x.onnx")]
    [DataRow(15, "export vit_small_patch16_224 --output {0}/x.onnx")]
    [DataRow(2, "artifacts vit_small_patch16_224 --output {0}")]
    public void AnInterruptedFileLeavesNothing(int signal, string line)
    {
        if (OperatingSystem.IsWindows())
            Assert.Inconclusive("Windows has no signals of processes.");
        using var folder = new TempFolder();
        var words = string.Format(null, line, folder["."]).Split(' ');
        using var process = Process.Start(Path.Combine(AppContext.BaseDirectory, "onnxtimm"), words);
        string[] Drafts() => Directory.GetFileSystemEntries(folder["."], "*.tmp");
        while (Drafts().Length == 0 && !process.HasExited)
            Thread.Sleep(1);
        Assert.AreEqual(0, Kill(process.Id, signal));
        process.WaitForExit();
        Assert.AreEqual(128 + signal, process.ExitCode);
        Assert.IsEmpty(Directory.GetFileSystemEntries(folder["."]));
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int process, int signal);
}
