using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace OnnxTimm.Data;

/// <summary>What is in the 512 bytes before a member of a tar archive (POSIX ustar, GNU, V7).</summary>
/// <param name="bytes">The header.</param>
readonly ref struct TarHeader(ReadOnlySpan<byte> bytes)
{
    public const int Size = 512;

    readonly ReadOnlySpan<byte> bytes = bytes;

    /// <summary>'0' for a file, 'x' for pax records, 'L' for a long name, 'S' for a sparse file ...</summary>
    public char Type => (char)bytes[156];

    /// <summary>Bytes of its content; -1 where they are no number.</summary>
    public long Length => Number(bytes.Slice(124, 12));

    /// <summary>Whether blocks of a sparse file's map stand before its content.</summary>
    public bool IsExtended => bytes[482] != 0;

    public string Name
    {
        get
        {
            var isPosix = bytes.Slice(257, 6).SequenceEqual("ustar\0"u8);
            var (prefix, name) = (ToZero(bytes.Slice(345, 155)).ToArray(), ToZero(bytes[..100]).ToArray());
            return Text(isPosix && prefix.Length > 0 ? [.. prefix, (byte)'/', .. name] : name);
        }
    }

    /// <summary>Whether the sum that every header carries is right.</summary>
    public bool HasChecksum
    {
        get
        {
            var sum = 8 * ' ';
            for (var i = 0; i < Size; i++)
                sum += i is >= 148 and < 156 ? 0 : bytes[i];
            return Number(bytes.Slice(148, 8)) == sum;
        }
    }

    /// <summary>
    /// A member's path without steps that lead nowhere ("./", "//"). Bytes that are not UTF-8 are written as
    /// <c>\xE9</c>, so that different names stay different.
    /// </summary>
    public static string Text(ReadOnlySpan<byte> name)
    {
        name = ToZero(name);
        var text = Utf8.IsValid(name) ? Encoding.UTF8.GetString(name) : Escaped(name);
        return string.Join('/', text.Split('/').Where(step => step is not ("" or ".")));
    }

    static ReadOnlySpan<byte> ToZero(ReadOnlySpan<byte> field) =>
        field.IndexOf((byte)0) is >= 0 and var end ? field[..end] : field;

    static string Escaped(ReadOnlySpan<byte> name)
    {
        var text = new StringBuilder();
        for (int length; !name.IsEmpty; name = name[length..])
            if (Rune.DecodeFromUtf8(name, out var rune, out length) == System.Buffers.OperationStatus.Done)
                text.Append(rune.ToString());
            else
                foreach (var b in name[..length])
                    text.Append($"\\x{b:X2}");
        return text.ToString();
    }

    /// <summary>Octal digits, or a binary number after a set top bit; -1 where it is neither.</summary>
    static long Number(ReadOnlySpan<byte> field)
    {
        if (field[0] == 0x80)
            return BinaryPrimitives.ReadInt64BigEndian(field[^8..]);
        var value = 0L;
        foreach (var c in field.Trim(" \0"u8))
            value = c is >= (byte)'0' and <= (byte)'7' && value >= 0 ? value * 8 + (c - '0') : -1;
        return value;
    }
}
