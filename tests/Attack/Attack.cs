using System.Globalization;

namespace OnnxTimm.Tests.Attacks;

/// <summary>
/// Trials by the thousand, each from its number and the seed alone. A trial passes with a result or with one message;
/// another exception, a wait, memory beyond bounds or a file outside of the trial's folder is a fault.
/// <c>ONNXTIMM_ATTACK_SIZE</c> is the share of all trials (by default a small one), <c>ONNXTIMM_ATTACK_SEED</c> the seed.
/// </summary>
static class Attack
{
    const double DefaultShare = 0.01;
    const long MaxAllocated = 512 << 20;
    const int MostShown = 20;

    static readonly TimeSpan MostTime = TimeSpan.FromSeconds(30);

    static double Share => Setting("ONNXTIMM_ATTACK_SIZE") is { } share
        ? double.Parse(share, CultureInfo.InvariantCulture) : DefaultShare;

    static int Seed => Setting("ONNXTIMM_ATTACK_SEED") is { } seed ? int.Parse(seed, CultureInfo.InvariantCulture) : 1;

    /// <summary>Runs the trials of one kind.</summary>
    /// <param name="kind">Its name, for messages.</param>
    /// <param name="whole">How many trials the whole attack has.</param>
    /// <param name="attempt">
    /// Does the trial of a number in a folder, and says what it did where it is asked to.
    /// </param>
    /// <param name="limit">The longest that a trial may take; half a minute by default.</param>
    public static void Run(string kind, int whole, Action<Random, string> attempt, TimeSpan? limit = null)
    {
        var root = Directory.CreateTempSubdirectory($"onnxtimm-attack-{kind}-").FullName;
        var (inside, victim) = (Path.Combine(root, "in"), Path.Combine(root, "victim"));
        File.WriteAllText(victim, "untouched");
        var faults = new List<string>();
        for (var number = 0; number < Math.Max(1, (int)(whole * Share)) && faults.Count < MostShown; number++)
        {
            Directory.CreateDirectory(inside);
            File.WriteAllText(Path.Combine(root, "trial"), $"{kind}, seed {Seed}, trial {number}");
            if (Fault(() => attempt(new(HashCode(kind, number)), inside), limit ?? MostTime) is { } fault)
                faults.Add($"{kind}, seed {Seed}, trial {number}: {fault}");
            if (File.ReadAllText(victim) != "untouched" || Directory.GetFileSystemEntries(root).Length != 3)
                faults.Add($"{kind}, seed {Seed}, trial {number} wrote outside of its folder");
            Directory.Delete(inside, recursive: true);
        }
        Directory.Delete(root, recursive: true);
        Assert.IsEmpty(faults, string.Join("\n", faults));
    }

    /// <summary>What went wrong; null for a result or a message.</summary>
    static string? Fault(Action attempt, TimeSpan limit)
    {
        var task = Task.Factory.StartNew(() => Outcome(attempt), TaskCreationOptions.LongRunning);
        return task.Wait(limit) ? task.Result : $"it takes more than {limit.TotalSeconds} s";
    }

    static string? Outcome(Action attempt)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            attempt();
        }
        catch (UserException e)
        {
            if (e.Message.Contains('\n'))
                return $"a message of several lines: {e.Message}";
        }
        catch (Exception e)
        {
            return e.ToString();
        }
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        return allocated <= MaxAllocated ? null : $"it takes {allocated} bytes of memory";
    }

    /// <summary>The same on every machine.</summary>
    static int HashCode(string kind, int number) => kind.Aggregate(Seed * 1_000_003 + number, (h, c) => h * 31 + c);

    static string? Setting(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
