using System.Buffers.Binary;
using System.Numerics;

namespace OnnxTimm.Train.TensorBoard;

/// <summary>
/// Records of TensorFlow's files: the length as 8 bytes, its checksum, the content, its checksum; a checksum is a
/// CRC-32C that is turned and shifted, so that one over content with checksums says something too
/// (tensorflow/core/lib/io/record_writer.h).
/// </summary>
static class TfRecord
{
    const uint Shift = 0xa282ead8;

    public static void Write(Stream to, ReadOnlySpan<byte> content)
    {
        Span<byte> head = stackalloc byte[12];
        BinaryPrimitives.WriteUInt64LittleEndian(head, (ulong)content.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(head[8..], Checksum(head[..8]));
        Span<byte> tail = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(tail, Checksum(content));
        to.Write(head);
        to.Write(content);
        to.Write(tail);
    }

    static uint Checksum(ReadOnlySpan<byte> content) => BitOperations.RotateRight(Crc32C(content), 15) + Shift;

    /// <summary>CRC-32C (RFC 3720).</summary>
    internal static uint Crc32C(ReadOnlySpan<byte> content)
    {
        var crc = uint.MaxValue;
        for (; content.Length >= sizeof(ulong); content = content[sizeof(ulong)..])
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(content));
        foreach (var b in content)
            crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }
}
