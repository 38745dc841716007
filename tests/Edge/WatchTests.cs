using System.Diagnostics;
using OnnxTimm.Edge;

namespace OnnxTimm.Tests.Edge;

/// <summary>A folder in which images come.</summary>
[TestClass]
[OSCondition(OperatingSystems.Linux)]
public sealed class WatchTests
{
    static readonly TempFolder Folder = new();

    static readonly string Model = Export();

    static readonly byte[] Picture = File.ReadAllBytes(Paths.Golden("images", "files", "444.jpg"));

    [ClassCleanup]
    public static void Clean() => Folder.Dispose();

    /// <summary>What is there, what is closed and what is moved in; not what is being written, nor other files.</summary>
    [TestMethod]
    public void FilesAreTakenWhenTheyAreComplete()
    {
        using var images = new TempFolder();
        File.WriteAllBytes(images["there.jpg"], Picture);
        using var watch = new Watching(images);
        watch.Expect("there.jpg");
        using (var slow = File.Create(images["slow.jpg"]))
        {
            slow.Write(Picture.AsSpan(0, 100));
            slow.Flush();
            File.WriteAllBytes(images["quick.jpg"], Picture);
            watch.Expect("there.jpg", "quick.jpg");
            slow.Write(Picture.AsSpan(100));
        }
        watch.Expect("there.jpg", "quick.jpg", "slow.jpg");
        File.WriteAllBytes(images[".hidden.jpg"], Picture);
        File.WriteAllBytes(images["text.txt"], Picture);
        File.WriteAllBytes(images["draft.tmp"], Picture);
        File.Move(images["draft.tmp"], images["moved.jpg"]);
        watch.Expect("there.jpg", "quick.jpg", "slow.jpg", "moved.jpg");
        File.WriteAllBytes(images["there.jpg"], [.. Picture, 0]);
        Assert.IsEmpty(watch.Expect("there.jpg", "quick.jpg", "slow.jpg", "moved.jpg", "there.jpg"));
    }

    [TestMethod]
    public void ARestartGoesOnWithTheOthers()
    {
        using var images = new TempFolder();
        File.WriteAllBytes(images["a.jpg"], Picture);
        File.WriteAllText(images["bad.jpg"], "no image");
        using (var watch = new Watching(images))
            Assert.Contains("bad.jpg is no image", watch.Expect("a.jpg"));
        // Half a line, of who was ended while he wrote.
        File.AppendAllText(images[".onnxtimm-run"], "12 34");
        File.WriteAllBytes(images["b.jpg"], Picture);
        using (var watch = new Watching(images))
            Assert.IsEmpty(watch.Expect("b.jpg"));
        Assert.HasCount(3, File.ReadAllLines(images[".onnxtimm-run"]));
        File.Delete(images["a.jpg"]);
        using (var watch = new Watching(images))
            watch.Expect();
        Assert.HasCount(2, File.ReadAllLines(images[".onnxtimm-run"]));
    }

    /// <summary>A disk that is full: answers go on, with one word.</summary>
    [TestMethod]
    public void AJournalThatCannotBeWrittenIsSaid()
    {
        using var images = new TempFolder();
        File.WriteAllBytes(images["a.jpg"], Picture);
        File.WriteAllBytes(images["b.jpg"], Picture);
        using var watch = new Watching(images, "--journal", "/dev/full");
        var said = watch.Expect("a.jpg", "b.jpg");
        Assert.Contains("What is answered cannot be noted, and is answered again after a restart", said);
        Assert.HasCount(1, said.TrimEnd('\n').Split('\n'));
    }

    /// <summary>A file that is no journal, a photo by mistake, stays as it is.</summary>
    [TestMethod]
    public void WhatIsNoJournalIsKept()
    {
        using var images = new TempFolder();
        File.WriteAllBytes(images["a.jpg"], Picture);
        var (code, _, error) = EdgeRun.Run(Model, "--watch", images["."], "--journal", images["a.jpg"]);
        Assert.AreEqual(1, code);
        Assert.Contains("is no journal of answers", error);
        CollectionAssert.AreEqual(Picture, File.ReadAllBytes(images["a.jpg"]));
    }

    [TestMethod]
    [DataRow("There is no folder", "nowhere")]
    public void AFolderThatIsNotThereIsSaid(string message, string folder)
    {
        var (code, _, error) = EdgeRun.Run(Model, "--watch", Folder[folder]);
        Assert.AreEqual(1, code);
        Assert.Contains(message, error);
    }

    [TestMethod]
    public void AFewKillsLoseNothing() => Kills(3, 60);

    [TestMethod]
    [TestCategory("all")]
    public void TwentyKillsLoseNothing() => Kills(20, 1000);

    /// <summary>The program is killed and started again while files come: each is answered.</summary>
    static void Kills(int kills, int files)
    {
        using var images = new TempFolder();
        var coming = Task.Run(() =>
        {
            for (var i = 0; i < files; i++)
            {
                File.WriteAllBytes(images[$"{i}.tmp"], Picture);
                File.Move(images[$"{i}.tmp"], images[$"{i}.jpg"]);
                Thread.Sleep(2);
            }
        });
        var (answered, random) = (new HashSet<string>(), new Random(1));
        for (var i = 0; i < kills; i++)
        {
            using var program = Start(images["."]);
            Thread.Sleep(random.Next(150, 450));
            program.Kill();
            Take(program, answered);
        }
        coming.Wait();
        using var last = Start(images["."]);
        last.OutputDataReceived += (_, e) => Name(e.Data, answered);
        last.BeginOutputReadLine();
        Assert.IsTrue(SpinWait.SpinUntil(() => { lock (answered) return answered.Count == files; }, 60_000),
            $"{answered.Count} of {files}");
        last.Kill();
    }

    static Process Start(string folder) => Process.Start(new ProcessStartInfo(
        Path.Combine(AppContext.BaseDirectory, "onnxtimm-run"), [Model, "--watch", folder, "--threads", "1"])
    {
        RedirectStandardOutput = true,
    })!;

    static void Take(Process program, HashSet<string> answered)
    {
        foreach (var line in program.StandardOutput.ReadToEnd().Split('\n')[..^1])
            Name(line, answered);
    }

    static void Name(string? line, HashSet<string> answered)
    {
        if (line is null)
            return;
        lock (answered)
            answered.Add(line.Split('\t')[0]);
    }

    static string Export()
    {
        Cli.Cli.Output("export", "cifar_resnet20", "--output", Folder["m.onnx"]);
        return Folder["m.onnx"];
    }

    /// <summary>A run that watches a folder until it is disposed.</summary>
    sealed class Watching : IDisposable
    {
        readonly CancellationTokenSource stop = new();
        readonly MemoryStream output = new();
        readonly StringWriter messages = new();
        readonly Run run;
        readonly Task task;

        public Watching(TempFolder folder, params string[] flags)
        {
            run = new(Flags.Parse([Model, "--watch", folder["."], "--threads", "1", .. flags]),
                Stream.Synchronized(output), messages, new(default));
            task = Task.Run(() => Assert.ThrowsExactly<OperationCanceledException>(() => run.All(Stream.Null, stop.Token)));
        }

        /// <summary>Waits until the answers are those of some files, in order, and gives what was said.</summary>
        public string Expect(params string[] names)
        {
            string[] Answers() => [.. System.Text.Encoding.UTF8.GetString(output.ToArray())
                .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t')[0])];
            SpinWait.SpinUntil(() => Answers().Length >= names.Length || task.IsCompleted, 20_000);
            // What must not come has the time to.
            Thread.Sleep(50);
            CollectionAssert.AreEqual(names, Answers());
            return messages.ToString();
        }

        public void Dispose()
        {
            stop.Cancel();
            task.Wait();
            run.Dispose();
            stop.Dispose();
        }
    }
}
