namespace OnnxTimm.Tests.Conversion;

/// <summary>
/// Damages files of NumPy and Flax at random, several times each: flipped bits, cuts, and pieces that are copied
/// elsewhere, taken out or put in. Whatever comes out is a result or one message.
/// </summary>
[TestClass]
public sealed class DamagedArraysTests
{
    static readonly string[] Small =
    [
        "flax/tiny.msgpack", "flax/tiny_bf16.msgpack", "flax/kinds.msgpack", "flax/chunked.msgpack",
        "flax/vit_mini.npz", "odd/npz_odd.npz", "odd/npz_zip64.npz", "mxnet/mxnet2_net.params",
    ];

    static readonly string[] Large = ["flax/nest_clu/ckpt-1.flax", "flax/vit_prelogits.npz", "flax/bit_two.npz"];

    readonly TempFolder folder = new();

    public static IEnumerable<object[]> SmallFiles => Small.Select(file => new object[] { file });

    public static IEnumerable<object[]> LargeFiles => Large.Select(file => new object[] { file });

    [TestCleanup]
    public void Delete() => folder.Dispose();

    [TestMethod]
    [DynamicData(nameof(SmallFiles))]
    public void SampledDamageEndsInAMessage(string file) => Many(Paths.Golden(["convert", .. file.Split('/')]), 300);

    [TestMethod]
    [TestCategory("all")]
    [DynamicData(nameof(SmallFiles))]
    public void MuchDamageEndsInAMessage(string file) => Many(Paths.Golden(["convert", .. file.Split('/')]), 2000);

    [TestMethod]
    [TestCategory("all")]
    [DynamicData(nameof(LargeFiles))]
    public void MuchDamageOfLargerFilesEndsInAMessage(string file) =>
        Many(Paths.Shared(["golden", "convert", .. file.Split('/')]), 2000);

    void Many(string path, int count)
    {
        var content = File.ReadAllBytes(path);
        for (var seed = 0; seed < count; seed++)
            Damage.Try(folder["damaged"], Damaged(content, new Random(seed)), $"{path}, seed {seed}");
    }

    static byte[] Damaged(byte[] content, Random random)
    {
        for (var times = random.Next(1, 4); times > 0 && content.Length > 0; times--)
            content = random.Next(5) switch
            {
                0 => content[..random.Next(content.Length)],
                1 => Spliced(content, random, taken: 0, random.Next(1, 9)),
                2 => Spliced(content, random, random.Next(1, 9), given: 0),
                3 => Spliced(content, random, 8, 8),
                _ => Flipped(content, random),
            };
        return content;
    }

    static byte[] Flipped(byte[] content, Random random)
    {
        var damaged = content.ToArray();
        damaged[Place(content, random)] ^= (byte)(1 << random.Next(8));
        return damaged;
    }

    /// <summary>Takes bytes out somewhere and puts others of the file in their place.</summary>
    static byte[] Spliced(byte[] content, Random random, int taken, int given)
    {
        var (to, from) = (Place(content, random), Place(content, random));
        var piece = content[from..Math.Min(from + given, content.Length)];
        return [.. content[..to], .. piece, .. content[Math.Min(to + taken, content.Length)..]];
    }

    /// <summary>Half of the time near an end, where headers and directories lie.</summary>
    static int Place(byte[] content, Random random) => random.Next(4) switch
    {
        0 => random.Next(Math.Min(300, content.Length)),
        1 => content.Length - 1 - random.Next(Math.Min(3000, content.Length)),
        _ => random.Next(content.Length),
    };
}
