using System.IO.Compression;
using System.Numerics;
using System.Text;
using OnnxTimm.Conversion;

namespace OnnxTimm.Tests.Conversion;

/// <summary>Plain values that Python pickled, and pickles made to do harm.</summary>
[TestClass]
public sealed class PickleTests
{
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("onnxtimm-pickle-");

    [TestCleanup]
    public void Delete() => folder.Delete(recursive: true);

    [TestMethod]
    [DataRow("protocol2.pth")]
    [DataRow("protocol3.pth")]
    [DataRow("protocol4.pth")]
    [DataRow("protocol5.pth")]
    [DataRow("protocol5_packed.pth")]
    [DataRow("protocol2_zip64.pth")]
    public void PlainValuesEqualPythons(string name)
    {
        using var content = Checkpoint.Read(Paths.Golden("pickle", name));
        var root = content.Root;
        Assert.IsNull(root["none"]);
        Assert.AreEqual(true, root["true"]);
        Assert.AreEqual(false, root["false"]);
        CollectionAssert.AreEqual(
            new object[]
            {
                0L, 1L, 255L, 256L, 65535L, 65536L, -1L, (long)int.MinValue, (long)int.MaxValue, 1L << 31,
                long.MinValue, long.MaxValue,
            },
            (List<object?>)root["ints"]!);
        Assert.AreEqual(BigInteger.Pow(2, 100) + 1, root["big"]);
        Assert.AreEqual(-BigInteger.Pow(2, 100), root["negbig"]);
        CollectionAssert.AreEqual(new object[] { 0.5, -1e300, double.PositiveInfinity }, (object?[])root["floats"]!);
        Assert.AreEqual("имя 名前 \U0001F600", root["text"]);
        Assert.AreEqual(new string('x', 300), root["long_text"]);
        CollectionAssert.AreEqual(Enumerable.Range(0, 256).Select(i => (byte)i).ToArray(), (byte[])root["bytes"]!);
        Assert.IsEmpty((byte[])root["empty_bytes"]!);
        CollectionAssert.AreEqual(new byte[] { (byte)'a', (byte)'b', 255 }, (byte[])root["array"]!);
        Assert.IsTrue(((HashSet<object?>)root["set"]!).SetEquals([1L, "a"]));
        Assert.IsTrue(((HashSet<object?>)root["frozen"]!).SetEquals([2.5]));
        CollectionAssert.AreEqual(
            new[] { 0, 1, 2, 3, 4 }, ((List<object?>)root["tuples"]!).Select(t => ((object?[])t!).Length).ToArray());
        Assert.AreEqual("int key", ((PyDict)root["nested"]!)[3L]);
        Assert.AreEqual("resnet50", ((PyNamespace)root["space"]!)["model"]);
        Assert.AreEqual(2L, ((PyDict)root["counter"]!)["x"]);
        var shared = (List<object?>)root["shared"]!;
        Assert.AreSame(shared[0], shared[1]);
        Assert.AreEqual(new Complex(1, -2), root["complex"]);
        StringAssert.Contains(
            Assert.ThrowsExactly<UserException>(() => Checkpoint.Open(Paths.Golden("pickle", name))).Message,
            "holds no tensors");
    }

    /// <summary>What it does, the pickle (a character is a byte), a word of the message.</summary>
    static readonly (string What, Func<string> Pickle, string Word)[] Harmful =
    [
        ("copies of a long list", () => LongList() + Repeat("0c__builtin__\nlist\nh\0\x85R", 10_000), "steps"),
        ("copies of a long text", () => LongText() + Repeat("0c_codecs\nencode\nh\0h\x01\x86R", 10_000), "steps"),
        ("copies by BUILD of a large dictionary", () => "cargparse\nNamespace\n)R" + LargeDict()
            + Repeat("h\0b", 10_000), "steps"),
        ("sizes by BUILD", () => "cnumpy\nndarray\n)R" + LongTuple() + "0K\0h\0cnumpy\ndtype\nU\u0002f4\x85R\u0089C\0tq\x01"
            + "0cnumpy\nndarray\n)R" + Repeat("h\u0001b", 10_000), "steps"),
        ("states of an unknown kind", () => "cpathlib\nPath\n)R" + LargeDict() + Repeat("h\0b", 10_000), "steps"),
        ("a long key", () => LongText() + "}" + Repeat("h\0Ns", 100_000), "steps"),
        ("an argument by name", () => "ccollections\nOrderedDict\n)}U\u0001aNs\x92", "by name"),
        ("endless growth", () => Repeat("}", 5_000_000), "steps"),
        ("an item of no list", () => "}Na", "List"),
        ("items of no dictionary", () => "](NNu", "PyDict"),
        ("a key without value", () => "}(Nu", "no value"),
        ("a call of a text", () => "X\x01\0\0\0a)R", "PyGlobal"),
        ("a call of a type", () => "ctorch\nFloatStorage\n)R", "calls torch.FloatStorage"),
        ("an empty memo", () => "h\x07", "memo 7"),
        ("below a mark", () => "N(0", "stack is empty"),
        ("no mark", () => "t", "no mark"),
        ("a protocol to come", () => "\x80\x09", "protocol 9"),
        ("a tensor of nothing", () => "ctorch._utils\n_rebuild_tensor_v2\n)R", "argument 1"),
        ("a storage of nothing", () => ")Q", "names no storage"),
        ("an integer without end", () => "\x8b\0\0\x01\0", "integer of 65536 bytes"),
        ("a text that is none", () => "X\x01\0\0\0\xff", "UTF-8"),
        ("a name of another kind", () => "K\x01K\x01\x93", "no String"),
    ];

    public static IEnumerable<object[]> Harms => Harmful.Select(row => new object[] { row.What });

    [TestMethod]
    [DynamicData(nameof(Harms))]
    public void HarmfulPicklesEndInAMessage(string what)
    {
        var (_, pickle, word) = Harmful.Single(row => row.What == what);
        var path = Path.Combine(folder.FullName, "harmful.pth");
        using (var zip = ZipFile.Open(path, ZipArchiveMode.Create))
        using (var entry = zip.CreateEntry("archive/data.pkl", CompressionLevel.NoCompression).Open())
            entry.Write(Encoding.Latin1.GetBytes(pickle() + "."));
        StringAssert.Contains(Assert.ThrowsExactly<UserException>(() => Checkpoint.Open(path)).Message, word);
    }

    /// <summary>A list of 100,000 items, as memo 0.</summary>
    static string LongList() => "]q\0(" + Repeat("N", 100_000) + "e";

    /// <summary>A dictionary of 100,000 items, as memo 0.</summary>
    static string LargeDict() => "}q\0(" + string.Concat(Enumerable.Range(0, 100_000).Select(i => "J" + Number(i) + "N"))
        + "u0";

    /// <summary>A tuple of 100,000 sizes as memo 0, with a mark before it.</summary>
    static string LongTuple() => "((" + Repeat("K\x01", 100_000) + "tq\0";

    /// <summary>A text of 1,000,000 letters as memo 0, the name of its encoding as memo 1.</summary>
    static string LongText() => "X" + Number(1_000_000) + Repeat("x", 1_000_000) + "q\0X" + Number(6) + "latin1q\x01";

    static string Number(int value) => Encoding.Latin1.GetString(BitConverter.GetBytes(value));

    static string Repeat(string pattern, int count) => string.Concat(Enumerable.Repeat(pattern, count));
}
