using System.Buffers.Binary;
using OnnxTimm.Conversion;

namespace OnnxTimm.Tests.Conversion;

[TestClass]
public sealed class SafetensorsWriterTests
{
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("onnxtimm-safetensors-");

    string Target => Path.Combine(folder.FullName, "written.safetensors");

    [TestCleanup]
    public void Delete() => folder.Delete(recursive: true);

    [TestMethod]
    [DataRow("dtypes.safetensors")]
    [DataRow("dtypes.pth")]
    [DataRow("views.pth")]
    [DataRow("unicode.pth")]
    [DataRow("plain.safetensors")]
    public void WhatIsWrittenReadsBackInOrder(string name)
    {
        using var from = Checkpoint.Open(Paths.Golden("pytorch", name));
        SafetensorsWriter.Write(Target, from, from.Metadata);
        using var to = Checkpoint.Open(Target);
        CollectionAssert.AreEqual(from.Keys.ToArray(), to.Keys.ToArray());
        foreach (var (tensor, expected) in from)
        {
            Assert.AreEqual(expected.ToString(), to[tensor].ToString(), tensor);
            Assert.IsTrue(expected.Bytes.Span.SequenceEqual(to[tensor].Bytes.Span), tensor);
        }
        foreach (var (key, value) in from.Metadata)
            Assert.AreEqual(value, to.Metadata[key]);
    }

    [TestMethod]
    public void HeaderIsAlignedAndMarkedAsTorchs()
    {
        SafetensorsWriter.Write(
            Target, Pairs(("odd", Tensor.Of(new byte[] { 1, 2, 3 }, 3)), ("x", Tensor.Of([1f], 1))));
        var bytes = File.ReadAllBytes(Target);
        var header = BinaryPrimitives.ReadInt64LittleEndian(bytes);
        Assert.AreEqual(0, header % 8);
        Assert.AreEqual(8 + header + 7, bytes.Length);
        Assert.AreEqual(1f, BitConverter.ToSingle(bytes, 8 + (int)header), "the wider type lies first: aligned");
        using var read = Checkpoint.Open(Target);
        Assert.AreEqual("pt", read.Metadata["format"]);
    }

    /// <summary>A fact that comes last leaves the file that it would have been with the fact at once.</summary>
    [TestMethod]
    public void ALateFactStandsInTheHeader()
    {
        var tensors = Pairs(("x", Tensor.Of([1f, 2f], 2)));
        SafetensorsWriter.Write(Target, tensors, new Dictionary<string, string> { ["a"] = "1", ["b"] = "22" });
        var early = File.ReadAllBytes(Target);
        SafetensorsWriter.Write(Target, tensors, new Dictionary<string, string> { ["a"] = "1" },
            new("b", 2, Task.Delay(50).ContinueWith(_ => "22")));
        CollectionAssert.AreEqual(early, File.ReadAllBytes(Target));
    }

    [TestMethod]
    public void EqualInputGivesEqualBytes()
    {
        var facts = new Dictionary<string, string> { ["b"] = "2", ["a"] = "1" };
        SafetensorsWriter.Write(Target, Pairs(("x", Tensor.Of([1f, 2f], 2))), facts);
        var first = File.ReadAllBytes(Target);
        SafetensorsWriter.Write(
            Target, Pairs(("x", Tensor.Of([1f, 2f], 2))), new SortedDictionary<string, string>(facts));
        CollectionAssert.AreEqual(first, File.ReadAllBytes(Target));
    }

    [TestMethod]
    public void AFailedWriteLeavesTheOldFile()
    {
        SafetensorsWriter.Write(Target, Pairs(("x", Tensor.Of([1f], 1))));
        var failing = new Tensor(DType.Float32, [1], () => throw new IOException("disk full"));
        Assert.ThrowsExactly<UserException>(() => SafetensorsWriter.Write(Target, Pairs(("y", failing))));
        using var read = Checkpoint.Open(Target);
        Assert.AreEqual("x", read.Keys.Single());
        Assert.HasCount(1, folder.GetFiles());
    }

    [TestMethod]
    public void ATypeThatTheFormatLacksIsNamed() => StringAssert.Contains(
        Assert.ThrowsExactly<UserException>(() => SafetensorsWriter.Write(
            Target, Pairs(("x", new Tensor(DType.Complex128, [1], () => new byte[16]))))).Message,
        "Complex128");

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    public void AMappedFileCanBeReplacedWhileItIsOpen()
    {
        SafetensorsWriter.Write(Target, Pairs(("x", Tensor.Of([1f], 1))));
        using var old = Checkpoint.Open(Target);
        SafetensorsWriter.Write(Target, Pairs(("x", Tensor.Of([2f], 1))));
        Assert.AreEqual(1f, old["x"].ToFloats()[0]);
    }

    static KeyValuePair<string, Tensor>[] Pairs(params (string Name, Tensor Tensor)[] tensors) =>
        [.. tensors.Select(t => KeyValuePair.Create(t.Name, t.Tensor))];
}
