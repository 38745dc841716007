using System.Buffers.Binary;

namespace OnnxTimm.Conversion;

/// <summary>The end of a zip archive, which tells where its directory lies, and the 64-bit extensions.</summary>
static class ZipEnd
{
    const int EndLength = 22;
    const int MaxComment = ushort.MaxValue;
    const int LocatorLength = 20;
    const int End64Length = 56;
    const ushort Zip64Extra = 1;

    /// <summary>The bytes of the central directory.</summary>
    public static ReadOnlyMemory<byte> Directory(MappedFile file)
    {
        var tailStart = Math.Max(0, file.Length - EndLength - MaxComment);
        var tail = file.Slice(tailStart, file.Length - tailStart).Span;
        var at = tail[..Math.Max(0, tail.Length - EndLength + 4)].LastIndexOf("PK\x5\x6"u8);
        if (at < 0)
            throw file.Fault("its zip archive has no directory: it was cut short");
        var (size, offset) = (UInt32(tail, at + 12), UInt32(tail, at + 16));
        return (size == uint.MaxValue || offset == uint.MaxValue) && at >= LocatorLength
            ? Directory64(file, tail.Slice(at - LocatorLength, LocatorLength))
            : file.Slice(offset, size);
    }

    /// <summary>Replaces the sizes that do not fit 32 bits by those of the zip64 field.</summary>
    public static void Widen(ReadOnlySpan<byte> extra, ref long size, ref long packed, ref long header)
    {
        while (extra.Length >= 4)
        {
            var (id, length) = (UInt16(extra, 0), UInt16(extra, 2));
            var field = extra[4..Math.Min(4 + length, extra.Length)];
            if (id == Zip64Extra)
            {
                Widen(ref field, ref size);
                Widen(ref field, ref packed);
                Widen(ref field, ref header);
                return;
            }
            extra = extra[Math.Min(4 + length, extra.Length)..];
        }
    }

    static void Widen(ref ReadOnlySpan<byte> field, ref long value)
    {
        if (value != uint.MaxValue || field.Length < 8)
            return;
        value = BinaryPrimitives.ReadInt64LittleEndian(field);
        field = field[8..];
    }

    static ReadOnlyMemory<byte> Directory64(MappedFile file, ReadOnlySpan<byte> locator)
    {
        if (!locator.StartsWith("PK\x6\x7"u8))
            throw file.Fault("its zip archive has no zip64 locator");
        var end = file.Slice(BinaryPrimitives.ReadInt64LittleEndian(locator[8..]), End64Length).Span;
        return end.StartsWith("PK\x6\x6"u8)
            ? file.Slice(
                BinaryPrimitives.ReadInt64LittleEndian(end[48..]), BinaryPrimitives.ReadInt64LittleEndian(end[40..]))
            : throw file.Fault("its zip archive has no zip64 end");
    }

    static ushort UInt16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    static uint UInt32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);
}
