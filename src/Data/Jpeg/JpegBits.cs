using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace OnnxTimm.Data;

/// <summary>
/// The coded data of a scan as bits, the next one at the top of a number. Who decodes keeps the number and its count in
/// registers and hands them in for more. Before a marker come zeros; <see cref="IsExhausted"/> tells.
/// </summary>
ref struct JpegBits(ReadOnlySpan<byte> file, int start)
{
    /// <summary>Bits that are ready after <see cref="Refill"/>, at least.</summary>
    public const int Enough = 32;

    const int FirstRestart = 0xD0, LastRestart = 0xD7, FirstFrame = 0xC0;

    readonly ReadOnlySpan<byte> file = file;
    int invented;

    /// <summary>Where the next byte is taken from.</summary>
    public int At { get; private set; } = start;

    /// <summary>
    /// Whether bits were taken that do not stand before the next marker; <paramref name="count"/> are left.
    /// </summary>
    /// <exception cref="EndOfStreamException">There is no next marker: the file is cut short.</exception>
    public readonly bool IsExhausted(int count) => count < invented && FindMarker(file, At) >= 0;

    /// <summary>Where the next marker is.</summary>
    /// <exception cref="EndOfStreamException">There is none.</exception>
    public static int FindMarker(ReadOnlySpan<byte> file, int at)
    {
        for (; at + 1 < file.Length; at++)
        {
            var next = file[at..^1].IndexOf((byte)0xFF);
            if (next < 0)
                break;
            at += next;
            if (file[at + 1] is not (0 or 0xFF))
                return at;
        }
        throw new EndOfStreamException("its image data end too early");
    }

    /// <summary>Adds bits below the <paramref name="count"/> that are there, more than <see cref="Enough"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public (ulong Bits, int Count) Refill(ulong bits, int count)
    {
        if (At + sizeof(uint) <= file.Length)
        {
            var next = BinaryPrimitives.ReadUInt32BigEndian(file[At..]);
            // Zero where no byte is 0xFF, which may begin a marker.
            if (((~next - 0x01010101) & next & 0x80808080) == 0)
            {
                At += sizeof(uint);
                return (bits | ((ulong)next << (32 - count)), count + 32);
            }
        }
        return RefillByBytes(bits, count);
    }

    /// <summary>
    /// Goes over the restart marker of a number from 0 to 7. Where another stands there, the decision is libjpeg's: one
    /// that is due soon stays (false, and the data until then are missing), one that is late is gone over.
    /// </summary>
    /// <exception cref="EndOfStreamException">No marker follows.</exception>
    public bool TryRestart(int number)
    {
        for (invented = 0; ; At += 2)
        {
            At = FindMarker(file, At);
            int marker = file[At + 1];
            if (marker is < FirstRestart or > LastRestart)
            {
                if (marker >= FirstFrame)
                    return false;
                continue;
            }
            var late = (number - marker) & 7;
            if (late is 1 or 2)
                continue;
            if (late is 6 or 7)
                return false;
            At += 2;
            return true;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    (ulong Bits, int Count) RefillByBytes(ulong bits, int count)
    {
        for (; count <= 56; count += 8)
            bits |= (ulong)NextByte() << (56 - count);
        return (bits, count);
    }

    byte NextByte()
    {
        for (var at = At; at < file.Length; at++)
        {
            if (file[at] != 0xFF)
            {
                if (at > At && file[at] != 0)
                    break;
                // A zero takes the meaning from the bytes 0xFF before it.
                var value = at > At ? (byte)0xFF : file[at];
                At = at + 1;
                return value;
            }
        }
        invented += 8;
        return 0;
    }
}
