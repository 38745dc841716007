using System.Diagnostics;
using OnnxTimm.Edge;

namespace OnnxTimm.Tests.Edge;

/// <summary>Files that are being written when a folder is looked at for the first time.</summary>
[TestClass]
[OSCondition(OperatingSystems.Linux)]
public sealed class IncomingFilesTests
{
    /// <summary>Its writer says when it is complete, by closing it.</summary>
    [TestMethod]
    public void AFileThatIsBeingWrittenIsWaitedFor()
    {
        using var folder = new TempFolder();
        using var stop = new CancellationTokenSource(20_000);
        using var slow = Writer(folder["a.jpg"], FileMode.Create);
        slow.WriteByte(1);
        slow.Flush();
        File.WriteAllText(folder["b.jpg"], "complete");
        using var incoming = new IncomingFiles(folder["."], FileWriter.Has);
        using var files = incoming.Take(_ => true, stop.Token).GetEnumerator();
        Assert.AreEqual("b.jpg", Next(files));
        slow.WriteByte(2);
        var closing = Task.Run(() =>
        {
            Thread.Sleep(300);
            slow.Dispose();
        });
        Assert.AreEqual("a.jpg", Next(files));
        Assert.AreEqual(2, files.Current.Length);
        Assert.IsTrue(closing.Wait(1000));
    }

    /// <summary>Where the system does not tell who writes, a file has to be at rest for two seconds.</summary>
    [TestMethod]
    public void AFileOfSomebodyElsesHasToRest()
    {
        using var folder = new TempFolder();
        using var stop = new CancellationTokenSource(20_000);
        File.WriteAllText(folder["a.jpg"], "first");
        using var incoming = new IncomingFiles(folder["."], _ => null);
        var clock = Stopwatch.StartNew();
        var growing = Task.Run(() =>
        {
            Thread.Sleep(700);
            // Not closed before the test has ended: nothing but its length tells.
            var file = Writer(folder["a.jpg"], FileMode.Append);
            file.WriteByte(0);
            file.Flush();
            return file;
        });
        using var files = incoming.Take(_ => true, stop.Token).GetEnumerator();
        Assert.AreEqual("a.jpg", Next(files));
        Assert.IsGreaterThan(2600, clock.ElapsedMilliseconds);
        growing.Result.Dispose();
    }

    [TestMethod]
    public void AWriterIsSeen()
    {
        using var folder = new TempFolder();
        using (Writer(folder["a"], FileMode.Create))
            Assert.AreEqual(true, FileWriter.Has(folder["a"]));
        Assert.AreEqual(false, FileWriter.Has(folder["a"]));
        using (File.OpenRead(folder["a"]))
            Assert.AreEqual(false, FileWriter.Has(folder["a"]));
        Assert.AreEqual(false, FileWriter.Has(folder["absent"]));
    }

    static FileStream Writer(string path, FileMode mode) =>
        new(path, mode, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);

    static string Next(IEnumerator<FileInfo> files) => files.MoveNext() ? files.Current.Name : "";
}
