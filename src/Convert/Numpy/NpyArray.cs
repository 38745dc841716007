using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace OnnxTimm.Conversion;

/// <summary>The bytes of one .npy array: a file's, or an archive entry's.</summary>
/// <param name="File">The file that it lies in.</param>
/// <param name="Name">The array's name.</param>
/// <param name="Offset">Where it begins in the file; 0 where it is unpacked.</param>
/// <param name="Size">Its bytes with the header, as they are announced.</param>
/// <param name="Open">Gives the bytes from the first, as far as they are read.</param>
/// <param name="Content">Gives all bytes, mapped or unpacked at the call.</param>
sealed record NpyArray(
    MappedFile File, string Name, long Offset, long Size, Func<Stream> Open, Func<ReadOnlyMemory<byte>> Content)
{
    /// <summary>Reads the header; the elements are read when they are asked for.</summary>
    public Tensor Tensor()
    {
        using var stream = Open();
        var header = NpyHeader.Read(stream, Fault);
        var (claimed, left) = (FileWindow.SizeOf(header.Type, header.Shape), Size - header.Length);
        if (claimed != left)
            throw Fault($"is {header.Type} [{string.Join(", ", header.Shape)}] by its header, which needs {claimed} "
                + $"bytes; {left} are there");
        var layout = Strided.Whole(header.Type.Bits() / 8, header.Shape, header.Fortran);
        return new Tensor(header.Type, header.Shape, () => Elements(header, layout));
    }

    /// <summary>
    /// The bytes as they lie where they are little-endian, in C order and aligned (see <see cref="FileWindow"/>), else
    /// a copy.
    /// </summary>
    ReadOnlyMemory<byte> Elements(NpyHeader header, Strided layout)
    {
        var data = Content()[header.Length..];
        if (layout.Empty)
            return default;
        var ordered = layout.Contiguous ? data : layout.Gather(data.Span);
        return header.Swapped ? Reversed(ordered.Span, layout.Element)
            : layout.Contiguous && (Offset + header.Length) % layout.Element != 0 ? Copies.Of(ordered.Span)
            : ordered;
    }

    static byte[] Reversed(ReadOnlySpan<byte> from, int element)
    {
        var to = Copies.New(from.Length);
        if (element == 2)
            BinaryPrimitives.ReverseEndianness(As<ushort>(from), MemoryMarshal.Cast<byte, ushort>(to.AsSpan()));
        else if (element == 4)
            BinaryPrimitives.ReverseEndianness(As<uint>(from), MemoryMarshal.Cast<byte, uint>(to.AsSpan()));
        else
            BinaryPrimitives.ReverseEndianness(As<ulong>(from), MemoryMarshal.Cast<byte, ulong>(to.AsSpan()));
        return to;
    }

    static ReadOnlySpan<T> As<T>(ReadOnlySpan<byte> bytes) where T : unmanaged => MemoryMarshal.Cast<byte, T>(bytes);

    UserException Fault(string flaw) => File.Fault($"the array \"{Name}\" {flaw}");
}
