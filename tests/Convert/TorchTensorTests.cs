using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using OnnxTimm.Conversion;

namespace OnnxTimm.Tests.Conversion;

/// <summary>Tensors as views: a pickle names a storage of 0, 1, 2 ... with an offset, sizes and strides.</summary>
[TestClass]
public sealed class TorchTensorTests
{
    const int Elements = 60;

    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("onnxtimm-tensor-");

    [TestCleanup]
    public void Delete() => folder.Delete(recursive: true);

    [TestMethod]
    [DataRow(0, "2 3 2 5", "30 10 5 1")]
    [DataRow(0, "5 2 3 2", "1 5 10 30")]
    [DataRow(3, "3 2 4", "10 30 1")]
    [DataRow(1, "2 1 3 2", "30 7 10 2")]
    [DataRow(0, "4 3 2", "0 1 20")]
    [DataRow(59, "1 1", "100 100")]
    [DataRow(7, "", "")]
    public void AViewHoldsTheElementsThatItsStridesReach(int offset, string shape, string strides)
    {
        using var file = Checkpoint.Open(Write(offset, shape, strides));
        var (sizes, steps) = (Integers(shape), Integers(strides));
        CollectionAssert.AreEqual(Array.ConvertAll(sizes, d => (long)d), file["x"].Shape);
        CollectionAssert.AreEqual(Reached(offset, sizes, steps).ToArray(), file["x"].ToFloats());
    }

    [TestMethod]
    [DataRow(0, "61", "1", "reaches element 61")]
    [DataRow(1, "60", "1", "reaches element 61")]
    [DataRow(0, "2 2", "59 1", "reaches element 61")]
    [DataRow(60, "", "", "reaches element 61")]
    [DataRow(0, "2 2", "1", "2 dimensions and 1 strides")]
    [DataRow(0, "255 255 255 255", "0 0 0 0", "64 times as much")]
    public void AViewThatLeavesItsStorageIsRefused(int offset, string shape, string strides, string word) =>
        StringAssert.Contains(
            Assert.ThrowsExactly<UserException>(() => Checkpoint.Open(Write(offset, shape, strides))).Message, word);

    [TestMethod]
    public void ContiguousTensorsAreTheMappingItself()
    {
        using var file = Checkpoint.Open(Paths.Golden("pytorch", "zip.pth"));
        var tensor = file["conv1.weight"];
        Assert.IsFalse(MemoryMarshal.TryGetArray(tensor.Bytes, out _), "no array is behind a mapped tensor");
    }

    static IEnumerable<float> Reached(int from, int[] shape, int[] strides) => shape.Length == 0
        ? [from]
        : Enumerable.Range(0, shape[0]).SelectMany(i => Reached(from + i * strides[0], shape[1..], strides[1..]));

    string Write(int offset, string shape, string strides)
    {
        var path = Path.Combine(folder.FullName, "views.pth");
        using var zip = ZipFile.Open(path, ZipArchiveMode.Create);
        var storage = Enumerable.Range(0, Elements).Select(i => (float)i).ToArray();
        Add(zip, "archive/data/0", MemoryMarshal.AsBytes(storage.AsSpan()).ToArray());
        Add(zip, "archive/data.pkl", Encoding.Latin1.GetBytes(
            "}" + Text("x") + "ctorch._utils\n_rebuild_tensor_v2\n(("
            + Text("storage") + "ctorch\nFloatStorage\n" + Text("0") + Text("cpu") + Byte(Elements) + "tQ"
            + Byte(offset) + Tuple(shape) + Tuple(strides) + "\x89NtRs."));
        return path;
    }

    static void Add(ZipArchive zip, string name, byte[] content)
    {
        using var entry = zip.CreateEntry(name, CompressionLevel.NoCompression).Open();
        entry.Write(content);
    }

    static string Text(string text) => $"X{(char)text.Length}\0\0\0{text}";

    static string Byte(int value) => $"K{(char)value}";

    static string Tuple(string values) => $"({string.Concat(Integers(values).Select(Byte))}t";

    static int[] Integers(string values) =>
        [.. values.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];
}
