using System.Globalization;
using OnnxTimm.Onnx.Proto;

namespace OnnxTimm.Onnx;

/// <summary>Tensors from messages: raw or typed content, or content in a file beside the model.</summary>
sealed class TensorReader(ByteSource source)
{
    // Smaller content is looked at while shapes are inferred; it is fetched once.
    const int KeptInMemory = 1 << 16;

    readonly Dictionary<string, ByteSource> beside = [];

    /// <summary>An initializer, whose raw content stays in the file.</summary>
    public Tensor Read(StoredTensor stored)
    {
        var (type, shape) = TypeAndShape(stored.Header);
        return stored.Raw is not { } raw ? Read(stored.Header)
            : Window(stored.Header, source, type, shape, raw.Offset, raw.Length);
    }

    /// <summary>A tensor with its content inside or beside the model, such as an attribute.</summary>
    public Tensor Read(TensorProto proto)
    {
        var (type, shape) = TypeAndShape(proto);
        if (proto.DataLocation == 1)
            return External(proto, type, shape);
        var bytes = proto.HasRawData ? proto.RawData.Memory : type == DType.String ? default : Typed(proto, type);
        var tensor = new Tensor(type, shape, () => bytes)
        {
            Strings = type == DType.String ? [.. proto.StringData.Select(s => s.ToStringUtf8())] : null,
        };
        Expect(proto, type == DType.String ? tensor.Count : tensor.ByteCount, tensor.Strings?.Length ?? bytes.Length);
        return tensor;
    }

    (DType Type, long[] Shape) TypeAndShape(TensorProto proto)
    {
        var type = (DType)proto.DataType;
        if (!Enum.IsDefined(type) || type == DType.Undefined)
            throw source.Fault($"the tensor \"{proto.Name}\" has the unknown element type {proto.DataType}");
        if (proto.Segment is not null)
            throw source.Fault($"the tensor \"{proto.Name}\" is split in segments, which is not supported");
        return IsSize(proto.Dims) ? (type, [.. proto.Dims])
            : throw source.Fault($"the tensor \"{proto.Name}\" has the shape [{string.Join(", ", proto.Dims)}]");
    }

    /// <summary>True when no size is negative and the bytes can be counted.</summary>
    static bool IsSize(IEnumerable<long> dims)
    {
        var count = (Int128)1;
        foreach (var d in dims)
            if (d < 0 || (count *= d) > long.MaxValue / 128)
                return false;
        return true;
    }

    Tensor External(TensorProto proto, DType type, long[] shape)
    {
        var entries = proto.ExternalData.ToLookup(e => e.Key, e => e.Value);
        var content = Beside(proto.Name, entries["location"].LastOrDefault() ?? "");
        var offset = Number(proto, entries["offset"].LastOrDefault()) ?? 0;
        var length = Number(proto, entries["length"].LastOrDefault());
        var expected = new Tensor(type, shape, () => default).ByteCount;
        return Window(proto, content, type, shape, offset, length ?? expected);
    }

    Tensor Window(TensorProto proto, ByteSource content, DType type, long[] shape, long offset, long length)
    {
        var tensor = new Tensor(type, shape, () => content.Bytes(offset, length));
        Expect(proto, tensor.ByteCount, length);
        if (offset < 0 || offset > content.Length - length)
            throw content.Fault(
                $"the tensor \"{proto.Name}\" lies at bytes {offset} to {offset + length}, it has {content.Length}");
        if (length > KeptInMemory)
            return tensor;
        ReadOnlyMemory<byte> kept = tensor.Bytes.ToArray();
        return new Tensor(type, shape, () => kept);
    }

    /// <summary>A file below the model's folder: a model must not make its reader open others.</summary>
    ByteSource Beside(string tensor, string location)
    {
        if (source.Folder is null)
            throw source.Fault($"the content of \"{tensor}\" is in \"{location}\": read the model by its path");
        var parts = location.Split('/', '\\');
        if (parts.Contains("..") || parts[0].Length == 0 || parts[0].Contains(':') || Path.IsPathRooted(location))
            throw source.Fault($"the tensor \"{tensor}\" points to \"{location}\", no file below the model's folder");
        if (beside.TryGetValue(location, out var known))
            return known;
        var path = Path.Combine([source.Folder, .. parts]);
        if (!LiesBeside(path))
            throw source.Fault($"the tensor \"{tensor}\" is in \"{location}\", a link that leads out of the model's "
                + "folder");
        return beside[location] = ByteSource.Open(path);
    }

    /// <summary>
    /// Whether a file lies below the model's folder with all links followed: the folder it is opened in, or the one
    /// that the model itself is linked from, as in the hub's cache.
    /// </summary>
    bool LiesBeside(string path) => RealPath.Of(path) is var real && (
        RealPath.IsBelow(real, RealPath.Of(source.Folder!))
        || RealPath.IsBelow(real, Path.GetDirectoryName(RealPath.Of(source.Name))!));

    long? Number(TensorProto proto, string? text) => text is null ? null
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value
        : throw source.Fault($"the tensor \"{proto.Name}\" has the place \"{text}\" in its file");

    void Expect(TensorProto proto, long expected, long got)
    {
        if (expected != got)
            throw source.Fault($"the tensor \"{proto.Name}\" {(DType)proto.DataType}[{string.Join(", ", proto.Dims)}] "
                + $"needs {expected} bytes or texts, {got} are there");
    }

    /// <summary>Content of the typed fields, in which narrow types are widened (onnx.proto, TensorProto).</summary>
    static ReadOnlyMemory<byte> Typed(TensorProto proto, DType type) => type switch
    {
        DType.Float32 or DType.Complex64 => Bytes<float>([.. proto.FloatData]),
        DType.Float64 or DType.Complex128 => Bytes<double>([.. proto.DoubleData]),
        DType.Int64 => Bytes<long>([.. proto.Int64Data]),
        DType.UInt64 => Bytes<ulong>([.. proto.Uint64Data]),
        DType.UInt32 => Bytes<uint>([.. proto.Uint64Data.Select(v => (uint)v)]),
        DType.Int32 => Bytes<int>([.. proto.Int32Data]),
        _ when type.Bits() == 16 => Bytes<ushort>([.. proto.Int32Data.Select(v => (ushort)v)]),
        _ => Bytes<byte>([.. proto.Int32Data.Select(v => (byte)v)]),
    };

    static ReadOnlyMemory<byte> Bytes<T>(T[] values) where T : unmanaged => new CastMemory<T>(values).Memory;
}
