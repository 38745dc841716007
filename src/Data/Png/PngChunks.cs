using System.Buffers.Binary;

namespace OnnxTimm.Data;

/// <summary>The chunks of a PNG file one after the other (PNG specification, ISO/IEC 15948, section 5).</summary>
ref struct PngChunks(ReadOnlySpan<byte> file)
{
    /// <summary>Bytes before and after the body of a chunk: length and name, then the checksum.</summary>
    public const int Head = 8, Tail = 4;

    readonly ReadOnlySpan<byte> file = file;
    int next = Signature.Length;

    static ReadOnlySpan<byte> Signature => [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Where the chunk begins in the file.</summary>
    public int At { get; private set; }

    public readonly ReadOnlySpan<byte> Name => file.Slice(At + 4, 4);

    /// <summary>What the chunk holds, as far as the file goes.</summary>
    public readonly ReadOnlySpan<byte> Body => file[(At + Head)..Math.Min(End, file.Length)];

    /// <summary>Whether the chunk is there to its last byte.</summary>
    public readonly bool IsWhole => At + Head + BinaryPrimitives.ReadUInt32BigEndian(file[At..]) + Tail <= file.Length;

    /// <summary>The checksum that the file gives for name and body, of a chunk that is whole.</summary>
    public readonly uint Checksum => BinaryPrimitives.ReadUInt32BigEndian(file[End..]);

    /// <summary>Where the body ends; one beyond the file for a chunk that claims more than there is.</summary>
    readonly int End =>
        (int)Math.Min(At + Head + (long)BinaryPrimitives.ReadUInt32BigEndian(file[At..]), file.Length + 1L);

    public static bool Is(ReadOnlySpan<byte> file) => file.StartsWith(Signature);

    /// <summary>Goes to the next chunk; false at the end of the file.</summary>
    public bool Next()
    {
        if (next > file.Length - Head)
            return false;
        At = next;
        next = Math.Min(End, file.Length) + Tail;
        return true;
    }
}
