using Google.Protobuf;
using OnnxTimm.Onnx.Proto;

namespace OnnxTimm.Onnx;

/// <summary>Attributes of nodes as messages.</summary>
static class AttributeProtos
{
    /// <summary>ONNX's AttributeProto.AttributeType.</summary>
    const int Float = 1, Int = 2, Text = 3, TensorType = 4, Floats = 6, Ints = 7, Texts = 8;

    public static AttributeProto Of(string name, object value) => value switch
    {
        float f => new() { Name = name, Type = Float, F = f },
        long i => new() { Name = name, Type = Int, I = i },
        string s => new() { Name = name, Type = Text, S = ByteString.CopyFromUtf8(s) },
        Tensor t => new() { Name = name, Type = TensorType, T = TensorProtos.Of(t) },
        float[] list => new() { Name = name, Type = Floats, Floats = { list } },
        long[] list => new() { Name = name, Type = Ints, Ints = { list } },
        string[] list => new() { Name = name, Type = Texts, Strings = { list.Select(ByteString.CopyFromUtf8) } },
        Opaque opaque => AttributeProto.Parser.ParseFrom(opaque.Proto),
        _ => throw new InvalidOperationException($"The attribute \"{name}\" is a {value.GetType()}."),
    };
}
