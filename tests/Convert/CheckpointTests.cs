using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using OnnxTimm.Conversion;

namespace OnnxTimm.Tests.Conversion;

/// <summary>Files written by PyTorch and safetensors against what those libraries read from them.</summary>
[TestClass]
public sealed class CheckpointTests
{
    const long MaxAllocated = 64 << 20;

    static readonly JsonElement Expected =
        JsonDocument.Parse(File.ReadAllText(Paths.Golden("pytorch", "expected.json"))).RootElement;

    public static IEnumerable<object[]> Good => Expected.GetProperty("files").EnumerateObject()
        .Select(file => new object[] { file.Name });

    /// <summary>Each bad file and a word of the message that tells its fault.</summary>
    public static IEnumerable<object[]> Bad =>
    [
        ["system.pth", "posix.system"],
        ["eval.pth", "__builtin__.eval"],
        ["getattr.pth", "__builtin__.open"],
        ["system_in_zip.pth", "posix.system"],
        ["truncated_zip.pth", "cut short"],
        ["truncated_legacy.pth", "cut short"],
        ["empty.pth", "empty"],
        ["text.pth", "none of the known forms"],
        ["memo_bomb.pth", "not one of torch.save"],
        ["deep.pth", "open marks"],
        ["opcode.pth", "opcode 0xff"],
        ["ext_registry.pth", "opcode 0x82"],
        ["huge_string.pth", "2147483647 bytes are announced"],
        ["short_storage.pth", "has 4 bytes, its tensors need 432"],
        ["zip_bomb.pth", "empty dictionary"],
        ["zip_slip.pth", "climbs out"],
        ["st_header_huge.safetensors", "claims 1152921504606846976 bytes"],
        ["st_shape_lie.safetensors", "cut short"],
        ["st_overlap.safetensors", "overlap"],
        ["st_hole.safetensors", "holes"],
        ["st_size.safetensors", "needs 12 bytes"],
        ["st_overflow.safetensors", "needs"],
        ["st_dup.safetensors", "JSON"],
        ["st_json.safetensors", "JSON"],
        ["st_dtype.safetensors", "Q7"],
        ["st_truncated.safetensors", "cut short"],
        ["st_negative.safetensors", "-1"],
    ];

    [TestMethod]
    [DynamicData(nameof(Good))]
    public void TensorsEqualTheLibrarys(string name)
    {
        using var file = Checkpoint.Open(Paths.Golden("pytorch", name), useEma: false);
        foreach (var (tensorName, expected) in Tensors(name))
        {
            var tensor = file[tensorName];
            CollectionAssert.AreEqual(Integers(expected.GetProperty("shape")), tensor.Shape, tensorName);
            Assert.AreEqual(expected.GetProperty("dtype").GetString(), tensor.Type.ToString(), true, tensorName);
            Assert.AreEqual(expected.GetProperty("sha256").GetString(), Hash(tensor), true, tensorName);
        }
    }

    [TestMethod]
    public void AveragedWeightsComeFirstWhenAskedFor()
    {
        using var plain = Checkpoint.Open(Paths.Golden("pytorch", "timm_checkpoint.pth.tar"), useEma: false);
        using var averaged = Checkpoint.Open(Paths.Golden("pytorch", "timm_checkpoint.pth.tar"), useEma: true);
        CollectionAssert.AreEqual(plain.Keys.ToArray(), averaged.Keys.ToArray());
        foreach (var (name, tensor) in averaged.Where(t => t.Value.Type == DType.Float32))
            CollectionAssert.AreEqual(plain[name].ToFloats().Select(v => v / 2).ToArray(), tensor.ToFloats(), name);
    }

    [TestMethod]
    public void FactsBesideTheTensorsAreMetadata()
    {
        using var file = Checkpoint.Open(Paths.Golden("pytorch", "timm_checkpoint.pth.tar"));
        Assert.AreEqual("resnet18", file.Metadata["arch"]);
        Assert.AreEqual("71.25", file.Metadata["metric"]);
        using var plain = Checkpoint.Open(Paths.Golden("pytorch", "plain.safetensors"));
        Assert.AreEqual("hello", plain.Metadata["note"]);
    }

    [TestMethod]
    public void ArgumentsOfTheTrainingRunAreADictionary()
    {
        using var content = Checkpoint.Read(Paths.Golden("pytorch", "timm_checkpoint.pth.tar"));
        Assert.IsInstanceOfType<PyNamespace>(content.Root["args"]);
        Assert.IsNotEmpty((PyNamespace)content.Root["args"]!);
    }

    [TestMethod]
    [DynamicData(nameof(Bad))]
    public void FlawedFilesAreRefusedAtOnce(string name, string word)
    {
        var path = Paths.Golden("pytorch", "bad", name);
        var watch = Stopwatch.StartNew();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.ThrowsExactly<UserException>(() => Checkpoint.Open(path));
        Assert.IsLessThan(MaxAllocated, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.IsLessThan(2000, watch.ElapsedMilliseconds);
        StringAssert.Contains(error.Message, name);
        StringAssert.Contains(error.Message, word);
    }

    [TestMethod]
    public void EveryFlawedFileIsListed() => CollectionAssert.AreEquivalent(
        Expected.GetProperty("bad").EnumerateObject().Select(file => file.Name).ToArray(),
        Bad.Select(row => row[0]).ToArray());

    [TestMethod]
    public void AnAbsentFileIsNamed() => StringAssert.Contains(
        Assert.ThrowsExactly<UserException>(() => Checkpoint.Open("no/such.pth")).Message, "no/such.pth");

    [TestMethod]
    public void TensorsOfADisposedFileCannotBeRead()
    {
        var file = Checkpoint.Open(Paths.Golden("pytorch", "plain.safetensors"));
        file.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => file["fc.bias"].ToFloats());
    }

    /// <summary>Names as the file has them, less the wrapper's prefix that opening takes off.</summary>
    static IEnumerable<(string Name, JsonElement Facts)> Tensors(string file) => Expected.GetProperty("files")
        .GetProperty(file).GetProperty("tensors").EnumerateObject()
        .Select(t => (t.Name.StartsWith("module.") ? t.Name["module.".Length..] : t.Name, t.Value));

    static long[] Integers(JsonElement array) => [.. array.EnumerateArray().Select(v => v.GetInt64())];

    static string Hash(Tensor tensor) => Convert.ToHexString(SHA256.HashData(tensor.Bytes.Span));
}
