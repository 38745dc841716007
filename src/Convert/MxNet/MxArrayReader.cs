namespace OnnxTimm.Conversion;

/// <summary>How the elements of an array are stored (NDArrayStorageType).</summary>
enum MxStorage
{
    Undefined = -1,
    Dense = 0,
    RowSparse = 1,
    Csr = 2,
}

/// <summary>One array of a list.</summary>
/// <param name="Storage">How its elements are stored.</param>
/// <param name="Type">Type of the elements.</param>
/// <param name="Shape">Null where the entry has no array.</param>
/// <param name="Data">Where the elements begin in the file.</param>
/// <param name="End">Where the next entry begins.</param>
sealed record MxArray(MxStorage Storage, DType Type, long[]? Shape, long Data, long End);

/// <summary>
/// Reads the head of one array record. Its first word tells the form: a magic number, or in the oldest form the rank
/// (src/ndarray/ndarray.cc of MXNet).
/// </summary>
/// <param name="file">The file.</param>
/// <param name="index">Number of the array in its list, for messages.</param>
/// <param name="start">Where the record begins.</param>
sealed class MxArrayReader(MappedFile file, int index, long start)
{
    /// <summary>NDARRAY_V1_MAGIC: dimensions of 64 bits.</summary>
    const uint WideDimensions = 0xF993FAC8;

    /// <summary>NDARRAY_V2_MAGIC: a storage type comes first.</summary>
    const uint WithStorage = 0xF993FAC9;

    /// <summary>NDARRAY_V3_MAGIC: shapes are NumPy's, with scalars.</summary>
    const uint WithScalars = 0xF993FACA;

    const int DeviceBytes = 8;
    const uint MaxRank = 32;

    /// <summary>By MXNet's type flag (mshadow's TypeFlag).</summary>
    static readonly DType[] Types =
    [
        DType.Float32, DType.Float64, DType.Float16, DType.UInt8, DType.Int32, DType.Int8, DType.Int64, DType.Bool,
        DType.Int16, DType.UInt16, DType.UInt32, DType.UInt64, DType.BFloat16,
    ];

    readonly ByteCursor cursor = new(file, $"array {index}", file.From(start));

    /// <exception cref="UserException">The record is flawed or leaves the file.</exception>
    public MxArray Read() => cursor.UInt32() switch
    {
        WideDimensions => Dense(Shape(cursor.UInt32(), Wide)),
        WithStorage => Stored(rank => rank == 0 ? null : Shape((uint)rank, Wide)),
        WithScalars => Stored(KnownShape),
        <= MaxRank and var rank => Dense(Shape(rank, () => cursor.UInt32())),
        var word => throw cursor.Fault($"it begins with 0x{word:x8}, which is no form of an array"),
    };

    MxArray Dense(long[] shape) => shape.Length == 0 ? None : Typed(MxStorage.Dense, shape, auxiliary: 0);

    MxArray Stored(Func<int, long[]?> read)
    {
        var storage = (MxStorage)cursor.Int32();
        if (!Enum.IsDefined(storage))
            throw cursor.Fault($"the storage type {(int)storage} is unknown");
        var stored = storage > MxStorage.Dense ? Shape(cursor.UInt32(), Wide) : null;
        if (read(cursor.Int32()) is not { } shape)
            return None;
        return storage != MxStorage.Undefined
            ? Typed(storage, stored ?? shape, AuxiliaryArrays(storage))
            : throw cursor.Fault("an array of undefined storage");
    }

    /// <summary>Arrays of indices that sparse storage adds.</summary>
    static int AuxiliaryArrays(MxStorage storage) => storage switch
    {
        MxStorage.RowSparse => 1,
        MxStorage.Csr => 2,
        _ => 0,
    };

    MxArray None => new(MxStorage.Undefined, DType.Undefined, null, start + cursor.Position, start + cursor.Position);

    /// <summary>NumPy's shapes: rank 0 is a scalar, and -1 in any place means that nothing is known.</summary>
    long[]? KnownShape(int rank)
    {
        if (rank == -1)
            return null;
        var isKnown = true;
        var shape = Shape((uint)rank, () =>
        {
            var d = Wide();
            isKnown &= d != -1;
            return d == -1 ? 0 : d;
        });
        return isKnown ? shape : null;
    }

    /// <summary>
    /// What stands behind the shape: the device, the type, the auxiliary arrays. Sparse arrays are gone through as
    /// well: their names, by which they are refused, come behind all arrays.
    /// </summary>
    MxArray Typed(MxStorage storage, long[] shape, int auxiliary)
    {
        cursor.Take(DeviceBytes);
        var type = Type();
        var sizes = Enumerable.Range(0, auxiliary).Select(_ =>
            FileWindow.SizeOf(Type(), Shape(cursor.UInt32(), Wide))).ToArray();
        var data = start + cursor.Position;
        var size = FileWindow.SizeOf(type, shape) + sizes.Sum();
        return size <= file.Length - data
            ? new(storage, type, shape, data, data + size)
            : throw cursor.Fault($"{type}[{string.Join(", ", shape)}] has {size} bytes, {file.Length - data} are left");
    }

    DType Type()
    {
        var flag = cursor.UInt32();
        return flag < Types.Length
            ? Types[flag]
            : throw cursor.Fault($"the type flag {flag} is unknown, they go to {Types.Length - 1}");
    }

    long Wide() => (long)cursor.UInt64();

    long[] Shape(uint rank, Func<long> next)
    {
        if (rank > MaxRank)
            throw cursor.Fault($"it has {rank} dimensions, at most {MaxRank} can be");
        return [.. Enumerable.Range(0, (int)rank).Select(_ => Size(next()))];

        long Size(long d) => d >= 0 ? d : throw cursor.Fault($"a dimension of {d}");
    }
}
