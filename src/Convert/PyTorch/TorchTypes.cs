namespace OnnxTimm.Conversion;

/// <summary>A storage class as a value, such as <c>torch.FloatStorage</c>: it tells the element type.</summary>
sealed record StorageType(string Name, DType Type) : PyGlobal(Name, TorchTypes.Uncallable);

/// <summary>An element type as a value, such as <c>torch.float32</c>.</summary>
sealed record ElementType(string Name, DType Type) : PyGlobal(Name, TorchTypes.Uncallable);

/// <summary>
/// PyTorch's names of element types. A row with <see cref="DType.Undefined"/> is known but has no type of its own.
/// </summary>
static class TorchTypes
{
    public static readonly Dictionary<string, DType> Storages = new()
    {
        { "torch.FloatStorage", DType.Float32 },
        { "torch.DoubleStorage", DType.Float64 },
        { "torch.HalfStorage", DType.Float16 },
        { "torch.BFloat16Storage", DType.BFloat16 },
        { "torch.LongStorage", DType.Int64 },
        { "torch.IntStorage", DType.Int32 },
        { "torch.ShortStorage", DType.Int16 },
        { "torch.CharStorage", DType.Int8 },
        { "torch.ByteStorage", DType.UInt8 },
        { "torch.BoolStorage", DType.Bool },
        { "torch.ComplexFloatStorage", DType.Complex64 },
        { "torch.ComplexDoubleStorage", DType.Complex128 },
        { "torch.UntypedStorage", DType.UInt8 },
    };

    public static readonly Dictionary<string, DType> Elements = new()
    {
        { "torch.float32", DType.Float32 },
        { "torch.float64", DType.Float64 },
        { "torch.float16", DType.Float16 },
        { "torch.bfloat16", DType.BFloat16 },
        { "torch.int64", DType.Int64 },
        { "torch.int32", DType.Int32 },
        { "torch.int16", DType.Int16 },
        { "torch.int8", DType.Int8 },
        { "torch.uint8", DType.UInt8 },
        { "torch.uint16", DType.UInt16 },
        { "torch.uint32", DType.UInt32 },
        { "torch.uint64", DType.UInt64 },
        { "torch.bool", DType.Bool },
        { "torch.complex64", DType.Complex64 },
        { "torch.complex128", DType.Complex128 },
        { "torch.float8_e4m3fn", DType.Float8E4M3FN },
        { "torch.float8_e4m3fnuz", DType.Float8E4M3FNUZ },
        { "torch.float8_e5m2", DType.Float8E5M2 },
        { "torch.float8_e5m2fnuz", DType.Float8E5M2FNUZ },
        { "torch.float8_e8m0fnu", DType.Float8E8M0 },
        { "torch.strided", DType.Undefined },
        { "torch.contiguous_format", DType.Undefined },
        { "torch.channels_last", DType.Undefined },
        { "torch.preserve_format", DType.Undefined },
    };

    public static object? Uncallable(PickleArguments a) => throw a.Fault($"it calls {a.Callee}");
}
