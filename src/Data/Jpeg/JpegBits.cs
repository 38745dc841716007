using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace OnnxTimm.Data;

/// <summary>
/// The coded data of a scan as bits, the next one at the top of a number. Who decodes keeps the number and its count in
/// registers and hands them in for more. Beyond the end of the data come zeros; <see cref="IsIntact"/> tells.
/// </summary>
ref struct JpegBits(ReadOnlySpan<byte> data)
{
    /// <summary>Bits that are ready after <see cref="Refill"/>, at least.</summary>
    public const int Enough = 32;

    readonly ReadOnlySpan<byte> data = data;
    int at;
    int invented;

    /// <summary>False once bits were taken that the file does not have; <paramref name="count"/> are left.</summary>
    public readonly bool IsIntact(int count) => count >= invented;

    /// <summary>Adds bits below the <paramref name="count"/> that are there, more than <see cref="Enough"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public (ulong Bits, int Count) Refill(ulong bits, int count)
    {
        if (at + sizeof(uint) <= data.Length)
        {
            var next = BinaryPrimitives.ReadUInt32BigEndian(data[at..]);
            // Zero where no byte is 0xFF, which may begin a marker.
            if (((~next - 0x01010101) & next & 0x80808080) == 0)
            {
                at += sizeof(uint);
                return (bits | ((ulong)next << (32 - count)), count + 32);
            }
        }
        return RefillByBytes(bits, count);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    (ulong Bits, int Count) RefillByBytes(ulong bits, int count)
    {
        for (; count <= 56; count += 8)
            bits |= (ulong)NextByte() << (56 - count);
        return (bits, count);
    }

    /// <summary>Whether nothing but a marker comes next; <paramref name="count"/> bits are left.</summary>
    public readonly bool IsAtMarker(int marker, int count) => IsIntact(count) && count - invented < 8
        && at + 1 < data.Length && data[at] == 0xFF && data[at + 1] == marker;

    /// <summary>Goes over a marker.</summary>
    public void SkipMarker() => (at, invented) = (at + 2, 0);

    byte NextByte()
    {
        var value = at < data.Length ? data[at] : (byte)0xFF;
        if (value == 0xFF && (at + 1 >= data.Length || data[at + 1] != 0))
        {
            invented += 8;
            return 0;
        }
        at += value == 0xFF ? 2 : 1;
        return value;
    }
}
