using System.Runtime.InteropServices;
using OnnxTimm.Cli.CommandLine;

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

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int process, int signal);
}
