using System.Diagnostics;

namespace OnnxTimm.Tests;

/// <summary>What is no regular file is written into; a link that a person named is followed.</summary>
[TestClass]
[OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
public sealed class WriteBesideTests
{
    [TestMethod]
    public void APipeIsWrittenInto()
    {
        using var folder = new TempFolder();
        Make("mkfifo", folder["pipe"]);
        var reader = Task.Run(() => File.ReadAllText(folder["pipe"]));
        WriteBeside.Write(folder["pipe"], "through"u8.ToArray());
        Assert.AreEqual("through", reader.GetAwaiter().GetResult());
        Assert.IsTrue(SpecialFile.Is(folder["pipe"]));
        CollectionAssert.AreEqual(new[] { "pipe" }, folder.Files);
    }

    /// <summary>A device of its own, the same as /dev/null; only root can make one.</summary>
    [TestMethod]
    public void ADeviceStaysOne()
    {
        if (!Environment.IsPrivilegedProcess)
            Assert.Inconclusive("Skipped: only root makes devices.");
        using var folder = new TempFolder();
        if (!TryMake("mknod", folder["null"], "c", "1", "3"))
            Assert.Inconclusive("Skipped: no device can be made here.");
        WriteBeside.Write(folder["null"], "nowhere"u8.ToArray());
        Assert.IsTrue(SpecialFile.Is(folder["null"]));
        CollectionAssert.AreEqual(new[] { "null" }, folder.Files);
    }

    /// <summary>Whether a file can be written is said before there is anything to write, and nothing stays.</summary>
    [TestMethod]
    [DataRow("new/deep/r.csv", null)]
    [DataRow("there.csv", null)]
    [DataRow("there.csv/r.csv", "Cannot write \"")]
    [DataRow("folder", "it is a folder.")]
    public void ItIsCheckedBefore(string name, string? message)
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["there.csv"], "kept");
        Directory.CreateDirectory(folder["folder"]);
        if (message is null)
            WriteBeside.Check(folder[name]);
        else
            StringAssert.Contains(Assert.ThrowsExactly<UserException>(() => WriteBeside.Check(folder[name])).Message,
                message);
        CollectionAssert.AreEquivalent((string[])["there.csv", "folder"],
            Directory.GetFileSystemEntries(folder[""]).Select(f => Path.GetFileName(f)).ToArray());
        Assert.AreEqual("kept", File.ReadAllText(folder["there.csv"]));
    }

    [TestMethod]
    public void ALinkIsFollowedWhereItWasNamed()
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder["there"]);
        File.CreateSymbolicLink(folder["there/second"], "../kept");
        File.CreateSymbolicLink(folder["first"], "there/second");
        WriteBeside.Write(WriteBeside.Target(folder["first"]), "new"u8.ToArray());
        Assert.AreEqual("new", File.ReadAllText(folder["kept"]));
        Assert.AreEqual("there/second", new FileInfo(folder["first"]).LinkTarget);
    }

    /// <summary>A link that lies in a folder of somebody else's leads nowhere: it is replaced.</summary>
    [TestMethod]
    public void ALinkThatNobodyNamedIsReplaced()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["victim"], "safe");
        File.CreateSymbolicLink(folder["link"], folder["victim"]);
        WriteBeside.Write(folder["link"], "new"u8.ToArray());
        Assert.AreEqual("safe", File.ReadAllText(folder["victim"]));
        Assert.IsNull(new FileInfo(folder["link"]).LinkTarget);
    }

    [TestMethod]
    public void LinksInCirclesAreSaid()
    {
        using var folder = new TempFolder();
        File.CreateSymbolicLink(folder["a"], "b");
        File.CreateSymbolicLink(folder["b"], "a");
        Assert.Contains("round in circles", Assert.Throws<UserException>(() =>
            WriteBeside.Target(folder["a"])).Message);
    }

    [TestMethod]
    [DataRow("/dev/fd/63")]
    [DataRow("/proc/self/fd/1")]
    public void WhatIsOpenAlreadyIsSpecial(string path)
    {
        Assert.IsTrue(SpecialFile.Is(path));
        Assert.AreEqual(path, WriteBeside.Target(path));
    }

    static void Make(string program, params string[] arguments) => Assert.IsTrue(TryMake(program, arguments));

    static bool TryMake(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
