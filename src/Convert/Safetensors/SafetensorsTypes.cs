namespace OnnxTimm.Conversion;

/// <summary>Names of element types in safetensors files.</summary>
static class SafetensorsTypes
{
    static readonly (string Name, DType Type)[] Table =
    [
        ("BOOL", DType.Bool),
        ("U8", DType.UInt8),
        ("I8", DType.Int8),
        ("U16", DType.UInt16),
        ("I16", DType.Int16),
        ("U32", DType.UInt32),
        ("I32", DType.Int32),
        ("U64", DType.UInt64),
        ("I64", DType.Int64),
        ("F16", DType.Float16),
        ("BF16", DType.BFloat16),
        ("F32", DType.Float32),
        ("F64", DType.Float64),
        ("C64", DType.Complex64),
        ("F8_E4M3", DType.Float8E4M3FN),
        ("F8_E4M3FNUZ", DType.Float8E4M3FNUZ),
        ("F8_E5M2", DType.Float8E5M2),
        ("F8_E5M2FNUZ", DType.Float8E5M2FNUZ),
        ("F8_E8M0", DType.Float8E8M0),
        ("F4", DType.Float4E2M1),
    ];

    static readonly Dictionary<string, DType> ByName = Table.ToDictionary(row => row.Name, row => row.Type);

    static readonly Dictionary<DType, string> ByType = Table.ToDictionary(row => row.Type, row => row.Name);

    public static IEnumerable<string> Names => ByName.Keys;

    public static bool TryParse(string name, out DType type) => ByName.TryGetValue(name, out type);

    /// <exception cref="UserException">The format has no such type.</exception>
    public static string NameOf(DType type) => ByType.TryGetValue(type, out var name)
        ? name
        : throw new UserException($"safetensors files cannot hold tensors of {type}.");
}
