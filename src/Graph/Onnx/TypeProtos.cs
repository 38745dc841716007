using System.Globalization;
using OnnxTimm.Onnx.Proto;

namespace OnnxTimm.Onnx;

/// <summary>Types and shapes as messages and back.</summary>
static class TypeProtos
{
    // Marks a dimension about which a file says nothing: a symbol that no other dimension has.
    const char Unknown = '?';

    public static ValueInfoProto Of(Value value)
    {
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)value.Type };
        if (value.Shape.IsKnown)
        {
            tensor.Shape = new TensorShapeProto();
            tensor.Shape.Dim.AddRange(value.Shape.Select(Of));
        }
        var type = new TypeProto { TensorType = tensor };
        if (value.IsSequence)
            type = new TypeProto { SequenceType = new TypeProto.Types.Sequence { ElemType = type } };
        var info = new ValueInfoProto { Name = value.Name, Type = type };
        if (TensorProtos.RoleText(value.Role) is { } role)
            info.DocString = role;
        return info;
    }

    /// <summary>Element type, shape, and whether it is a sequence of such; undefined for any other type.</summary>
    public static (DType Type, Shape Shape, bool IsSequence) Read(ValueInfoProto info) =>
        (info.Type?.TensorType ?? info.Type?.SequenceType?.ElemType?.TensorType) is not { } tensor
            ? (DType.Undefined, Shape.Unknown, false)
            : ((DType)tensor.ElemType, tensor.Shape is null
                ? Shape.Unknown
                : new Shape(tensor.Shape.Dim.Select((d, axis) => Read(d, $"{Unknown}{info.Name}.{axis}"))),
                info.Type!.SequenceType is not null);

    static Dim Read(TensorShapeProto.Types.Dimension dim, string unknown) => dim.ValueCase switch
    {
        TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue when dim.DimValue >= 0 => dim.DimValue,
        TensorShapeProto.Types.Dimension.ValueOneofCase.DimParam when dim.DimParam.Length > 0 => Symbol(dim.DimParam),
        _ => new(1, unknown),
    };

    /// <summary>A symbol, or a multiple of one as <see cref="Dim"/> writes it.</summary>
    static Dim Symbol(string text)
    {
        var parts = text.Split('*', 2);
        var isProduct = long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var factor);
        return isProduct && parts.Length == 2 ? new(factor, parts[1]) : new(1, text);
    }

    static TensorShapeProto.Types.Dimension Of(Dim dim) => dim switch
    {
        { IsFixed: true } => new() { DimValue = dim.Factor },
        { Factor: 1 } when dim.Symbol![0] == Unknown => new(),
        _ => new() { DimParam = dim.ToString() },
    };
}
