using Google.Protobuf;
using OnnxTimm.Onnx.Proto;

namespace OnnxTimm.Onnx;

/// <summary>Tensors as messages.</summary>
static class TensorProtos
{
    /// <summary>Everything of a stored value but its content; the role of a weight stands in doc_string.</summary>
    public static TensorProto Header(Value value)
    {
        var header = Header(value.Data!);
        header.Name = value.Name;
        if (RoleText(value.Role) is { } role)
            header.DocString = role;
        return header;
    }

    /// <summary>A whole tensor, for attributes.</summary>
    public static TensorProto Of(Tensor tensor)
    {
        var proto = Header(tensor);
        if (tensor.Strings is null)
            proto.RawData = ByteString.CopyFrom(tensor.Bytes.Span);
        return proto;
    }

    /// <summary>The mark of a weight: its role survives in the file, tensor by tensor.</summary>
    public static string? RoleText(Role role) => role switch
    {
        Role.Param => "param",
        Role.Stat => "stat",
        _ => null,
    };

    /// <summary>The role that a mark gives.</summary>
    public static Role RoleOf(string text) => text switch
    {
        "param" => Role.Param,
        "stat" => Role.Stat,
        _ => Role.Constant,
    };

    static TensorProto Header(Tensor tensor)
    {
        var header = new TensorProto { DataType = (int)tensor.Type };
        header.Dims.AddRange(tensor.Shape);
        header.StringData.AddRange((tensor.Strings ?? []).Select(ByteString.CopyFromUtf8));
        return header;
    }
}
