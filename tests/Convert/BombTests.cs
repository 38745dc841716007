using System.IO.Compression;
using System.Text;
using OnnxTimm.Conversion;

namespace OnnxTimm.Tests.Conversion;

/// <summary>Small files that describe a lot.</summary>
[TestClass]
public sealed class BombTests
{
    readonly TempFolder folder = new();

    [TestCleanup]
    public void Delete() => folder.Dispose();

    /// <summary>2,000 views with strides of zero, 16 MiB each, of one number.</summary>
    [TestMethod]
    public void RepeatedViewsAreCountedTogether()
    {
        var pickle = new StringBuilder("}(");
        for (var i = 0; i < 2000; i++)
            pickle.Append(Text($"t{i}")).Append("ctorch._utils\n_rebuild_tensor_v2\n((")
                .Append(Text("storage")).Append("ctorch\nFloatStorage\n").Append(Text("0")).Append(Text("cpu"))
                .Append("K\x01tQK\0J\0\0\x40\0\x85K\0\x85\x89NtR");
        using (var zip = ZipFile.Open(folder["bomb.pth"], ZipArchiveMode.Create))
        {
            Add(zip, "archive/data.pkl", Encoding.Latin1.GetBytes(pickle.Append("u.").ToString()));
            Add(zip, "archive/data/0", new byte[4]);
        }
        Assert.IsLessThan(20_000, new FileInfo(folder["bomb.pth"]).Length);
        Refused("bomb.pth");
    }

    [TestMethod]
    public void UnpackedArraysAreCountedTogether()
    {
        var array = new MemoryStream();
        array.Write([0x93, .. "NUMPY"u8, 1, 0, 118, 0]);
        array.Write(Encoding.ASCII.GetBytes(
            "{'descr': '<f4', 'fortran_order': False, 'shape': (4194304,), }".PadRight(117) + "\n"));
        array.Write(new byte[4 * 4194304]);
        using (var zip = ZipFile.Open(folder["bomb.npz"], ZipArchiveMode.Create))
            for (var i = 0; i < 8; i++)
                Add(zip, $"a{i}.npy", array.ToArray());
        Refused("bomb.npz");
    }

    /// <summary>An entry that says it is large, and is not: no memory is taken for it.</summary>
    [TestMethod]
    public void AClaimedSizeIsHeldAgainstWhatUnpacks()
    {
        using (var zip = ZipFile.Open(folder["lie.npz"], ZipArchiveMode.Create))
            Add(zip, "a.npy", [0x93, .. "NUMPY"u8, 1, 0, 118, 0, .. Encoding.ASCII.GetBytes(
                "{'descr': '|u1', 'fortran_order': False, 'shape': (30000000,), }".PadRight(117) + "\n"),
                .. new byte[30_000_000]]);
        var bytes = File.ReadAllBytes(folder["lie.npz"]);
        var at = bytes.AsSpan().LastIndexOf("PK\x1\x2"u8);
        BitConverter.TryWriteBytes(bytes.AsSpan(at + 24), 30_000_129);
        File.WriteAllBytes(folder["lie.npz"], bytes);
        Assert.Contains("header", Assert.ThrowsExactly<UserException>(() => Checkpoint.Open(folder["lie.npz"])).Message);
    }

    void Refused(string name) => StringAssert.Contains(
        Assert.ThrowsExactly<UserException>(() => Checkpoint.Open(folder[name])).Message, "64 times as much");

    static void Add(ZipArchive zip, string name, byte[] content)
    {
        using var entry = zip.CreateEntry(name, CompressionLevel.SmallestSize).Open();
        entry.Write(content);
    }

    static string Text(string text) => "X" + (char)text.Length + "\0\0\0" + text;
}
