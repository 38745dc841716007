using System.Runtime.InteropServices;
using Google.Protobuf;
using OnnxTimm.Onnx.Proto;

namespace OnnxTimm.Tests.Onnx;

/// <summary>Small models as another program would write them, message by message.</summary>
static class Proto
{
    public static ModelProto Model(int opset, int ir, GraphProto graph) => new()
    {
        IrVersion = ir,
        ProducerName = "tests",
        OpsetImport = { new OperatorSetIdProto { Version = opset } },
        Graph = graph,
    };

    public static NodeProto Node(string op, string[] inputs, string[] outputs, params AttributeProto[] attributes) =>
        new()
        {
            OpType = op,
            Name = $"{op}_{outputs[0]}",
            Input = { inputs },
            Output = { outputs },
            Attribute = { attributes },
        };

    public static AttributeProto Int(string name, long value) => new() { Name = name, Type = 2, I = value };

    public static AttributeProto Ints(string name, params long[] values) =>
        new() { Name = name, Type = 7, Ints = { values } };

    public static AttributeProto Float(string name, float value) => new() { Name = name, Type = 1, F = value };

    public static AttributeProto Value(TensorProto value) => new() { Name = "value", Type = 4, T = value };

    public static AttributeProto Body(string name, GraphProto body) => new() { Name = name, Type = 5, G = body };

    public static ValueInfoProto Info(string name, DType type, params string[] dims)
    {
        var shape = new TensorShapeProto();
        shape.Dim.AddRange(dims.Select(d => long.TryParse(d, out var size)
            ? new TensorShapeProto.Types.Dimension { DimValue = size }
            : new TensorShapeProto.Types.Dimension { DimParam = d }));
        return new() { Name = name, Type = new() { TensorType = new() { ElemType = (int)type, Shape = shape } } };
    }

    public static TensorProto Raw<T>(string name, long[] dims, params T[] values) where T : unmanaged => new()
    {
        Name = name,
        DataType = (int)DTypes.Of<T>(),
        Dims = { dims },
        RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan())),
    };

    public static TensorProto Floats(string name, long[] dims, params float[] values) =>
        new() { Name = name, DataType = 1, Dims = { dims }, FloatData = { values } };
}
