namespace OnnxTimm;

/// <summary>Element types of tensors, numbered as in ONNX (TensorProto.DataType).</summary>
public enum DType
{
    Undefined = 0,
    Float32 = 1,
    UInt8 = 2,
    Int8 = 3,
    UInt16 = 4,
    Int16 = 5,
    Int32 = 6,
    Int64 = 7,
    String = 8,
    Bool = 9,
    Float16 = 10,
    Float64 = 11,
    UInt32 = 12,
    UInt64 = 13,
    Complex64 = 14,
    Complex128 = 15,
    BFloat16 = 16,
    Float8E4M3FN = 17,
    Float8E4M3FNUZ = 18,
    Float8E5M2 = 19,
    Float8E5M2FNUZ = 20,
    UInt4 = 21,
    Int4 = 22,
    Float4E2M1 = 23,
    Float8E8M0 = 24,
    UInt2 = 25,
    Int2 = 26,
}

/// <summary>Facts about element types.</summary>
public static class DTypes
{
    /// <summary>Bits of one element; 0 for strings and for an undefined type.</summary>
    public static int Bits(this DType type) => type switch
    {
        DType.UInt2 or DType.Int2 => 2,
        DType.UInt4 or DType.Int4 or DType.Float4E2M1 => 4,
        DType.UInt8 or DType.Int8 or DType.Bool or DType.Float8E4M3FN or DType.Float8E4M3FNUZ
            or DType.Float8E5M2 or DType.Float8E5M2FNUZ or DType.Float8E8M0 => 8,
        DType.UInt16 or DType.Int16 or DType.Float16 or DType.BFloat16 => 16,
        DType.Float32 or DType.Int32 or DType.UInt32 => 32,
        DType.Float64 or DType.Int64 or DType.UInt64 or DType.Complex64 => 64,
        DType.Complex128 => 128,
        _ => 0,
    };

    /// <summary>Bytes that <paramref name="count"/> elements take; types below a byte are packed.</summary>
    public static long Bytes(this DType type, long count) => checked((count * type.Bits() + 7) / 8);

    /// <summary>True for the types that a gradient can have.</summary>
    public static bool IsFloat(this DType type) =>
        type is DType.Float32 or DType.Float64 or DType.Float16 or DType.BFloat16;

    /// <summary>The element type of an unmanaged C# type.</summary>
    public static DType Of<T>() where T : unmanaged =>
        typeof(T) == typeof(float) ? DType.Float32
        : typeof(T) == typeof(double) ? DType.Float64
        : typeof(T) == typeof(Half) ? DType.Float16
        : typeof(T) == typeof(long) ? DType.Int64
        : typeof(T) == typeof(int) ? DType.Int32
        : typeof(T) == typeof(short) ? DType.Int16
        : typeof(T) == typeof(sbyte) ? DType.Int8
        : typeof(T) == typeof(byte) ? DType.UInt8
        : typeof(T) == typeof(ushort) ? DType.UInt16
        : typeof(T) == typeof(uint) ? DType.UInt32
        : typeof(T) == typeof(ulong) ? DType.UInt64
        : typeof(T) == typeof(bool) ? DType.Bool
        : throw new ArgumentException($"{typeof(T)} is no tensor element.");
}
