using OnnxTimm.Infer;
using OnnxTimm.Onnx;

namespace OnnxTimm.Tests.Infer;

[TestClass]
public sealed class SessionTests
{
    [TestMethod]
    public void ComputesWhatTheFormulaSays()
    {
        using var session = Session.Load(Affine(), "affine");
        using var binding = session.Bind([2, 3]);
        var y = binding.Run([1, 2, 3, 4, 5, 6]);
        CollectionAssert.AreEqual(new float[] { 3, 5, 7, 9, 11, 13 }, y.ToArray());
        CollectionAssert.AreEqual(new long[] { 2, 3 }, binding.OutputShape().ToArray());
    }

    [TestMethod]
    public void ACallAllocatesNothing()
    {
        using var session = Session.Load(Affine(), "affine", new() { Threads = 1 });
        using var binding = session.Bind([1, 3]);
        float[] x = [1, 2, 3];
        binding.Run(x);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            binding.Run(x);
        Assert.AreEqual(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [TestMethod]
    public void CallersShareASession()
    {
        using var session = Session.Load(Affine(), "affine", new() { Threads = 1 });
        Parallel.For(0, 8, i =>
        {
            using var binding = session.Bind([1, 3]);
            for (var n = 0; n < 100; n++)
                Assert.AreEqual(2 * i + 1, binding.Run([i, 0, 0])[0]);
        });
    }

    [TestMethod]
    public void OutputsOfUnknownSizeAreMeasured()
    {
        var graph = new Graph("sizes");
        var x = graph.Input("x", DType.Float32, new(Dim.Batch, 2));
        graph.Output("shape", x.ShapeOf());
        graph.Output("flat", x.Reshape(x.Shape.Count));
        using var session = Session.Load(OnnxFile.ToBytes(graph), "sizes");
        using var binding = session.Bind([3, 2]);
        binding.Run();
        CollectionAssert.AreEqual(new long[] { 3, 2 }, binding.Output<long>().ToArray());
        CollectionAssert.AreEqual(new long[] { 6 }, binding.OutputShape(1).ToArray());
    }

    [TestMethod]
    public void MetadataIsReadBack()
    {
        using var session = Session.Load(Affine(), "affine");
        Assert.AreEqual("value", session.Metadata["key"]);
    }

    [TestMethod]
    public void InputsOfAnotherShapeAreRefused()
    {
        using var session = Session.Load(Affine(), "affine");
        var e = Assert.Throws<UserException>(() => session.Bind([2, 4]));
        Assert.Contains("\"x\" Float32[N, 3] cannot take [2, 4]", e.Message);
    }

    [TestMethod]
    public void AFileThatIsNoneIsNamed()
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, "no model");
        Assert.Contains(file, Assert.Throws<UserException>(() => Session.Open(file)).Message);
        File.Delete(file);
        Assert.Contains("There is no file", Assert.Throws<UserException>(() => Session.Open(file)).Message);
    }

    [TestMethod]
    public void CudaIsRefusedByABuildWithoutIt()
    {
        var e = Assert.Throws<UserException>(() => Session.Load(Affine(), "affine",
            new() { Device = Device.Parse("cuda") }));
        Assert.Contains("cuda is not in this ONNX Runtime", e.Message);
    }

    /// <summary>y = 2x + 1 over [N, 3].</summary>
    static byte[] Affine()
    {
        var graph = new Graph("affine");
        var x = graph.Input("x", DType.Float32, new(Dim.Batch, 3));
        graph.Output("y", x * 2 + 1);
        graph.Metadata["key"] = "value";
        return OnnxFile.ToBytes(graph);
    }
}
