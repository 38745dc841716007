using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using OnnxTimm.Conversion;

namespace OnnxTimm.Tests.Conversion;

/// <summary>Lists of arrays that MXNet wrote, from 0.9.5 to 1.9.1, against what it reads from them.</summary>
[TestClass]
public sealed class MxParamsTests
{
    const long MaxAllocated = 64 << 20;

    static readonly Dictionary<string, JsonElement> Formats = Golden.Json("convert", "mxnet", "formats.json")
        .GetProperty("files").EnumerateArray().Where(file => file.GetProperty("file").GetString()!.StartsWith('v'))
        .ToDictionary(file => file.GetProperty("file").GetString()!);

    public static IEnumerable<object[]> Good => Formats.Keys.Select(file => new object[] { file });

    /// <summary>Each bad file and a word of the message that tells its fault.</summary>
    public static IEnumerable<object[]> Bad =>
    [
        ["mx_empty.params", "empty"],
        ["mx_truncated_header.params", "its header"],
        ["mx_truncated_data.params", "array 0"],
        ["mx_truncated_names.params", "list of names"],
        ["mx_list_magic.params", "none of the known forms"],
        ["mx_array_magic.params", "0xf993facf"],
        ["mx_huge_shape.params", "has 4398046511104 bytes, 33 are left"],
        ["mx_overflow_shape.params", "bytes, 33 are left"],
        ["mx_negative_dim.params", "a dimension of -1"],
        ["mx_huge_rank.params", "2147483647 dimensions"],
        ["mx_huge_count.params", "1152921504606846976 arrays"],
        ["mx_huge_name.params", "1125899906842624 bytes are announced"],
        ["mx_names_mismatch.params", "1 names are announced for 2 arrays"],
        ["mx_unknown_dtype.params", "type flag 77"],
        ["mx_unknown_storage.params", "storage type 5"],
        ["mx_duplicate_name.params", "two arrays named \"w\""],
    ];

    [TestMethod]
    [DynamicData(nameof(Good))]
    public void ArraysEqualMxNets(string name)
    {
        using var file = Checkpoint.Read(Paths.Golden("convert", "mxnet", name));
        var expected = Formats[name].GetProperty("arrays").EnumerateArray().ToArray();
        var names = expected.Select((a, i) => a[0].GetString() is { Length: > 0 } named ? named : $"{i}");
        CollectionAssert.AreEqual(names.ToArray(), file.Root.Keys.ToArray());
        foreach (var (array, tensor) in expected.Zip(file.Root.Values.Cast<Tensor>()))
        {
            CollectionAssert.AreEqual(array[1].EnumerateArray().Select(d => d.GetInt64()).ToArray(), tensor.Shape);
            Assert.AreEqual(array[2].GetString(), tensor.Type.ToString(), ignoreCase: true);
            Assert.AreEqual(array[3].GetString(), Hash(tensor), ignoreCase: true);
        }
    }

    [TestMethod]
    public void PrefixesComeOffWithTheOtherWrappers()
    {
        using var file = Checkpoint.Open(Paths.Golden("convert", "mxnet", "v2_argaux.params"));
        CollectionAssert.AreEqual(
            new[] { "conv0_weight", "fc_bias", "d", "u8", "i32", "i8", "i64" }, file.Keys.ToArray());
    }

    [TestMethod]
    public void TensorsAreWindowsOfTheFile()
    {
        using var file = Checkpoint.Open(Paths.Golden("convert", "mxnet", "v2_named.params"));
        Assert.IsFalse(MemoryMarshal.TryGetArray(file["conv0_weight"].Bytes, out _));
    }

    [TestMethod]
    [DataRow("mx_gpu_context.params", DisplayName = "arrays of a GPU")]
    [DataRow("mx_trailing.params", DisplayName = "bytes behind the end")]
    public void OddFilesAreRead(string name)
    {
        using var plain = Checkpoint.Open(Paths.Golden("convert", "mxnet", "v2_named.params"));
        using var odd = Checkpoint.Open(Paths.Golden("convert", "mxnet", "odd", name));
        CollectionAssert.AreEqual(plain.Keys.ToArray(), odd.Keys.ToArray());
        CollectionAssert.AreEqual(plain.Values.Select(Hash).ToArray(), odd.Values.Select(Hash).ToArray());
    }

    [TestMethod]
    [DataRow("sparse_row_sparse.params", "\"w\" is sparse (RowSparse)")]
    [DataRow("sparse_csr.params", "\"w\" is sparse (Csr)")]
    public void SparseArraysAreRefusedByName(string name, string word) =>
        StringAssert.Contains(Fault(Paths.Golden("convert", "mxnet", name)), word);

    [TestMethod]
    [DynamicData(nameof(Bad))]
    public void FlawedFilesAreRefusedAtOnce(string name, string word)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var message = Fault(Paths.Golden("convert", "mxnet", "bad", name));
        Assert.IsLessThan(MaxAllocated, GC.GetAllocatedBytesForCurrentThread() - before);
        StringAssert.Contains(message, name);
        StringAssert.Contains(message, word);
    }

    [TestMethod]
    public void EveryFlawedFileIsListed() => CollectionAssert.AreEquivalent(
        Directory.GetFiles(Paths.Golden("convert", "mxnet", "bad")).Select(Path.GetFileName).ToArray(),
        Bad.Select(row => row[0]).ToArray());

    [TestMethod]
    [DataRow(8, DType.Int16)]
    [DataRow(9, DType.UInt16)]
    [DataRow(10, DType.UInt32)]
    [DataRow(11, DType.UInt64)]
    public void TypesWithoutAFileHaveMxNetsNumbers(int flag, DType type)
    {
        var bytes = type.Bits() / 8;
        using var folder = new TempFolder();
        File.WriteAllBytes(folder["a.params"],
            List(["w"], [0xF993FAC8, 1, 2, 0, 1, 0, (uint)flag, .. Enumerable.Repeat(7u, 2 * bytes / 4)]));
        using var file = Checkpoint.Open(folder["a.params"]);
        Assert.AreEqual(type, file["w"].Type);
        Assert.HasCount(2 * bytes, file["w"].Bytes.ToArray());
    }

    /// <summary>Rank 0 before NumPy's shapes; an unknown rank or dimension with them.</summary>
    [TestMethod]
    [DataRow(new uint[] { 0 }, DisplayName = "V0")]
    [DataRow(new uint[] { 0xF993FAC8, 0 }, DisplayName = "V1")]
    [DataRow(new uint[] { 0xF993FAC9, 0, 0 }, DisplayName = "V2")]
    [DataRow(new uint[] { 0xF993FAC9, uint.MaxValue, 0 }, DisplayName = "V2, storage undefined")]
    [DataRow(new uint[] { 0xF993FACA, 0, uint.MaxValue }, DisplayName = "V3, rank")]
    [DataRow(new uint[] { 0xF993FACA, 0, 1, uint.MaxValue, uint.MaxValue }, DisplayName = "V3, dimension")]
    public void AnEntryMayHaveNoArray(uint[] record)
    {
        uint[] one = [1, 1, 1, 0, 0, BitConverter.SingleToUInt32Bits(2.5f)];
        using var folder = new TempFolder();
        File.WriteAllBytes(folder["a.params"], List(["none", "w"], [.. record, .. one]));
        using var raw = Checkpoint.Read(folder["a.params"]);
        Assert.IsTrue(raw.Root.ContainsKey("none"));
        Assert.IsNull(raw.Root["none"]);
        using var weights = Checkpoint.Open(folder["a.params"]);
        CollectionAssert.AreEqual(new[] { "w" }, weights.Keys.ToArray());
        CollectionAssert.AreEqual(new[] { 2.5f }, weights["w"].ToFloats());
    }

    [TestMethod]
    public void AnArgumentAndAStateOfOneNameAreRefused()
    {
        uint[] one = [1, 1, 1, 0, 0, 0];
        using var folder = new TempFolder();
        File.WriteAllBytes(folder["a.params"], List(["arg:w", "aux:w"], [.. one, .. one]));
        StringAssert.Contains(Fault(folder["a.params"]), "two tensors are named \"w\"");
    }

    /// <summary>A list as the format has it, of records given in words of 32 bits.</summary>
    static byte[] List(string[] names, uint[] records)
    {
        uint[] words =
        [
            0x112, 0, 0, 0, (uint)names.Length, 0, .. records, (uint)names.Length, 0,
        ];
        var bytes = new List<byte>(MemoryMarshal.AsBytes(words.AsSpan()).ToArray());
        foreach (var name in names)
        {
            var length = new byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(length, name.Length);
            bytes.AddRange([.. length, .. name.Select(c => (byte)c)]);
        }
        return [.. bytes];
    }

    static string Fault(string path) => Assert.ThrowsExactly<UserException>(() => Checkpoint.Open(path)).Message;

    static string Hash(Tensor tensor) => Convert.ToHexString(SHA256.HashData(tensor.Bytes.Span));
}
