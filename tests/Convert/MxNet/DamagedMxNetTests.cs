using System.Diagnostics;
using OnnxTimm.Conversion;

namespace OnnxTimm.Tests.Conversion;

/// <summary>
/// Good files with flipped bits, cut, and with pieces put elsewhere. Whatever comes out is a result or one message: no
/// other exception, no hang, no memory for what is only claimed.
/// </summary>
[TestClass]
public sealed class DamagedMxNetTests
{
    const long MaxAllocated = 256 << 20;
    const int MaxMilliseconds = 5000;

    static readonly string Folder = Paths.Golden("convert", "mxnet");

    static readonly string[] Networks = ["fixgamma", "resnet_v1b_basic"];

    public static IEnumerable<object[]> Lists =>
        Directory.GetFiles(Folder, "*.params").Select(file => new object[] { Path.GetFileName(file) });

    public static IEnumerable<object[]> Symbols => Networks.Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(Lists))]
    public void SampledDamageOfAListEndsInAMessage(string file) => DamageList(Path.Combine(Folder, file), 200);

    [TestMethod]
    [TestCategory("all")]
    [DynamicData(nameof(Lists))]
    public void ManyDamagesOfAListEndInAMessage(string file) => DamageList(Path.Combine(Folder, file), 2000);

    [TestMethod]
    [DynamicData(nameof(Symbols))]
    public void SampledDamageOfASymbolEndsInAMessage(string name) => DamageSymbol(Folder, name, "0000", 200);

    [TestMethod]
    [TestCategory("all")]
    [DynamicData(nameof(Symbols))]
    public void ManyDamagesOfASymbolEndInAMessage(string name) => DamageSymbol(Folder, name, "0000", 2000);

    /// <summary>The larger reference set, and trained networks in the oldest form.</summary>
    [TestMethod]
    [TestCategory("all")]
    public void ManyDamagesOfTheLargeSetEndInAMessage()
    {
        foreach (var file in Directory.GetFiles(Paths.Shared("golden", "convert", "mxnet"), "*.params").Order())
            if (!File.Exists(Path.Combine(Folder, Path.GetFileName(file))))
                DamageList(file, 2000);
        foreach (var name in new[] { "det1", "det2", "det3" })
        {
            DamageList(Path.Combine(Paths.Shared("weights", "mxnet"), $"{name}-0001.params"), 2000);
            DamageSymbol(Paths.Shared("weights", "mxnet"), name, "0001", 2000);
        }
    }

    static void DamageList(string path, int count) => Damage(path, count, damaged =>
    {
        using var opened = Checkpoint.Open(damaged);
        foreach (var tensor in opened.Values)
            Assert.AreEqual(tensor.ByteCount, tensor.Bytes.Length);
    });

    static void DamageSymbol(string folder, string name, string epoch, int count)
    {
        using var weights = Checkpoint.Open(Path.Combine(folder, $"{name}-{epoch}.params"));
        Damage(Path.Combine(folder, $"{name}-symbol.json"), count,
            damaged => _ = SymbolImport.Read(damaged).ToGraph(weights, 3, 64, 64));
    }

    static void Damage(string path, int count, Action<string> open)
    {
        using var folder = new TempFolder();
        var (content, random) = (File.ReadAllBytes(path), new Random(1));
        for (var i = 0; i < count; i++)
        {
            File.WriteAllBytes(folder["damaged"], Damaged(content, random));
            Try(() => open(folder["damaged"]), $"{Path.GetFileName(path)}, damage {i}");
        }
    }

    static byte[] Damaged(byte[] content, Random random)
    {
        var (at, count) = (random.Next(content.Length), random.Next(1, 64));
        return random.Next(4) switch
        {
            0 => Flipped(content, random),
            1 => content[..at],
            2 => [.. content[..at], .. content.Skip(at + count)],
            _ => [.. content[..at], .. content.Skip(random.Next(content.Length)).Take(count), .. content[at..]],
        };
    }

    static byte[] Flipped(byte[] content, Random random)
    {
        var damaged = content.ToArray();
        for (var flips = random.Next(1, 5); flips > 0; flips--)
            damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
        return damaged;
    }

    static void Try(Action open, string what)
    {
        var watch = Stopwatch.StartNew();
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            open();
        }
        catch (UserException)
        {
            // The one message.
        }
        catch (Exception e) when (e is not AssertFailedException)
        {
            Assert.Fail($"{what}: {e}");
        }
        Assert.IsLessThan(MaxAllocated, GC.GetAllocatedBytesForCurrentThread() - before, what);
        Assert.IsLessThan(MaxMilliseconds, watch.ElapsedMilliseconds, what);
    }
}
