using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text.Json;
using OnnxTimm.Conversion;

namespace OnnxTimm.Tests.Conversion;

/// <summary>Arrays and archives of NumPy: files that it wrote, and files written by the rules of its format.</summary>
[TestClass]
public sealed class NumpyTests
{
    readonly TempFolder folder = new();

    [TestCleanup]
    public void Delete() => folder.Dispose();

    /// <summary>Fortran order, big-endian, no dimensions, header version 2, bfloat16 as raw bytes, ...</summary>
    [TestMethod]
    [DataRow("npz_odd.npz", DisplayName = "deflated")]
    [DataRow("npz_zip64.npz", DisplayName = "the same stored, with the 64-bit records of Python's zipfile")]
    public void OddArraysEqualNumpys(string name)
    {
        using var file = Checkpoint.Open(Paths.Golden("convert", "odd", name));
        var expected = Golden.Json("convert", "odd", "odd.json").GetProperty("npz_odd.npz");
        Assert.HasCount(expected.EnumerateObject().Count(), file);
        foreach (var array in expected.EnumerateObject())
        {
            CollectionAssert.AreEqual(Integers(array.Value[1]), file[array.Name].Shape, array.Name);
            CollectionAssert.AreEqual(Floats(array.Value[2]), file[array.Name].ToFloats(), array.Name);
        }
        Assert.AreEqual(DType.BFloat16, file["bf16_as_v2"].Type);
        Assert.AreEqual(DType.Float16, file["half"].Type);
        Assert.AreEqual(DType.Int64, file["i64"].Type);
    }

    /// <summary>The sizes of its entries are in the directory and behind the data only.</summary>
    [TestMethod]
    public void ParametersOfMXNet2EqualMXNets()
    {
        using var file = Checkpoint.Open(Paths.Golden("convert", "mxnet", "mxnet2_net.params"));
        var expected = Golden.Json("convert", "mxnet", "mxnet2_net.json");
        var arrays = expected.GetProperty("arrays").EnumerateArray().ToArray();
        CollectionAssert.AreEqual(arrays.Select(row => row[0].GetString()).ToArray(), file.Keys.ToArray());
        foreach (var row in arrays)
        {
            var tensor = file[row[0].GetString()!];
            CollectionAssert.AreEqual(Integers(row[1]), tensor.Shape);
            Assert.AreEqual(row[2].GetString(), tensor.Type.ToString(), true);
            Assert.AreEqual(row[3].GetString(), Hash(tensor));
        }
    }

    /// <summary>Every byte of every array, against .NET's own zip reader and a header of known length.</summary>
    [TestMethod]
    public void FlaxArchivesAreReadWhole() => CheckArchive(Paths.Golden("convert", "flax", "vit_mini.npz"));

    [TestMethod]
    [TestCategory("all")]
    [DataRow("bit_two")]
    [DataRow("bv_gap_scan")]
    [DataRow("mixer")]
    [DataRow("siglip")]
    [DataRow("vit")]
    [DataRow("vit_prelogits")]
    [DataRow("vit_r0")]
    public void LargerFlaxArchivesAreReadWhole(string name) =>
        CheckArchive(Paths.Shared("golden", "convert", "flax", $"{name}.npz"));

    static void CheckArchive(string path)
    {
        using var file = Checkpoint.Read(path);
        using var zip = ZipFile.OpenRead(path);
        Assert.HasCount(zip.Entries.Count, file.Root);
        foreach (var entry in zip.Entries)
        {
            using var content = new MemoryStream();
            using (var from = entry.Open())
                from.CopyTo(content);
            var bytes = content.ToArray();
            var tensor = (Tensor)file.Root[entry.FullName[..^".npy".Length]]!;
            Assert.AreEqual(DType.Float32, tensor.Type);
            var header = 10 + bytes[8] + 256 * bytes[9];
            CollectionAssert.AreEqual(bytes[header..], tensor.Bytes.ToArray(), entry.FullName);
        }
    }

    /// <summary>Stored, little-endian, in C order, aligned: no copy. Else one at each call; none is kept.</summary>
    [TestMethod]
    [DataRow("ab", CompressionLevel.NoCompression, true)]
    [DataRow("a", CompressionLevel.NoCompression, false)]
    [DataRow("ab", CompressionLevel.Optimal, false)]
    public void StoredArraysAreTheMappingItself(string name, CompressionLevel level, bool mapped)
    {
        Archive(level, (name, Npy.File(1, Npy.Row, Npy.Bytes(1f, 2f, 3f))));
        using var file = Checkpoint.Open(folder["a.npz"]);
        CollectionAssert.AreEqual(new[] { 1f, 2f, 3f }, file[name].ToFloats());
        Assert.AreEqual(!mapped, MemoryMarshal.TryGetArray(file[name].Bytes, out var first));
        Assert.AreEqual(!mapped, MemoryMarshal.TryGetArray(file[name].Bytes, out var second));
        Assert.AreEqual(mapped, ReferenceEquals(first.Array, second.Array));
    }

    /// <summary>
    /// One flipped bit in the data is seen. Of packed data some bits say nothing: then it is as it was.
    /// </summary>
    [TestMethod]
    [DataRow(CompressionLevel.NoCompression, 128, 0)]
    [DataRow(CompressionLevel.Optimal, 0, 30)]
    public void DamagedDataIsRefused(CompressionLevel level, int header, int idleBits)
    {
        var random = new Random(1);
        var data = Enumerable.Range(0, 64).Select(_ => random.NextSingle()).ToArray();
        Archive(level, ("ab", Npy.File(1, Npy.Row.Replace("(3,)", "(64,)"), Npy.Bytes(data))));
        var content = File.ReadAllBytes(folder["a.npz"]);
        var (begin, end) = (30 + "ab.npy".Length + header, content.AsSpan().IndexOf("PK\x1\x2"u8));
        var unseen = Enumerable.Range(8 * begin, 8 * (end - begin)).Count(bit => !Refused(content, bit, data));
        Assert.IsLessThanOrEqualTo(idleBits, unseen);
    }

    bool Refused(byte[] content, int flipped, float[] data)
    {
        var damaged = content.ToArray();
        damaged[flipped / 8] ^= (byte)(1 << flipped % 8);
        File.WriteAllBytes(folder["b.npz"], damaged);
        try
        {
            using var file = Checkpoint.Open(folder["b.npz"]);
            CollectionAssert.AreEqual(data, file["ab"].ToFloats());
            return false;
        }
        catch (UserException)
        {
            return true;
        }
    }

    /// <summary>An entry that claims as much as its array, but unpacks to something else.</summary>
    [TestMethod]
    [DataRow(100_000, 99_000, "unpacks to less")]
    [DataRow(100_000, 101_000, "unpacks to more")]
    [DataRow(16 << 20, 20_000, "unpacks to less")]
    public void TheSizeOfAnEntryIsAClaim(int claimed, int real, string word)
    {
        var data = new byte[4 * real];
        new Random(1).NextBytes(data);
        Archive(CompressionLevel.Optimal, ("ab", Npy.File(1, Npy.Row.Replace("(3,)", $"({claimed},)"), data)));
        var content = File.ReadAllBytes(folder["a.npz"]);
        var directory = content.AsSpan(content.AsSpan().IndexOf("PK\x1\x2"u8));
        BinaryPrimitives.WriteInt32LittleEndian(directory[24..], 128 + 4 * claimed);
        File.WriteAllBytes(folder["a.npz"], content);
        var before = GC.GetAllocatedBytesForCurrentThread();
        StringAssert.Contains(Npy.Refusal(folder["a.npz"]), word);
        Assert.IsLessThan(3 << 20, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [TestMethod]
    public void FoldersAndOtherEntriesAreTold()
    {
        Archive(CompressionLevel.NoCompression, ("opt/target/a", Npy.File(1, Npy.Row, Npy.Bytes(1f, 2f, 3f))));
        using (var zip = ZipFile.Open(folder["a.npz"], ZipArchiveMode.Update))
            zip.CreateEntry("opt/");
        using (var file = Checkpoint.Open(folder["a.npz"]))
            CollectionAssert.AreEqual(new[] { "a" }, file.Keys.ToArray());
        using (var zip = ZipFile.Open(folder["a.npz"], ZipArchiveMode.Update))
            zip.CreateEntry("note.txt");
        StringAssert.Contains(Npy.Refusal(folder["a.npz"]), "\"note.txt\" is no .npy array");
        File.WriteAllBytes(folder["empty.npz"], [.. "PK\x5\x6"u8, .. new byte[18]]);
        StringAssert.Contains(Npy.Refusal(folder["empty.npz"]), "without .npy arrays");
    }

    void Archive(CompressionLevel level, params (string Name, byte[] Content)[] arrays)
    {
        using var zip = ZipFile.Open(folder["a.npz"], ZipArchiveMode.Create);
        foreach (var (name, content) in arrays)
            using (var entry = zip.CreateEntry($"{name}.npy", level).Open())
                entry.Write(content);
    }

    static long[] Integers(JsonElement array) => [.. array.EnumerateArray().Select(v => v.GetInt64())];

    static float[] Floats(JsonElement array) => [.. array.EnumerateArray().Select(v => v.GetSingle())];

    static string Hash(Tensor tensor) =>
        Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(tensor.Bytes.Span));
}
