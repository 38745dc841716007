using System.Buffers.Binary;

namespace OnnxTimm.Conversion;

/// <summary>Raw bytes (bin) of a msgpack file, where they lie.</summary>
readonly record struct MsgPackBytes(long Offset, long Length);

/// <summary>An extension of a msgpack file: its type, and where its content lies.</summary>
readonly record struct MsgPackExtension(sbyte Type, long Offset, long Length);

/// <summary>
/// Reads one msgpack value (github.com/msgpack/msgpack, spec.md) in a window of a mapped file. Bytes and extensions are
/// told by their place, which may lie beyond 2 GiB, and never copied; counts are held against the bytes that are left.
/// </summary>
sealed class MsgPackReader(MappedFile file, long start, long length)
{
    const int MaxDepth = 64;
    const int MaxValues = 1 << 18;

    readonly long end = start + length;
    long position = start;
    int values;

    /// <summary>
    /// The value that the window consists of: PyDict with texts as keys, List, string, long (ulong beyond it), double,
    /// bool, null, MsgPackBytes or MsgPackExtension.
    /// </summary>
    public object? Read()
    {
        var value = Value(0);
        return position == end ? value : throw Fault($"{end - position} bytes follow the end of the msgpack value");
    }

    object? Value(int depth)
    {
        if (++values > MaxValues)
            throw Fault($"there are more than {MaxValues} values");
        var code = Take(1)[0];
        return code switch
        {
            < 0x80 => (long)code,
            < 0x90 => Map((ulong)code & 15, depth),
            < 0xa0 => List((ulong)code & 15, depth),
            < 0xc0 => Text((ulong)code & 31),
            0xc0 => null,
            0xc1 => throw Fault("0xc1 is no msgpack code"),
            0xc2 or 0xc3 => code == 0xc3,
            <= 0xc6 => Bytes(Unsigned(code - 0xc4)),
            <= 0xc9 => Extension(Unsigned(code - 0xc7)),
            0xca => (double)BinaryPrimitives.ReadSingleBigEndian(Take(4)),
            0xcb => BinaryPrimitives.ReadDoubleBigEndian(Take(8)),
            <= 0xcf => Unsigned(code - 0xcc) is var number && number <= long.MaxValue ? (object)(long)number : number,
            <= 0xd3 => Signed(code - 0xd0),
            <= 0xd8 => Extension(1ul << code - 0xd4),
            <= 0xdb => Text(Unsigned(code - 0xd9)),
            <= 0xdd => List(Unsigned(code - 0xdb), depth),
            <= 0xdf => Map(Unsigned(code - 0xdd), depth),
            _ => (long)(sbyte)code,
        };
    }

    PyDict Map(ulong count, int depth)
    {
        Check(count, leastBytes: 2, depth);
        var map = new PyDict();
        for (; count > 0; count--)
        {
            var key = Value(depth + 1) as string ?? throw Fault("a map has a key that is no text");
            if (!map.TryAdd(key, Value(depth + 1)))
                throw Fault($"a map has two keys \"{key}\"");
        }
        return map;
    }

    List<object?> List(ulong count, int depth)
    {
        Check(count, leastBytes: 1, depth);
        var list = new List<object?>();
        for (; count > 0; count--)
            list.Add(Value(depth + 1));
        return list;
    }

    void Check(ulong count, ulong leastBytes, int depth)
    {
        if (depth >= MaxDepth)
            throw Fault($"values are nested deeper than {MaxDepth}");
        if (count > (ulong)(end - position) / leastBytes)
            throw Fault($"{count} items are announced, {end - position} bytes are left");
    }

    string Text(ulong count) => ByteCursor.Decode(Take(count), Fault);

    MsgPackBytes Bytes(ulong count) => new(Skip(count), (long)count);

    MsgPackExtension Extension(ulong count)
    {
        var type = (sbyte)Take(1)[0];
        return new MsgPackExtension(type, Skip(count), (long)count);
    }

    /// <summary>A big-endian number of 1, 2, 4 or 8 bytes, for powers 0 to 3.</summary>
    ulong Unsigned(int power)
    {
        var number = 0ul;
        foreach (var part in Take(1ul << power))
            number = number << 8 | part;
        return number;
    }

    long Signed(int power)
    {
        var unused = 64 - (8 << power);
        return (long)(Unsigned(power) << unused) >> unused;
    }

    ReadOnlySpan<byte> Take(ulong count)
    {
        var at = Skip(count);
        return file.Slice(at, (long)count).Span;
    }

    long Skip(ulong count)
    {
        if (count > (ulong)(end - position))
            throw Fault($"{count} bytes are announced, {end - position} are left");
        position += (long)count;
        return position - (long)count;
    }

    UserException Fault(string flaw) => file.Fault($"{flaw} (byte {position})");
}
