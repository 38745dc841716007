using System.Text.Unicode;
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

    /// <summary>The value of an attribute; what is not understood comes as <see cref="Opaque"/>.</summary>
    public static object Read(AttributeProto proto, TensorReader tensors) => KindOf(proto) switch
    {
        Float => proto.F,
        Int => proto.I,
        Text when IsText(proto.S) => proto.S.ToStringUtf8(),
        TensorType when proto.T is not null => tensors.Read(proto.T),
        Floats => proto.Floats.ToArray(),
        Ints => proto.Ints.ToArray(),
        Texts when proto.Strings.All(IsText) => proto.Strings.Select(s => s.ToStringUtf8()).ToArray(),
        var kind => new Opaque(kind, proto.ToByteArray()),
    };

    /// <summary>Early files have no kind; it shows in which field is filled.</summary>
    static int KindOf(AttributeProto proto) => proto switch
    {
        { HasType: true, Type: not 0 } => proto.Type,
        { HasF: true } => Float,
        { HasI: true } => Int,
        { HasS: true } => Text,
        { T: not null } => TensorType,
        { Floats.Count: > 0 } => Floats,
        { Ints.Count: > 0 } => Ints,
        { Strings.Count: > 0 } => Texts,
        _ => 0,
    };

    static bool IsText(ByteString bytes) => Utf8.IsValid(bytes.Span);
}
