using OnnxTimm.Train;

namespace OnnxTimm.Tests.Train;

/// <summary>A run has its folder for itself.</summary>
[TestClass]
public sealed class RunFilesTests
{
    readonly TempFolder folder = new();

    [TestCleanup]
    public void Clean() => folder.Dispose();

    [TestMethod]
    public void TwoTrainingsDoNotShareAFolder()
    {
        using (var first = RunFiles.Claim(new(folder["run"], IsNamed: true, IsResumed: false)))
        {
            StringAssert.Contains(Fault(isResumed: false), "Another training is at work");
            StringAssert.Contains(Fault(isResumed: true), "Another training is at work");
            using var second = RunFiles.Claim(new(folder["run"], IsNamed: false, IsResumed: false));
            Assert.AreEqual(folder["run-1"], second.Folder);
            first.WriteArgs("opt: sgd\n");
        }
        Assert.IsFalse(Directory.Exists(folder["run-1"]), "nothing was begun in it");
        using var again = RunFiles.Claim(new(folder["run"], IsNamed: true, IsResumed: true));
        Assert.AreEqual(folder["run"], again.Folder);
    }

    [TestMethod]
    [DataRow("args.yaml", true)]
    [DataRow("recovery-0-5.safetensors", true)]
    [DataRow("checkpoint-12.safetensors", true)]
    [DataRow("last.safetensors", true)]
    [DataRow("model_best.onnx", true)]
    [DataRow("summary.csv", true)]
    [DataRow("notes.txt", false)]
    [DataRow("checkpoint-x.safetensors", false)]
    public void AnyFileOfARunMakesItUsed(string file, bool isUsed)
    {
        Directory.CreateDirectory(folder["run"]);
        File.WriteAllText(Path.Combine(folder["run"], file), "");
        if (isUsed)
            StringAssert.Contains(Fault(isResumed: false), "holds another training");
        else
            RunFiles.Claim(new(folder["run"], IsNamed: true, IsResumed: false)).Dispose();
    }

    [TestMethod]
    public void TemporariesOfKilledProcessesGo()
    {
        string[] ours = ["last.safetensors.123.abc.xyz.tmp", "model_best.safetensors.tmp", "args.yaml.7.q.r.tmp"];
        string[] others = ["notes.tmp", "last.safetensors", "mine.safetensors.1.a.b.tmp"];
        Directory.CreateDirectory(folder["run"]);
        foreach (var file in ours.Concat(others))
            File.WriteAllText(Path.Combine(folder["run"], file), "");
        using var run = RunFiles.Claim(new(folder["run"], IsNamed: true, IsResumed: true));
        run.RemoveTemporaries();
        CollectionAssert.AreEquivalent(others.Append(".lock").ToArray(),
            Directory.GetFiles(folder["run"]).Select(f => Path.GetFileName(f)).ToArray());
    }

    [TestMethod]
    public void OptionsAreWrittenOnlyWhenTheyChange()
    {
        using var run = RunFiles.Claim(new(folder["run"], IsNamed: true, IsResumed: false));
        var file = Path.Combine(run.Folder, "args.yaml");
        run.WriteArgs("opt: sgd\n");
        File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch);
        run.WriteArgs("opt: sgd\n");
        Assert.AreEqual(DateTime.UnixEpoch, File.GetLastWriteTimeUtc(file));
        run.WriteArgs("opt: lamb\n");
        Assert.AreEqual("opt: lamb\n", File.ReadAllText(file));
    }

    /// <summary>
    /// Another name of the old file keeps the old content: the new one lies beside until it is whole.
    /// </summary>
    [TestMethod]
    public void OptionsAreNeverHalfWritten()
    {
        using var run = RunFiles.Claim(new(folder["run"], IsNamed: true, IsResumed: false));
        run.WriteArgs("opt: sgd\n");
        HardLink.Create(Path.Combine(run.Folder, "args.yaml"), folder["old"]);
        run.WriteArgs("opt: lamb\n");
        Assert.AreEqual("opt: sgd\n", File.ReadAllText(folder["old"]));
    }

    string Fault(bool isResumed) => Assert.ThrowsExactly<UserException>(
        () => RunFiles.Claim(new(folder["run"], IsNamed: true, IsResumed: isResumed))).Message;
}
