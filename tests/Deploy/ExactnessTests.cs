using Microsoft.ML.OnnxRuntime;
using OnnxTimm.Deploy;
using OnnxTimm.Infer;
using OnnxTimm.Models;
using OnnxTimm.Onnx;

namespace OnnxTimm.Tests.Deploy;

/// <summary>
/// The runtime's integer kernels, operator by operator, against what codes mean: each from the codes that the runtime
/// itself gave before.
/// </summary>
[TestClass]
public sealed class ExactnessTests
{
    /// <summary>Weights of 7 bits are exact on all processors.</summary>
    [TestMethod]
    [DataRow("mobilenetv2_035")]
    [DataRow("mobilenetv3_small_050")]
    public void SevenBitKernelsAreWithinOneStep(string name) => Check(name, "x64-avx2");

    [TestMethod]
    public void EightBitKernelsAreWithinOneStep()
    {
        if (Processor.Saturates)
            Assert.Inconclusive("Skipped: this processor has no dot-product instructions, its kernels saturate.");
        Check("mobilenetv2_035", "cpu-cnn");
    }

    static void Check(string name, string recipe)
    {
        var graph = Zoo.Build(name, new() { ImgSize = (32, 32), NumClasses = 10 }).Graph;
        var images = Noise.For(graph, 4);
        var written = Quantization.Begin(graph, new() { Recipe = Recipe.Named(recipe) }, images)
            .Write(new HashSet<string>());
        var codes = RuntimeCodes(written);
        var compared = 0;
        foreach (var n in written.Nodes.Where(n => n.Op == "QuantizeLinear" && n[0].Role == Role.Node))
        {
            var expected = Simulator.Codes(n, v => codes[v.Name]);
            var got = codes[n.Out.Name];
            for (var i = 0; i < got.Length; i++)
                if (Math.Abs(expected[i] - got[i]) > 1)
                    Assert.Fail($"{n[0].Producer}, element {i}: {got[i]}, not {expected[i]}");
            compared += got.Length;
        }
        Assert.IsGreaterThan(10_000, compared);
    }

    /// <summary>The codes of all tensors, as the runtime's fused kernels give them for an image of noise.</summary>
    static Dictionary<string, byte[]> RuntimeCodes(Graph graph)
    {
        foreach (var n in graph.Nodes.Where(n => n.Op == "QuantizeLinear"))
            graph.Output(n.Out.Name, n.Out);
        using var options = Ort.Options(GraphOptimizationLevel.ORT_ENABLE_ALL);
        using var session = new InferenceSession(OnnxFile.ToBytes(graph), options);
        var random = new Random(5);
        float[] pixels = [.. Enumerable.Range(0, 3 * 32 * 32).Select(_ => random.NextSingle() * 4 - 2)];
        using var input = OrtValue.CreateTensorValueFromMemory(pixels, [1, 3, 32, 32]);
        using var run = new RunOptions();
        string[] names = [.. session.OutputNames.Where(n => n != "logits")];
        using var results = session.Run(run, ["input"], [input], names);
        return names.Zip(results, (name, r) => (name, r.GetTensorDataAsSpan<byte>().ToArray())).ToDictionary();
    }
}
