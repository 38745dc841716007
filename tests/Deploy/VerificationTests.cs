using OnnxTimm.Deploy;
using OnnxTimm.Infer;
using OnnxTimm.Models;
using OnnxTimm.Onnx;
using OnnxTimm.Passes;

namespace OnnxTimm.Tests.Deploy;

/// <summary>An export says of itself what it holds and gives, and nobody changes it without being found out.</summary>
[TestClass]
public sealed class VerificationTests
{
    [TestMethod]
    [TestCategory("all")]
    public void TenThousandChangesOfAByteAreFound() => Change(10_000);

    [TestMethod]
    public void AChangeOfAByteIsFound() => Change(400);

    /// <summary>A variance of 0.9 to 1.1 and an epsilon of 1e-3 for 1e-5: five of ten thousand in each layer.</summary>
    [TestMethod]
    public void AFoldWithAWrongEpsilonIsFound()
    {
        using var folder = new TempFolder();
        Graph Network(double? eps) => Fill.Weights(Zoo.Build("cifar_resnet20", new() { BnEps = eps }).Graph, gain: 1.4);
        Exporter.Write(Network(null), new ModelCard().ToMetadata(), folder["right.onnx"], new(), null);
        var wrong = Export.Optimize(Network(1e-3)).Graph;
        foreach (var (key, value) in OnnxFile.Read(folder["right.onnx"]).Metadata)
            wrong.Metadata[key] = value;
        OnnxFile.Write(wrong, folder["wrong.onnx"], isSealed: true);
        Assert.IsTrue(Verification.Of(folder["right.onnx"]).IsEqual);
        var found = Verification.Of(folder["wrong.onnx"]);
        Assert.IsFalse(found.IsEqual);
        Assert.IsEmpty(found.Changed);
        Assert.IsGreaterThan(found.Tolerance, found.Outputs.Single().Distance);
    }

    /// <summary>Another program version writes another version number, further facts, and further fields.</summary>
    [TestMethod]
    public void AFileOfAnotherVersionVerifies()
    {
        using var folder = new TempFolder();
        Exporter.Write(Tiny(), Facts, folder["a.onnx"], new(), null);
        var graph = OnnxFile.Read(folder["a.onnx"]);
        graph.Metadata["onnxtimm.version"] = "9.9.9";
        graph.Metadata["onnxtimm.future"] = "something";
        graph.Metadata[GoldenDigest.Key] = graph.Metadata[GoldenDigest.Key].Replace("{\"form\"", "{\"new\":[1],\"form\"");
        OnnxFile.Write(graph, folder["b.onnx"], isSealed: true);
        Assert.IsTrue(Verification.Of(folder["b.onnx"]).IsEqual);
        Assert.IsTrue(Verification.Of(Paths.Golden("own", "sealed.onnx")).IsEqual, "a file that version 0.1.0 wrote");
    }

    /// <summary>The seal is of the content: where the weights lie and how protobuf writes a number are no change.</summary>
    [TestMethod]
    public void TheSealIsOfTheContent()
    {
        using var folder = new TempFolder();
        OnnxFile.Write(Tiny(), folder["a.onnx"], isSealed: true);
        OnnxFile.Write(Tiny(), folder["b.onnx"], externalAbove: 0, isSealed: true);
        var (a, written) = Seal.Of(folder["a.onnx"]);
        Assert.AreEqual(a, written);
        Assert.AreEqual((a, a), Seal.Of(folder["b.onnx"]));
        var graph = Tiny();
        graph.Metadata["a"] = "b";
        OnnxFile.Write(graph, folder["c.onnx"], late: new("c", 1, Task.FromResult("d")), isSealed: true);
        var (c, writtenC) = Seal.Of(folder["c.onnx"]);
        Assert.AreEqual(c, writtenC);
        Assert.AreEqual("metadata", string.Join(' ', a.Differences(c)));
        Assert.IsFalse(OnnxFile.Read(folder["c.onnx"]).Metadata.ContainsKey(Seal.Key), "a seal is of one file");
    }

    /// <summary>SplitMix64's first number from the seed 0, of its published reference implementation.</summary>
    [TestMethod]
    public void TheInputCanBeMadeAgain()
    {
        var first = (0xE220A8397B1DCDAF >> 40) / (double)(1 << 23) - 1;
        Assert.AreEqual((float)(1 + first / 2), GoldenInput.Floats([1, 3, 8, 8])[0]);
        Assert.AreEqual((byte)(128 + 80 + 40 * first), GoldenInput.Bytes([1, 8, 8, 3])[0]);
    }

    /// <summary>Three digits off in numbers whose deviation is the root of 2/3.</summary>
    [TestMethod]
    public void ADistanceIsAShareOfTheDeviation()
    {
        Assert.AreEqual(0.001 / Math.Sqrt(2 / 3.0), Distance.Of([1, 2, 3.001f], [1, 2, 3]), 1e-6);
        Assert.AreEqual(0, Distance.Of([float.NaN, 1], [float.NaN, 1]));
        Assert.AreEqual(double.PositiveInfinity, Distance.Of([float.NaN, 1], [0, 1]));
        Assert.AreEqual(double.PositiveInfinity, Distance.Of([1], [1, 1]));
        Assert.AreEqual(1, Distance.Of([10.1f], [10]), 1e-4);
    }

    static IReadOnlyDictionary<string, string> Facts => new ModelCard
    {
        Preprocess = new() { Height = 12, Width = 12 },
        Labels = ["a", "b"],
    }.ToMetadata();

    static void Change(int trials)
    {
        using var folder = new TempFolder();
        var file = folder["tiny.onnx"];
        Exporter.Write(Tiny(), Facts, file, new(), null);
        var bytes = File.ReadAllBytes(file);
        var expected = Run(file);
        var random = new Random(7);
        var faults = new List<string>();
        for (var trial = 0; trial < trials; trial++)
        {
            var (at, flip) = (random.Next(bytes.Length), (byte)random.Next(1, 256));
            bytes[at] ^= flip;
            File.WriteAllBytes(file, bytes);
            if (!IsFound(file) && !IsHarmless(file, expected))
                faults.Add($"byte {at} of {bytes.Length} xor {flip}");
            bytes[at] ^= flip;
        }
        Assert.IsEmpty(faults, string.Join("\n", faults));
    }

    static bool IsFound(string file)
    {
        try
        {
            var (found, written) = Seal.Of(file);
            return written is null || found.Differences(written).Any();
        }
        catch (UserException)
        {
            return true;
        }
    }

    static bool IsHarmless(string file, float[] expected)
    {
        try
        {
            return Run(file).SequenceEqual(expected);
        }
        catch (UserException)
        {
            return true;
        }
    }

    static float[] Run(string file)
    {
        using var session = Session.Open(file, new() { Threads = 1 });
        using var binding = session.Bind([1, 3, 12, 12]);
        return binding.Run(Fill.Input(1, 3, 12, 12)).ToArray();
    }

    /// <summary>A convolution with its norm, a pool and a classifier.</summary>
    static Graph Tiny()
    {
        var graph = new Graph("tiny");
        var x = graph.Input("input", DType.Float32, new(Dim.Batch, 3, 12, 12));
        var y = x.Conv(graph.Root["conv"], 4, k: 3).BatchNorm(graph.Root["bn"]).Relu();
        graph.Output("logits", y.GlobalAveragePool().Flatten().Linear(graph.Root["fc"], 2));
        return Fill.Weights(graph, gain: 1);
    }
}
