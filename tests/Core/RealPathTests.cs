using OnnxTimm.Onnx;

namespace OnnxTimm.Tests;

/// <summary>Where links lead, and that a model does not lead its reader out of its folder.</summary>
[TestClass]
public sealed class RealPathTests
{
    readonly TempFolder folder = new();

    [TestCleanup]
    public void Delete() => folder.Dispose();

    [TestMethod]
    public void LinksOnTheWayAreFollowed()
    {
        Directory.CreateDirectory(folder["far/blobs"]);
        Directory.CreateDirectory(folder["far/snapshots/one"]);
        File.WriteAllText(folder["far/blobs/x"], "");
        File.CreateSymbolicLink(folder["far/snapshots/one/f"], "../../blobs/x");
        Directory.CreateSymbolicLink(folder["near"], "far/snapshots");
        Assert.AreEqual(RealPath.Of(folder["far/blobs/x"]), RealPath.Of(folder["near/one/f"]));
        File.CreateSymbolicLink(folder["circle"], "circle");
        Assert.ThrowsExactly<UserException>(() => RealPath.Of(folder["circle"]));
    }

    /// <summary>A link beside the model to a file elsewhere is refused; the hub's cache, where all are links, is not.</summary>
    [TestMethod]
    public void ContentBesideAModelStaysThere()
    {
        Directory.CreateDirectory(folder["blobs"]);
        Directory.CreateDirectory(folder["model"]);
        var graph = new Graph("g");
        var weight = graph.Store("w", Role.Param, Tensor.Of(new float[1024], 1024));
        graph.Output("y", graph.Input("x", DType.Float32, Shape.Of(1024)).Mul(weight));
        OnnxFile.Write(graph, folder["blobs/m.onnx"], externalAbove: 0);
        File.Copy(folder["blobs/m.onnx"], folder["model/m.onnx"]);
        File.CreateSymbolicLink(folder["model/m.onnx.data"], "../blobs/m.onnx.data");
        StringAssert.Contains(Assert.ThrowsExactly<UserException>(() => OnnxFile.Read(folder["model/m.onnx"])).Message,
            "leads out of the model's folder");
        File.Delete(folder["model/m.onnx"]);
        File.CreateSymbolicLink(folder["model/m.onnx"], "../blobs/m.onnx");
        Assert.AreEqual(4096, OnnxFile.Read(folder["model/m.onnx"]).Stored.Single().Data!.ByteCount);
    }
}
