using System.Diagnostics;
using System.Text.RegularExpressions;
using OnnxTimm.Conversion;
using OnnxTimm.Data;
using OnnxTimm.Infer;
using OnnxTimm.Onnx;
using OnnxTimm.Tests.Repository;
using OnnxTimm.Train;

namespace OnnxTimm.Tests;

/// <summary>Named pipes, devices and folders where a file is expected.</summary>
[TestClass]
public sealed class RegularFileTests
{
    const int MaxMilliseconds = 10_000;

    readonly TempFolder folder = new();

    [TestCleanup]
    public void Delete() => folder.Dispose();

    [TestMethod]
    public void FilesAreRead()
    {
        File.WriteAllText(folder["a.txt"], "one\ntwo\n");
        Assert.AreEqual("one\ntwo\n", RegularFile.ReadText(folder["a.txt"]));
        CollectionAssert.AreEqual("one\ntwo\n"u8.ToArray(), RegularFile.ReadBytes(folder["a.txt"]));
        CollectionAssert.AreEqual(new[] { "one", "two" }, RegularFile.ReadLines(folder["a.txt"]).ToArray());
        File.CreateSymbolicLink(folder["link.txt"], "a.txt");
        Assert.AreEqual("one\ntwo\n", RegularFile.ReadText(folder["link.txt"]));
    }

    [TestMethod]
    public void WhatIsNoFileIsNamed()
    {
        Assert.Contains(folder["no"], Assert.ThrowsExactly<UserException>(() => RegularFile.Open(folder["no"])).Message);
        Assert.Contains("folder", Assert.ThrowsExactly<UserException>(() => RegularFile.Open(folder["."])).Message);
    }

    /// <summary>Each reader ends at once, with one message.</summary>
    [TestMethod]
    public void NoReaderWaitsForAPipe()
    {
        if (OperatingSystem.IsWindows())
            return;
        Directory.CreateDirectory(folder["set/c"]);
        foreach (var name in new[] { "f.pth", "f.onnx", "f.tar", "f.txt", "f.yaml", "f.json", "f.jpg", "set/c/f.png" })
            Process.Start("mkfifo", folder[name]).WaitForExit();
        Action[] readers =
        [
            () => Checkpoint.Open(folder["f.pth"]),
            () => OrtCheckpoint.Read(folder["f.pth"]),
            () => SymbolImport.Read(folder["f.json"]),
            () => OnnxFile.Read(folder["f.onnx"]),
            () => Session.Open(folder["f.onnx"]),
            () => Dataset.Open(folder["f.tar"]),
            () => Dataset.Open(folder["f.jpg"]).Read(0, new()),
            () => Dataset.Open(folder["set"]).Read(0, new()),
            () => ImageDecoder.Decode(folder["f.jpg"]),
            () => ClassMap.Load(folder["f.txt"], "."),
            () => OptionFiles.Read(folder["f.yaml"], new TrainOptions()),
            () => _ = RegularFile.ReadLines(folder["f.txt"]).ToArray(),
        ];
        foreach (var (i, read) in readers.Index())
        {
            var task = Task.Run(() => Assert.ThrowsExactly<UserException>(read).Message);
            Assert.IsTrue(task.Wait(MaxMilliseconds), $"reader {i} waits");
            StringAssert.Contains(task.Result, "pipe", $"reader {i}");
        }
    }

    /// <summary>Files are opened for reading in one place; what native libraries open is checked there first.</summary>
    [TestMethod]
    public void FilesAreOpenedInOnePlace()
    {
        var faults = Sources.Code("src").Where(file => file != "src/Core/RegularFile.cs"
            && Regex.IsMatch(Sources.Read(file), @"\bFile\.(Open(Read|Text|Handle)?|ReadA?l?l?\w*)\(")).ToArray();
        Assert.IsEmpty(faults, string.Join("\n", faults));
    }
}
