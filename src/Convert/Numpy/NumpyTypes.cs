namespace OnnxTimm.Conversion;

/// <summary>
/// NumPy's element types: the code, as .npy headers and pickles have it, and the name, as Flax writes it. Types that
/// NumPy itself lacks (ml_dtypes) have a name only.
/// </summary>
static class NumpyTypes
{
    static readonly (string? Code, string Name, DType Type)[] Table =
    [
        ("b1", "bool", DType.Bool),
        ("i1", "int8", DType.Int8),
        ("i2", "int16", DType.Int16),
        ("i4", "int32", DType.Int32),
        ("i8", "int64", DType.Int64),
        ("u1", "uint8", DType.UInt8),
        ("u2", "uint16", DType.UInt16),
        ("u4", "uint32", DType.UInt32),
        ("u8", "uint64", DType.UInt64),
        ("f2", "float16", DType.Float16),
        ("f4", "float32", DType.Float32),
        ("f8", "float64", DType.Float64),
        ("c8", "complex64", DType.Complex64),
        ("c16", "complex128", DType.Complex128),
        (null, "bfloat16", DType.BFloat16),
        (null, "float8_e4m3fn", DType.Float8E4M3FN),
        (null, "float8_e4m3fnuz", DType.Float8E4M3FNUZ),
        (null, "float8_e5m2", DType.Float8E5M2),
        (null, "float8_e5m2fnuz", DType.Float8E5M2FNUZ),
        (null, "float8_e8m0fnu", DType.Float8E8M0),
    ];

    public static readonly Dictionary<string, DType> Codes =
        Table.Where(row => row.Code is not null).ToDictionary(row => row.Code!, row => row.Type);

    public static readonly Dictionary<string, DType> Names = Table.ToDictionary(row => row.Name, row => row.Type);
}
