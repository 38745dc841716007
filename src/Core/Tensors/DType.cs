namespace OnnxTimm;

/// <summary>Element types of tensors, numbered as in ONNX (TensorProto.DataType).</summary>
public enum DType
{
    /// <summary>No type; no tensor has it.</summary>
    Undefined = 0,

    /// <summary>IEEE 754 of 32 bits.</summary>
    Float32 = 1,

    /// <summary>0 to 255.</summary>
    UInt8 = 2,

    /// <summary>-128 to 127.</summary>
    Int8 = 3,

    /// <summary>16 bits.</summary>
    UInt16 = 4,

    /// <summary>16 bits, signed.</summary>
    Int16 = 5,

    /// <summary>32 bits, signed.</summary>
    Int32 = 6,

    /// <summary>64 bits, signed; ONNX's shapes and indices.</summary>
    Int64 = 7,

    /// <summary>UTF-8 texts of any length.</summary>
    String = 8,

    /// <summary>A byte, 0 or 1.</summary>
    Bool = 9,

    /// <summary>IEEE 754 of 16 bits: <see cref="Half"/>.</summary>
    Float16 = 10,

    /// <summary>IEEE 754 of 64 bits.</summary>
    Float64 = 11,

    /// <summary>32 bits.</summary>
    UInt32 = 12,

    /// <summary>64 bits.</summary>
    UInt64 = 13,

    /// <summary>Two float32: real and imaginary part.</summary>
    Complex64 = 14,

    /// <summary>Two float64: real and imaginary part.</summary>
    Complex128 = 15,

    /// <summary>The upper half of a float32.</summary>
    BFloat16 = 16,

    /// <summary>8 bits, 4 of them exponent; no infinity (arXiv:2209.05433).</summary>
    Float8E4M3FN = 17,

    /// <summary>The same with one zero and another bias of the exponent (arXiv:2206.02915).</summary>
    Float8E4M3FNUZ = 18,

    /// <summary>8 bits, 5 of them exponent (arXiv:2209.05433).</summary>
    Float8E5M2 = 19,

    /// <summary>The same without infinity, with one zero and another bias (arXiv:2206.02915).</summary>
    Float8E5M2FNUZ = 20,

    /// <summary>0 to 15, two in a byte.</summary>
    UInt4 = 21,

    /// <summary>-8 to 7, two in a byte.</summary>
    Int4 = 22,

    /// <summary>4 bits, 2 of them exponent, two in a byte.</summary>
    Float4E2M1 = 23,

    /// <summary>A power of two: exponent alone, the scale of microscaling formats.</summary>
    Float8E8M0 = 24,

    /// <summary>0 to 3, four in a byte.</summary>
    UInt2 = 25,

    /// <summary>-2 to 1, four in a byte.</summary>
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
