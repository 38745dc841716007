using OnnxTimm.Tests.Attacks;

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
            Damage.Try(folder["damaged"], Mutation.Of(content, new Random(seed)), $"{path}, seed {seed}");
    }
}
