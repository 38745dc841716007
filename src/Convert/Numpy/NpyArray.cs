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
        File.Claim(claimed);
        var layout = ForeignLayout.Whole(header.Type.Bits() / 8, header.Shape, header.Fortran).Layout;
        return claimed == 0 ? new Tensor(header.Type, header.Shape, () => default)
            : OnnxTimm.Tensor.View(header.Type, layout, () => Elements(header));
    }

    /// <summary>The elements in the file's order, little-endian.</summary>
    ReadOnlyMemory<byte> Elements(NpyHeader header)
    {
        var data = Content()[header.Length..];
        return header.Swapped ? Reversed(data.Span, header.Type.Bits() / 8) : data;
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
