using System.Buffers.Binary;
using System.Text;

namespace OnnxTimm.Conversion;

/// <summary>
/// A table of a flatbuffer (flatbuffers.dev/internals): it begins with the distance back to its vtable, which tells
/// where each field lies in it; texts, vectors and tables lie at a distance from their field. A distance is held
/// against the file before it is followed, as is every length before anything is made of it.
/// </summary>
sealed class FlatTable
{
    static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    readonly MappedFile file;
    readonly string name;
    readonly long start, vtable;
    readonly int vtableBytes, tableBytes;

    FlatTable(MappedFile file, string name, long start)
    {
        (this.file, this.name, this.start) = (file, name, start);
        vtable = start - BinaryPrimitives.ReadInt32LittleEndian(Piece(start, 4, 4));
        (vtableBytes, tableBytes) = (UInt16(vtable), UInt16(vtable + 2));
        if (vtableBytes < 4 || vtableBytes % 2 != 0 || tableBytes < 4)
            throw Fault($"its vtable at byte {vtable} has {vtableBytes} bytes and gives it {tableBytes}");
        Piece(vtable, vtableBytes, 2);
        Piece(start, tableBytes, 4);
    }

    /// <summary>The root of a file that begins with its distance and an identifier of four bytes.</summary>
    public static FlatTable Root(MappedFile file, string name) =>
        new(file, name, BinaryPrimitives.ReadUInt32LittleEndian(file.Slice(0, 4).Span));

    public UserException Fault(string flaw) => file.Fault($"the table {name} at byte {start}: {flaw}");

    public bool Has(int slot) => Field(slot, 1) is not null;

    public int Int32(int slot) =>
        Field(slot, 4) is { } at ? BinaryPrimitives.ReadInt32LittleEndian(Piece(at, 4, 4)) : 0;

    public long Int64(int slot, long otherwise = 0) =>
        Field(slot, 8) is { } at ? BinaryPrimitives.ReadInt64LittleEndian(Piece(at, 8, 8)) : otherwise;

    public float Float(int slot) =>
        Field(slot, 4) is { } at ? BinaryPrimitives.ReadSingleLittleEndian(Piece(at, 4, 4)) : 0;

    public bool Bool(int slot) => Field(slot, 1) is { } at && Piece(at, 1, 1)[0] != 0;

    /// <summary>A table that must be there.</summary>
    public FlatTable Table(int slot, string title) => Field(slot, 4) is { } at
        ? new(file, title, Follow(at))
        : throw Fault($"it has no {title}");

    /// <summary>A vector of tables, each looked at when its turn comes; null where it is absent.</summary>
    public IEnumerable<FlatTable>? Tables(int slot, string title)
    {
        return Vector(slot, 4) is var (first, count) ? Each(first, count) : null;

        IEnumerable<FlatTable> Each(long first, long count)
        {
            for (var i = 0L; i < count; i++)
                yield return new(file, title, Follow(first + 4 * i));
        }
    }

    public long[]? Longs(int slot)
    {
        if (Vector(slot, 8) is not var (first, count))
            return null;
        var values = new long[count];
        for (var i = 0; i < values.Length; i++)
            values[i] = BinaryPrimitives.ReadInt64LittleEndian(Piece(first + 8L * i, 8, 8));
        return values;
    }

    /// <summary>Where a vector of bytes lies, and how many.</summary>
    public (long Start, long Count)? Bytes(int slot) => Vector(slot, 1);

    /// <summary>A text that must be there and not empty.</summary>
    public string Name(int slot) => Text(slot) is { Length: > 0 } text ? text : throw Fault("it has no name");

    public string? Text(int slot)
    {
        if (Vector(slot, 1) is not var (first, count))
            return null;
        try
        {
            return Piece(first + count, 1, 1)[0] == 0 ? Utf8.GetString(Piece(first, count, 1))
                : throw Fault($"the text at byte {first} has no end");
        }
        catch (DecoderFallbackException)
        {
            throw Fault($"the text at byte {first} is no valid UTF-8");
        }
    }

    (long Start, long Count)? Vector(int slot, int element)
    {
        if (Field(slot, 4) is not { } at)
            return null;
        var place = Follow(at);
        var count = BinaryPrimitives.ReadUInt32LittleEndian(Piece(place, 4, 4));
        if (count * (long)element > file.Length - place - 4)
            throw Fault($"the vector at byte {place} announces {count} elements, {file.Length - place - 4} bytes are "
                + "left");
        return (place + 4, count);
    }

    /// <summary>Where a field lies; null where the table leaves it out.</summary>
    long? Field(int slot, int bytes)
    {
        var entry = 4 + 2 * slot;
        var offset = entry + 2 > vtableBytes ? 0 : UInt16(vtable + entry);
        return offset == 0 ? null
            : offset >= 4 && offset + bytes <= tableBytes ? start + offset
            : throw Fault($"its field {slot} lies at {offset} of its {tableBytes} bytes");
    }

    long Follow(long at) => at + BinaryPrimitives.ReadUInt32LittleEndian(Piece(at, 4, 4));

    int UInt16(long at) => BinaryPrimitives.ReadUInt16LittleEndian(Piece(at, 2, 2));

    /// <summary>Bytes of the file; numbers lie at multiples of their size.</summary>
    ReadOnlySpan<byte> Piece(long at, long bytes, int align) =>
        at < 0 || at > file.Length - bytes ? throw Fault($"it leads to byte {at}, the file has {file.Length}")
        : at % align != 0 ? throw Fault($"it leads to byte {at}, which is no multiple of {align}")
        : file.Slice(at, bytes).Span;
}
