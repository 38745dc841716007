using Google.Protobuf;
using OnnxTimm.Onnx;
using OnnxTimm.Onnx.Proto;
using static OnnxTimm.Tests.Onnx.Proto;

namespace OnnxTimm.Tests.Onnx;

/// <summary>Damaged and malicious files give a message: no crash, no large allocation, no other file opened.</summary>
[TestClass]
public sealed class HostileTests
{
    static ModelProto Small() => Model(18, 8, new GraphProto
    {
        Name = "net",
        Input = { Info("x", DType.Float32, "N", "2") },
        Initializer = { Raw("w", [2, 2], 1f, 2, 3, 4), Floats("b", [2], 5, 6) },
        Node = { Node("Gemm", ["x", "w", "b"], ["y"], Int("transB", 1)) },
        Output = { Info("y", DType.Float32, "N", "2") },
    });

    [TestMethod]
    public void ATruncatedFileIsNamed()
    {
        var bytes = Small().ToByteArray();
        for (var length = 0; length < bytes.Length; length++)
            Survives(bytes[..length]);
        var error = Assert.ThrowsExactly<UserException>(() => OnnxFile.Read(bytes.AsMemory()[..^5], "cut.onnx"));
        StringAssert.Contains(error.Message, "cut.onnx");
    }

    [TestMethod]
    public void FlippedBytesNeverCrash()
    {
        var bytes = Small().ToByteArray();
        var random = new Random(1);
        for (var i = 0; i < 20_000; i++)
        {
            var damaged = bytes.ToArray();
            for (var flips = random.Next(1, 4); flips > 0; flips--)
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            Survives(damaged);
        }
    }

    [TestMethod]
    public void NoiseIsNoModel()
    {
        var random = new Random(2);
        for (var i = 0; i < 2000; i++)
        {
            var noise = new byte[random.Next(200)];
            random.NextBytes(noise);
            Survives(noise);
        }
    }

    [TestMethod]
    [DataRow("../secret")]
    [DataRow("/etc/passwd")]
    [DataRow("a/../../secret")]
    [DataRow("..\\secret")]
    [DataRow("C:\\secret")]
    [DataRow("")]
    public void ContentLiesBelowTheFolder(string location) =>
        StringAssert.Contains(External(location, "0", "16").Message, "no file below the model's folder");

    [TestMethod]
    [DataRow("0", "17", "needs 16 bytes")]
    [DataRow("8", "16", "lies at bytes 8 to 24")]
    [DataRow("9223372036854775807", "16", "lies at bytes")]
    [DataRow("-1", "16", "has the place \"-1\"")]
    public void ContentLiesInsideItsFile(string offset, string length, string message) =>
        StringAssert.Contains(External("data", offset, length).Message, message);

    [TestMethod]
    public void AShapeIsHeldAgainstTheContent()
    {
        foreach (var dims in new long[][] { [1L << 40, 1L << 20], [-2, -2], [1L << 40], [3, 2], [-1, 0] })
        {
            var model = Small();
            model.Graph.Initializer[0].Dims.Clear();
            model.Graph.Initializer[0].Dims.AddRange(dims);
            Assert.ThrowsExactly<UserException>(() => OnnxFile.Read(model.ToByteArray()), string.Join(",", dims));
        }
    }

    [TestMethod]
    public void WhatIsNotSupportedIsNamed()
    {
        var sparse = Small();
        sparse.Graph.SparseInitializer.Add(new SparseTensorProto { Values = new TensorProto { Name = "thin" } });
        var optional = Small();
        optional.Graph.Input[0].Type = new TypeProto { OptionalType = new() };
        var future = Small();
        future.OpsetImport[0].Version = 27;
        var unordered = Small();
        unordered.Graph.Node[0].Input[0] = "later";
        var twice = Small();
        twice.Graph.Node.Add(twice.Graph.Node[0].Clone());
        foreach (var (model, message) in new[]
        {
            (sparse, "\"thin\" is sparse"), (optional, "\"x\" is no tensor (OptionalType)"), (future, "opset 27"),
            (unordered, "reads \"later\""), (twice, "the name \"y\" is given to two values"),
        })
        {
            var error = Assert.ThrowsExactly<UserException>(() => OnnxFile.Read(model.ToByteArray()));
            StringAssert.Contains(error.Message, message);
        }
    }

    static UserException External(string location, string offset, string length)
    {
        using var folder = new TempFolder();
        File.WriteAllBytes(folder["data"], new byte[20]);
        var model = Small();
        var w = model.Graph.Initializer[0];
        w.ClearRawData();
        w.DataLocation = 1;
        foreach (var (key, value) in new[] { ("location", location), ("offset", offset), ("length", length) })
            w.ExternalData.Add(new StringStringEntryProto { Key = key, Value = value });
        File.WriteAllBytes(folder["m.onnx"], model.ToByteArray());
        return Assert.ThrowsExactly<UserException>(() => OnnxFile.Read(folder["m.onnx"]));
    }

    static void Survives(byte[] file)
    {
        try
        {
            OnnxFile.ToBytes(OnnxFile.Read(file));
        }
        catch (UserException)
        {
            // Said what is wrong.
        }
    }
}
