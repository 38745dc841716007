using Google.Protobuf;
using OnnxTimm.Onnx;
using OnnxTimm.Onnx.Proto;
using static OnnxTimm.Tests.Onnx.Proto;

namespace OnnxTimm.Tests.Onnx;

/// <summary>Files as others write them, over all opsets, are read, written and computed the same.</summary>
[TestClass]
public sealed class HandmadeTests
{
    public static IEnumerable<object[]> Opsets => Enumerable.Range(7, 20).Select(opset => new object[] { opset });

    /// <summary>Axes, pads and bounds were attributes before they were inputs; initializers were inputs too.</summary>
    [TestMethod]
    [DynamicData(nameof(Opsets))]
    public void EveryOpsetIsRead(int opset)
    {
        var graph = new GraphProto
        {
            Name = "net",
            Input = { Info("x", DType.Float32, "N", "3", "8", "8"), Info("w", DType.Float32, "4", "3", "3", "3") },
            Initializer = { Floats("w", [4, 3, 3, 3], Fill.Uniform("w", 108)), Raw("b", [4], 0.5f, -1, 0, 2) },
            Output = { Info("y", DType.Float32, "N", "rest") },
            Node =
            {
                Node("Conv", ["x", "w", "b"], ["c"], Ints("pads", 1, 1, 1, 1)),
                Clip("c", "r", opset),
                Node("Constant", [], ["two"], Value(Raw("", [], 2f))),
                Node("Mul", ["r", "two"], ["m"]),
                ReduceMean("m", "g", opset),
                Node("Dropout", ["g"], ["d"]),
                Node("MaxPool", ["m"], ["p", ""], Ints("kernel_shape", 8, 8)),
                Node("Add", ["d", "p"], ["s"]),
                Node("Flatten", ["s"], ["f"]),
                Node("Softmax", ["f"], ["y"], Int("axis", 1)),
            },
        };
        if (opset >= 11)
            graph.Initializer.Add(Raw("six", [], 6f));
        if (opset >= 18)
            graph.Initializer.Add(Raw("axes", [2], 2L, 3));
        if (opset < 8)
            graph.Node[6].Output.RemoveAt(1);
        Survives(Model(opset, opset < 9 ? 3 : 7 + (opset > 14 ? 1 : 0), graph), runs: true);
    }

    [TestMethod]
    public void BodiesReadValuesAroundThem()
    {
        GraphProto Branch(string op) => new()
        {
            Name = op,
            Node = { Node(op, ["x", "bias"], [$"{op}_out"]) },
            Output = { Info($"{op}_out", DType.Float32, "N", "2") },
        };
        var graph = new GraphProto
        {
            Name = "net",
            Input = { Info("x0", DType.Float32, "N", "2"), Info("cond", DType.Bool) },
            Initializer = { Raw("bias", [2], 1f, 2) },
            Node =
            {
                Node("Identity", ["x0"], ["x"]),
                Node("If", ["cond"], ["y"], Body("then_branch", Branch("Add")), Body("else_branch", Branch("Mul"))),
            },
            Output = { Info("y", DType.Float32, "N", "2") },
        };
        var model = Model(13, 7, graph);
        Survives(model, runs: true);
        var read = OnnxFile.Read(model.ToByteArray());
        CollectionAssert.AreEqual(new[] { "x", "bias" }, read.Nodes[1].Captured.Select(v => v.Name).ToArray());
        read.Rename(read.Find("x")!, "renamed");
        Same.InOnnxRuntime(model.ToByteArray(), OnnxFile.ToBytes(read), "a captured value with another name");
    }

    [TestMethod]
    public void SequencesOnTheWayAreCarried() => Survives(Model(13, 7, new GraphProto
    {
        Name = "net",
        Input = { Info("x", DType.Float32, "N", "4") },
        Output = { Info("y", DType.Float32, "N", "2") },
        Node =
        {
            Node("SplitToSequence", ["x"], ["parts"], Int("axis", 1), Int("keepdims", 1)),
            Node("Constant", [], ["second"], Value(Raw("", [], 1L))),
            Node("SequenceAt", ["parts", "second"], ["part"]),
            Node("SequenceConstruct", ["part", "part"], ["twice"]),
            Node("ConcatFromSequence", ["twice"], ["y"], Int("axis", 1)),
        },
    }), runs: true);

    [TestMethod]
    public void ALoopRunsAsBefore()
    {
        var body = new GraphProto
        {
            Name = "body",
            Input = { Info("i", DType.Int64), Info("go", DType.Bool), Info("sum", DType.Float32, "3") },
            Node = { Node("Add", ["sum", "x"], ["next"]), Node("Identity", ["go"], ["on"]) },
            Output = { Info("on", DType.Bool), Info("next", DType.Float32, "3") },
        };
        Survives(Model(16, 8, new GraphProto
        {
            Name = "net",
            Input = { Info("x", DType.Float32, "3") },
            Initializer = { Raw("count", [], 5L), Raw("zero", [3], 0f, 0, 0) },
            Node = { Node("Loop", ["count", "", "zero"], ["y"], Body("body", body)) },
            Output = { Info("y", DType.Float32, "3") },
        }), runs: true);
    }

    [TestMethod]
    public void FunctionsAreCarried()
    {
        var model = Model(18, 8, new GraphProto
        {
            Name = "net",
            Input = { Info("x", DType.Float32, "2") },
            Output = { Info("y", DType.Float32, "2") },
            Node = { Node("Twice", ["x"], ["y"]) },
        });
        model.Graph.Node[0].Domain = "local";
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "local", Version = 1 });
        model.Functions.Add(new FunctionProto
        {
            Name = "Twice",
            Domain = "local",
            Input = { "a" },
            Output = { "b" },
            Node = { Node("Add", ["a", "a"], ["b"]) },
            OpsetImport = { new OperatorSetIdProto { Version = 18 } },
        });
        Survives(model, runs: true);
    }

    [TestMethod]
    public void EveryElementTypeIsRead()
    {
        var graph = new GraphProto
        {
            Name = "types",
            Input = { Info("x", DType.Float32, "1") },
            Output = { Info("y", DType.Float32, "1") },
            Node = { Node("Neg", ["x"], ["y"]) },
        };
        foreach (var type in Enum.GetValues<DType>().Where(t => t is not (DType.Undefined or DType.String)))
        {
            graph.Initializer.Add(Typed(type));
            graph.Initializer.Add(new TensorProto
            {
                Name = $"raw_{type}",
                DataType = (int)type,
                Dims = { 3 },
                RawData = ByteString.CopyFrom(new byte[(3 * type.Bits() + 7) / 8]),
            });
        }
        var text = ByteString.CopyFromUtf8("é");
        graph.Initializer.Add(new TensorProto { Name = "text", DataType = 8, Dims = { 1 }, StringData = { text } });
        var read = OnnxFile.Read(Model(26, 13, graph).ToByteArray());
        Assert.AreEqual("é", read.Find("text")!.Data!.Strings![0]);
        foreach (var v in read.Stored.Where(v => v.Name.StartsWith("typed", StringComparison.Ordinal)))
            Assert.AreEqual(v.Data!.ByteCount, v.Data.Bytes.Length, v.Name);
        CollectionAssert.AreEqual(new[] { 0f, 1, 2 }, read.Find("typed_Float16")!.Data!.ToFloats());
        CollectionAssert.AreEqual(new[] { 0L, 1, 2 }, read.Find("typed_Int32")!.Data!.ToInts());
        Assert.AreEqual(GraphText.Dump(read), GraphText.Dump(OnnxFile.Read(OnnxFile.ToBytes(read))));
    }

    /// <summary>0, 1, 2 in the fields that onnx.proto assigns to a type.</summary>
    static TensorProto Typed(DType type)
    {
        var tensor = new TensorProto { Name = $"typed_{type}", DataType = (int)type, Dims = { 3 } };
        int[] packed = type.Bits() switch { 2 => [0x24], 4 => [0x10, 0x02], _ => [0, 1, 2] };
        if (type == DType.Float16)
            packed = [0, 0x3C00, 0x4000];
        switch (type)
        {
            case DType.Float32: tensor.FloatData.AddRange([0f, 1, 2]); break;
            case DType.Complex64: tensor.FloatData.AddRange(new float[6]); break;
            case DType.Float64: tensor.DoubleData.AddRange([0, 1, 2]); break;
            case DType.Complex128: tensor.DoubleData.AddRange(new double[6]); break;
            case DType.Int64: tensor.Int64Data.AddRange([0, 1, 2]); break;
            case DType.UInt64 or DType.UInt32: tensor.Uint64Data.AddRange([0, 1, 2]); break;
            default: tensor.Int32Data.AddRange(packed); break;
        }
        return tensor;
    }

    static void Survives(ModelProto model, bool runs)
    {
        var bytes = model.ToByteArray();
        var graph = OnnxFile.Read(bytes);
        var written = OnnxFile.ToBytes(graph);
        Assert.AreEqual(GraphText.Dump(graph), GraphText.Dump(OnnxFile.Read(written)));
        Assert.AreEqual(runs, Same.InOnnxRuntime(bytes, written, $"opset {graph.Opset}"));
    }

    static NodeProto Clip(string x, string y, int opset) => opset < 11
        ? Node("Clip", [x], [y], Float("max", 6))
        : Node("Clip", [x, "", "six"], [y]);

    static NodeProto ReduceMean(string x, string y, int opset) => opset < 18
        ? Node("ReduceMean", [x], [y], Ints("axes", 2, 3))
        : Node("ReduceMean", [x, "axes"], [y]);
}
