using System.Globalization;

namespace OnnxTimm.Infer;

/// <summary>Memory and processors of this machine, and how much of them a container leaves to a program.</summary>
/// <param name="Memory">Bytes that the machine has.</param>
/// <param name="Limit">Bytes that the process may use (Linux's cgroup); null for no limit.</param>
/// <param name="Processors">Processors that it may use.</param>
public sealed record Machine(long Memory, long? Limit, int Processors)
{
    /// <summary>Where Linux says a limit of memory: of its second kind of cgroups, and of its first.</summary>
    static readonly string[] Limits =
        ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"];

    /// <summary>This machine.</summary>
    public static Machine This { get; } = Read(File.Exists, File.ReadAllText,
        GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);

    /// <summary>What this processor makes of 8-bit numbers, a sentence.</summary>
    public static string Int8 => Processor.Saturates
        ? "no instruction for sums of products of 8-bit numbers: of recipe cpu-cnn sums overflow, x64-avx2 has weights "
            + "of 7 bits"
        : Processor.Instructions.Any(i => i is "dotprod" || i.EndsWith("vnni", StringComparison.Ordinal))
            ? "exact and quick: recipe cpu-cnn"
            : "exact, but without an instruction of its own: recipe cpu-cnn";

    internal static Machine Read(Predicate<string> exists, Func<string, string> read, long available)
    {
        var limit = Limits.Where(path => exists(path)).Select(path => Number(read(path))).FirstOrDefault();
        var total = exists("/proc/meminfo") ? Total(read("/proc/meminfo")) ?? available : available;
        // Without a limit the first kind says a number beyond all memory.
        return new(total, limit < total ? limit : null, Environment.ProcessorCount);
    }

    static long? Total(string text) => text.Split('\n').Where(line =>
        line.StartsWith("MemTotal:", StringComparison.Ordinal)).Select(line => Number(line.Split(' ',
            StringSplitOptions.RemoveEmptyEntries)[1]) * 1024).FirstOrDefault();

    static long? Number(string text) =>
        long.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
