using System.ComponentModel;
using System.Diagnostics;
using System.Text.RegularExpressions;
using OnnxTimm.Tests.Train;

namespace OnnxTimm.Tests.Attacks;

/// <summary>
/// A small training as a process, which is killed at a moment or before a system call, as often as one likes, and then
/// must come to what it comes to undisturbed. The calls are those that the undisturbed one makes to files of its run;
/// without strace there are moments alone.
/// </summary>
sealed partial class MortalTraining : IDisposable
{
    const int Epochs = 2, Killed = 128 + 9;
    const string Calls = "openat,pwrite64,rename,link,unlink,fsync,mkdir,ftruncate";

    static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    readonly TempFolder folder = new();
    readonly IGrouping<string, (string Name, int Count)>[] calls;
    readonly TimeSpan length;

    public MortalTraining()
    {
        TinyRun.WriteImages(folder["set"]);
        Directory.CreateDirectory(folder["whole"]);
        string[] tracer = CanTrace() ? ["strace", "-f", "-y", "-o", folder["log"], "-e", $"trace={Calls}"] : [];
        var clock = Stopwatch.StartNew();
        Assert.AreEqual(0, Wait(Start(folder["whole"], tracer)));
        length = clock.Elapsed;
        calls = [.. (tracer.Length > 0 ? CallsOf(folder["log"]) : []).GroupBy(c => c.Name)];
    }

    /// <summary>Kills at moments and before system calls so far.</summary>
    public (int Moments, int Calls) Kills { get; private set; }

    /// <summary>Begins or resumes the training in a folder and kills it; false where it ended before.</summary>
    public bool TryKill(string place, Random random)
    {
        var call = calls.Length > 0 && random.Next(2) == 0 ? Any([.. Any(calls, random)], random) : default;
        using var process = Start(place, call.Name is null ? [] : ["strace", "-f", "-o", "/dev/null",
            "-e", $"trace={call.Name}", "-e", $"inject={call.Name}:signal=KILL:when={call.Count}"]);
        if (call.Name is null && !process.WaitForExit(length * random.NextDouble()))
            process.Kill();
        if (Wait(process) != Killed)
            return false;
        Kills = call.Name is null ? (Kills.Moments + 1, Kills.Calls) : (Kills.Moments, Kills.Calls + 1);
        return true;
    }

    /// <summary>Lets the training in a folder come to its end, and compares.</summary>
    public void Finish(string place)
    {
        Assert.AreEqual(0, Wait(Start(place, [])));
        SameRun.Check(Run(folder["whole"]), Run(place));
    }

    public void Dispose() => folder.Dispose();

    static string Run(string place) => Path.Combine(place, "out", "run");

    static T Any<T>(T[] list, Random random) => list[random.Next(list.Length)];

    /// <summary>As somebody would who finds it killed: with --resume from when its options are there.</summary>
    Process Start(string place, string[] tracer)
    {
        var train = File.Exists(Path.Combine(Run(place), "args.yaml")) ? ["train", "--resume", Run(place)]
            : TinyRun.Arguments(folder["set"], Path.Combine(place, "out"), Epochs);
        string[] words = [.. tracer, Path.Combine(AppContext.BaseDirectory, "onnxtimm"), .. train];
        return Process.Start(new ProcessStartInfo(words[0], words[1..])
        {
            WorkingDirectory = place,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
    }

    /// <summary>The exit code of one that ended well or was killed; anything else is a failure.</summary>
    static int Wait(Process process)
    {
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        Assert.IsTrue(process.WaitForExit(Patience), "the training hangs");
        Assert.IsTrue(process.ExitCode is 0 or Killed, $"exit code {process.ExitCode}: {error.Result}");
        return process.ExitCode;
    }

    /// <summary>
    /// The calls of a trace that concern a file of the run, each with the number that it has among those of its name
    /// in its thread: so the tracer counts them too.
    /// </summary>
    static IEnumerable<(string Name, int Count)> CallsOf(string log)
    {
        var counts = new Dictionary<string, int>();
        foreach (var line in File.ReadLines(log))
        {
            if (Call.Match(line) is not { Success: true } call)
                continue;
            var count = counts[call.Value] = counts.GetValueOrDefault(call.Value) + 1;
            if (line.Contains(Run("whole"), StringComparison.Ordinal))
                yield return (call.Groups["name"].Value, count);
        }
    }

    static bool CanTrace()
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("strace", ["-f", "-o", "/dev/null", "true"]))!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }

    [GeneratedRegex(@"^\d+ +(?<name>\w+)\(")]
    private static partial Regex Call { get; }
}
