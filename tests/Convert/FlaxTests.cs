using System.Buffers.Binary;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using OnnxTimm.Conversion;

namespace OnnxTimm.Tests.Conversion;

/// <summary>Files and folders that Flax and clu wrote, and flawed ones of Flax and NumPy.</summary>
[TestClass]
public sealed class FlaxTests
{
    const long MaxAllocated = 16 << 20;

    static readonly JsonElement Entries = Golden.Json("convert", "flax", "msgpack.json").GetProperty("entries");

    readonly TempFolder folder = new();

    public static IEnumerable<object[]> Good =>
        Entries.EnumerateArray().Select(row => row[0].GetString()!).Distinct().Select(file => new object[] { file });

    /// <summary>Each bad file and a word of the message that tells its fault.</summary>
    public static IEnumerable<object[]> Bad =>
    [
        ["fx_truncated.msgpack", "bytes are announced"],
        ["fx_huge_bin.msgpack", "4294967295 bytes are announced"],
        ["fx_huge_array.msgpack", "4294967295 items are announced"],
        ["fx_huge_map.msgpack", "4294967295 items are announced"],
        ["fx_deep.msgpack", "none of the known forms"],
        ["fx_shape_lie.msgpack", "needs 4398046511104 bytes, it has 4"],
        ["fx_short_buffer.msgpack", "needs 12 bytes, it has 8"],
        ["fx_negative_dim.msgpack", "the size -1"],
        ["fx_bad_dtype.msgpack", "float31"],
        ["fx_object_dtype.msgpack", "\"object\""],
        ["fx_unknown_ext.msgpack", "extension type 9"],
        ["fx_nested_garbage.msgpack", "0xc1"],
        ["fx_chunk_missing.msgpack", "needs 16 bytes, it has 8"],
        ["fx_chunk_huge.msgpack", "needs 4398046511104 bytes, it has 8"],
        ["fx_trailing.msgpack", "2 bytes follow"],
        ["fx_not_a_map.msgpack", "none of the known forms"],
        ["npz_truncated.npz", "cut short"],
        ["npz_huge_shape.npz", "needs 4398046511104 bytes; 16 are there"],
        ["npz_bomb.npz", "needs 16 bytes; 67108864 are there"],
        ["npz_object.npz", "Python objects"],
        ["npz_not_npy.npz", "ends within its header"],
        ["npz_crc.npz", "embedding/kernel.npy"],
        ["npy_header_eval.npz", "no literal"],
    ];

    [TestCleanup]
    public void Delete() => folder.Dispose();

    [TestMethod]
    [DynamicData(nameof(Good))]
    public void LeavesEqualFlaxs(string name)
    {
        using var file = Checkpoint.Open(Paths.Golden("convert", "flax", name));
        var rows = Entries.EnumerateArray().Where(row => row[0].GetString() == name).ToArray();
        foreach (var row in rows.Where(row => row.GetArrayLength() == 6))
        {
            var tensor = file[row[1].GetString()!];
            Assert.AreEqual(row[2].GetString(), tensor.Type.ToString(), true, row[1].GetString());
            CollectionAssert.AreEqual(row[3].EnumerateArray().Select(d => d.GetInt64()).ToArray(), tensor.Shape);
            Assert.AreEqual(row[4].GetString(), Hash(tensor), row[1].GetString());
        }
        Assert.HasCount(rows.Count(row => row.GetArrayLength() == 6), file);
        var facts = rows.Where(row => row.GetArrayLength() == 4 && row[2].GetString() is not ("NoneType" or "bytes"));
        CollectionAssert.AreEquivalent(
            facts.Select(row => $"{row[1]}: {row[3]}").ToArray(),
            file.Metadata.Select(fact => $"{fact.Key}: {fact.Value}").ToArray());
    }

    [TestMethod]
    [DynamicData(nameof(Bad))]
    public void FlawedFilesAreRefusedAtOnce(string name, string word)
    {
        var watch = Stopwatch.StartNew();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var message = Npy.Refusal(Paths.Golden("convert", "bad", name));
        Assert.IsLessThan(MaxAllocated, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.IsLessThan(2000, watch.ElapsedMilliseconds);
        StringAssert.Contains(message, name);
        StringAssert.Contains(message, word);
    }

    [TestMethod]
    public void EveryFlawedFileIsListed() => CollectionAssert.AreEquivalent(
        Directory.GetFiles(Paths.Golden("convert", "bad")).Select(Path.GetFileName)
            .Where(name => name!.StartsWith("fx_") || name.StartsWith("np")).ToArray(),
        Bad.Select(row => row[0]).ToArray());

    /// <summary>What is hard to come by in a file of Flax: the content behind a map with the key "a", a word.</summary>
    static readonly (string What, byte[] Content, string Word)[] Harmful =
    [
        ("deep lists", [.. Enumerable.Repeat((byte)0x91, 30_000)], "nested deeper"),
        ("deep maps", [.. Enumerable.Repeat((byte[])[0x81, 0xa1, 98], 100).SelectMany(map => map)], "nested deeper"),
        ("many values", [0xdd, 0, 8, 0, 0, .. new byte[8 << 16]], "more than 262144 values"),
        ("a long name", [0x81, 0xda, 4, 0, .. Enumerable.Repeat((byte)'b', 1024), 0], "more than 512"),
        ("a number as a key", [0x81, 1, 1], "no text"),
        ("a key twice", [0x82, 0xa1, (byte)'b', 1, 0xa1, (byte)'b', 2], "two keys \"b\""),
        ("a text that is none", [0xa1, 0xff], "UTF-8"),
        ("a complex number of one part", [0xd4, 2, 0x90], "no pair of floats"),
        ("a chunked array of nothing", Map("__msgpack_chunked_array__", [0xc3]), "without shape"),
    ];

    public static IEnumerable<object[]> Harms => Harmful.Select(row => new object[] { row.What });

    [TestMethod]
    [DynamicData(nameof(Harms))]
    public void HarmfulFilesEndInAMessage(string what)
    {
        var (_, content, word) = Harmful.Single(row => row.What == what);
        File.WriteAllBytes(folder["a"], Map("a", content));
        StringAssert.Contains(Npy.Refusal(folder["a"]), word);
    }

    [TestMethod]
    public void OneNameForTwoArraysIsRefused()
    {
        File.WriteAllBytes(folder["a"], [0x82, .. Text("a/b"), .. Array(1), .. Text("a"), .. Map("b", Array(2))]);
        StringAssert.Contains(Npy.Refusal(folder["a"]), "two arrays \"a/b\"");
    }

    /// <summary>Only what a model is made of is left, under its own names.</summary>
    [TestMethod]
    [DataRow("optimizer/target")]
    [DataRow("optimizer/target/params")]
    [DataRow("opt/target")]
    [DataRow("model")]
    [DataRow("model/params")]
    [DataRow("params")]
    public void WeightsComeOutOfTheirFolder(string path)
    {
        var weights = path.Split('/').Reverse().Aggregate(
            Map("Dense_0", Map("bias", Array(3))), (inner, name) => Map(name, inner));
        byte[] rest = [.. Text("step"), .. Array(7), .. Text("opt_state"), .. Map("0", Map("params", Array(1)))];
        File.WriteAllBytes(folder["a"], [0x83, .. weights[1..], .. rest]);
        using var file = Checkpoint.Open(folder["a"]);
        CollectionAssert.AreEqual(new[] { "Dense_0/bias" }, file.Keys.ToArray());
        CollectionAssert.AreEqual(new[] { 3f }, file["Dense_0/bias"].ToFloats());
    }

    /// <summary>clu writes files of TensorFlow beside its own, Flax nothing; ten comes after nine.</summary>
    [TestMethod]
    [DataRow("ckpt-9.flax", "ckpt-10.flax", "checkpoint", "ckpt-11.index", "ckpt-11.data-00000-of-00001")]
    [DataRow("checkpoint_9", "checkpoint_10", "checkpoint", "checkpoint_11.tmp")]
    public void OfAFolderTheNewestCheckpointIsRead(string older, string newer, params string[] others)
    {
        File.Copy(Paths.Golden("convert", "flax", "tiny.msgpack"), folder[older]);
        File.Copy(Paths.Golden("convert", "flax", "tiny_bf16.msgpack"), folder[newer]);
        foreach (var other in others)
            File.WriteAllText(folder[other], "no weights");
        using var file = Checkpoint.Open(Path.GetDirectoryName(folder[newer])!);
        Assert.AreEqual(DType.BFloat16, file["k"].Type);
        Assert.AreEqual(newer, Path.GetFileName(file.Source));
    }

    [TestMethod]
    public void AnotherFolderIsRefused() =>
        StringAssert.Contains(Npy.Refusal(Path.GetDirectoryName(folder["a"])!), "ckpt-N.flax");

    /// <summary>Biases and scales are stored as timm has them, so their hashes are among those of the model.</summary>
    [TestMethod]
    [DataRow("nest_clu")]
    [DataRow("nest_flax")]
    public void ANetworkOfFlaxIsReadWithoutItsOptimizer(string name)
    {
        using var file = Checkpoint.Open(Paths.Shared("golden", "convert", "flax", name));
        var json = JsonDocument.Parse(File.ReadAllText(Paths.Shared("golden", "convert", "flax", "nest.json")));
        var expected = json.RootElement.GetProperty("tensors").GetRawText();
        var scales = file.Where(t => t.Value.Shape.Length == 1).ToArray();
        Assert.IsGreaterThan(50, scales.Length);
        foreach (var (scale, tensor) in scales)
            StringAssert.Contains(expected, Hash(tensor), scale);
        Assert.IsFalse(file.Keys.Any(key => key.StartsWith("optimizer") || key == "step"));
    }

    static byte[] Map(string key, byte[] value) => [0x81, .. Text(key), .. value];

    static byte[] Text(string text) => [(byte)(0xa0 + text.Length), .. Encoding.UTF8.GetBytes(text)];

    /// <summary>An array of one float32.</summary>
    static byte[] Array(float value)
    {
        var data = new byte[4];
        BinaryPrimitives.WriteSingleLittleEndian(data, value);
        byte[] content = [0x93, 0x91, 1, .. Text("float32"), 0xc4, 4, .. data];
        return [0xc7, (byte)content.Length, 1, .. content];
    }

    static string Hash(Tensor tensor) => Convert.ToHexStringLower(SHA256.HashData(tensor.Bytes.Span));
}
