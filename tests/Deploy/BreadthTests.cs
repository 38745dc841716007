using OnnxTimm.Deploy;
using OnnxTimm.Models;
using OnnxTimm.Onnx;
using OnnxTimm.Tests.Models;

namespace OnnxTimm.Tests.Deploy;

/// <summary>One name of each module quantizes by the recipe that is chosen for it, and runs.</summary>
[TestClass]
public sealed class BreadthTests
{
    public static IEnumerable<object[]> Names => Asked.Smallest(int.MaxValue).Select(name => new object[] { name });

    [TestMethod]
    [TestCategory("all")]
    [DynamicData(nameof(Names))]
    public void EveryModuleQuantizes(string name) => Check(name);

    /// <summary>Other modules each day, the same ones all day.</summary>
    [TestMethod]
    public void ASampleQuantizes() => Array.ForEach(Asked.Smallest(2), Check);

    static void Check(string name)
    {
        var graph = Zoo.Build(name).Graph;
        var quantization = Quantization.Begin(graph, new(), Noise.For(graph, 2));
        var written = quantization.Write(new HashSet<string>());
        var image = graph.Inputs[0].Shape;
        var size = image.Skip(1).Aggregate(1L, (product, d) => product * d.Size);
        var logits = Ort.Run(OnnxFile.Read(OnnxFile.ToBytes(written)),
            (graph.Inputs[0].Name, new float[size], [1, .. image.Skip(1).Select(d => d.Size)]));
        Assert.IsTrue(logits.Values.All(y => y.All(float.IsFinite)), name);
    }
}
