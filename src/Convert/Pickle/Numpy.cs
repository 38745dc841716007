using System.Buffers.Binary;
using System.Text;

namespace OnnxTimm.Conversion;

/// <summary>A NumPy element type by its code, such as <c>f4</c>; the byte order comes with its state.</summary>
sealed class NumpyType(string code) : IBuilt
{
    bool bigEndian;

    /// <summary>Undefined for types without a tensor's form: objects, texts, dates, big-endian numbers.</summary>
    public DType Type => bigEndian ? DType.Undefined : NumpyTypes.Codes.GetValueOrDefault(code);

    void IBuilt.Build(object? state) => bigEndian = state is object?[] and [_, ">", ..];
}

/// <summary>A NumPy array; a tensor when its state makes sense as one.</summary>
sealed class NumpyArray : IBuilt
{
    public Tensor? Tensor { get; private set; }

    /// <summary><c>_frombuffer</c>: bytes, type, shape, order.</summary>
    public static object? FromBuffer(PickleArguments a) => new NumpyArray
    {
        Tensor = Make(a.Sizes(2), a.Get<NumpyType>(1), a.Get<string>(3) == "F", a.Get<byte[]>(0)),
    };

    /// <summary>A number: type and bytes. Null where the type has no plain value.</summary>
    public static object? Scalar(PickleArguments a)
    {
        var raw = a.Count > 1 ? a.Values[1] as byte[] : null;
        var type = a.Get<NumpyType>(0).Type;
        if (raw is null || type == DType.Undefined || raw.Length != type.Bytes(1))
            return null;
        return type switch
        {
            DType.Float64 => BinaryPrimitives.ReadDoubleLittleEndian(raw),
            DType.Float32 => (double)BinaryPrimitives.ReadSingleLittleEndian(raw),
            DType.Float16 => (double)BinaryPrimitives.ReadHalfLittleEndian(raw),
            DType.Int64 => BinaryPrimitives.ReadInt64LittleEndian(raw),
            DType.Int32 => (long)BinaryPrimitives.ReadInt32LittleEndian(raw),
            DType.Bool => raw[0] != 0,
            _ => null,
        };
    }

    void IBuilt.Build(object? state)
    {
        if (state is object?[] and [_, object?[] sizes, NumpyType type, bool fortran, var content]
            && sizes.All(size => size is long and >= 0)
            && (content as byte[] ?? (content is string text ? Encoding.UTF8.GetBytes(text) : null)) is { } raw)
            Tensor = Make([.. sizes.Cast<long>()], type, fortran, raw);
    }

    static Tensor? Make(long[] shape, NumpyType type, bool fortran, byte[] raw)
    {
        var claimed = ForeignLayout.Whole(type.Type.Bits() / 8, shape, fortran);
        return claimed.Element == 0 || claimed.IsEmpty || claimed.ByteCount != raw.Length
            ? null
            : Tensor.View(type.Type, claimed.Layout, () => raw);
    }
}
