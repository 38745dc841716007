using OnnxTimm.Infer;
using OnnxTimm.Onnx;

namespace OnnxTimm.Tests.Infer;

[TestClass]
public sealed class OnnxMetadataTests
{
    /// <summary>What the official protobuf classes wrote, of any length and number, in a moment.</summary>
    [TestMethod]
    [Timeout(30_000)]
    public void ManyEntriesAreRead()
    {
        var graph = new Graph("many");
        graph.Output("y", graph.Input("x", DType.Float32, new(Dim.Batch, 2)) * 2);
        for (var i = 0; i < 100_000; i++)
            graph.Metadata[$"key {i}"] = new string('ä', i % 200);
        using var session = Session.Load(OnnxFile.ToBytes(graph), "many");
        CollectionAssert.IsSubsetOf(graph.Metadata.ToArray(), session.Metadata.ToDictionary());
    }

    [TestMethod]
    public void TheFormOfOnnxRuntimeIsLeftToIt() =>
        Assert.IsNull(OnnxMetadata.Read(new MemoryStream([24, 0, 0, 0, .. "ORTM"u8, 0])));

    [TestMethod]
    [DataRow(new byte[] { 0x72, 5, 1 }, "longer than what holds it")]
    [DataRow(new byte[] { 0x72, 0xFF }, "does not end")]
    [DataRow(new byte[] { 0x73 }, "no field of kind 3")]
    public void DamageIsSeen(byte[] file, string message) => Assert.Contains(message,
        Assert.ThrowsExactly<InvalidDataException>(() => OnnxMetadata.Read(new MemoryStream(file))).Message);
}
