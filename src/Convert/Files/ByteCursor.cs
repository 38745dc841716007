using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace OnnxTimm.Conversion;

/// <summary>Reads primitive pieces of a file in sequence; every length is held against what is really there.</summary>
/// <param name="file">For messages.</param>
/// <param name="part">What <paramref name="data"/> is of the file, for messages.</param>
/// <param name="data">The bytes.</param>
sealed class ByteCursor(MappedFile file, string part, ReadOnlyMemory<byte> data)
{
    const int MaxIntegerBytes = 256;
    const int MaxLine = 1024;

    static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    public int Position { get; private set; }

    public int Length => data.Length;

    public bool AtEnd => Position == data.Length;

    public UserException Fault(string flaw) => file.Fault($"{flaw} (byte {Position} of its {part})");

    public ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)(data.Length - Position))
            throw Fault($"{count} bytes are announced, {data.Length - Position} are left");
        var taken = data.Span.Slice(Position, (int)count);
        Position += (int)count;
        return taken;
    }

    public byte Byte() => Take(1)[0];

    public ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    public double Double() => BinaryPrimitives.ReadDoubleBigEndian(Take(8));

    /// <summary>A two's complement integer of any length: long where it fits, else BigInteger.</summary>
    public object Integer(ulong bytes)
    {
        if (bytes > MaxIntegerBytes)
            throw Fault($"an integer of {bytes} bytes");
        var value = new BigInteger(Take(bytes));
        return value >= long.MinValue && value <= long.MaxValue ? (object)(long)value : value;
    }

    public string Text(ulong bytes) => Decode(Take(bytes), Fault);

    /// <summary>A string of Python 2, which is a text or bytes: a text where it is valid UTF-8.</summary>
    public object TextOrBytes(ulong bytes)
    {
        var taken = Take(bytes);
        return System.Text.Unicode.Utf8.IsValid(taken) ? Encoding.UTF8.GetString(taken) : taken.ToArray();
    }

    /// <summary>Strict UTF-8: a flaw in a name is told, never replaced.</summary>
    public static string Decode(ReadOnlySpan<byte> bytes, Func<string, UserException> fault)
    {
        try
        {
            return Utf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw fault("a text is no valid UTF-8");
        }
    }

    /// <summary>Text up to a line break, as GLOBAL has it.</summary>
    public string Line()
    {
        var rest = data.Span[Position..];
        var length = rest[..Math.Min(rest.Length, MaxLine)].IndexOf((byte)'\n');
        if (length < 0)
            throw Fault("a name has no end");
        var line = Text((ulong)length);
        Position++;
        return line;
    }
}
