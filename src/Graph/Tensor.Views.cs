using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OnnxTimm;

/// <summary>Tensors that show bytes of others; they are moved when they are read, or as they are written.</summary>
public sealed partial class Tensor
{
    /// <summary>
    /// Bytes of a view that are put in order at once as it is written: they are in the second cache when the file takes
    /// them.
    /// </summary>
    const int BlockBytes = 1 << 18;

    /// <summary>The bytes that a view shows, and how; null for a tensor that is none.</summary>
    (StridedLayout Layout, Func<ReadOnlyMemory<byte>> Source)? view;

    /// <summary>Writes the content; null where it is <see cref="Bytes"/>.</summary>
    Action<Stream>? write;

    /// <summary>A tensor over bytes that lie in another order, or not aligned.</summary>
    /// <param name="type">Element type, of a byte at least.</param>
    /// <param name="layout">Where the elements lie.</param>
    /// <param name="source">Gives the bytes from the element of index 0 on, at each use.</param>
    public static Tensor View(DType type, StridedLayout layout, Func<ReadOnlyMemory<byte>> source) =>
        new(type, layout.Sizes, () => Gathered(type, layout, source()))
        {
            view = (layout, source),
            write = stream => WriteGathered(stream, type, layout, source()),
        };

    /// <summary>The same elements, or some of them, in another order; a view of a view is one view.</summary>
    public Tensor Rearrange(Func<StridedLayout, StridedLayout> change)
    {
        var (layout, source) = view ?? (StridedLayout.RowMajor(Shape), bytes);
        return View(Type, change(layout), source);
    }

    /// <summary>Axis i of the result is axis <c>axes[i]</c> of this tensor.</summary>
    public Tensor Permute(params int[] axes) => Rearrange(layout => layout.Permute(axes));

    /// <summary>Elements <c>[start, start + size)</c> along an axis.</summary>
    public Tensor Slice(int axis, long start, long size) => Rearrange(layout => layout.Slice(axis, start, size));

    /// <summary>The same content under another shape of equal size.</summary>
    public Tensor Reshape(params long[] to)
    {
        var result = view is ({ IsContiguous: true } layout, var source)
            ? View(Type, StridedLayout.RowMajor(to) with { First = layout.First }, source)
            : new Tensor(Type, to, bytes) { Strings = Strings, write = write };
        return result.Count == Count ? result : throw new ArgumentException($"{this} cannot take that shape.");
    }

    /// <summary>Tensors behind each other along the first axis; types and other axes are the same.</summary>
    public static Tensor Concat(params Tensor[] parts)
    {
        var (type, bytes) = (parts[0].Type, parts.Sum(part => part.ByteCount));
        return new(type, [parts.Sum(part => part.Shape[0]), .. parts[0].Shape[1..]], () => Joined(parts, bytes))
        {
            write = stream => Array.ForEach(parts, part => part.WriteTo(stream)),
        };
    }

    /// <summary>Writes the content, without an array for all of it where it is a view.</summary>
    public void WriteTo(Stream stream)
    {
        if (write is not null)
            write(stream);
        else if (Bytes is var content && content.Length == ByteCount)
            stream.Write(content.Span);
        else
            throw new InvalidOperationException($"{this} was made with {content.Length} bytes.");
    }

    static byte[] Joined(Tensor[] parts, long bytes)
    {
        var content = Copies.New(bytes);
        var at = 0;
        foreach (var part in parts)
        {
            part.Bytes.CopyTo(content.AsMemory(at));
            at += (int)part.ByteCount;
        }
        return content;
    }

    static ReadOnlyMemory<byte> Gathered(DType type, StridedLayout layout, ReadOnlyMemory<byte> source)
    {
        var (element, bytes) = (ElementBytes(type), type.Bytes(layout.Count));
        if (bytes == 0)
            return default;
        if (layout.IsContiguous)
        {
            var window = source.Slice((int)layout.First * element, (int)bytes);
            return IsAligned(window.Span, element) ? window : Copies.Of(window.Span);
        }
        var content = Copies.New(bytes);
        StridedCopy.Gather(element, source.Span, content, layout);
        return content;
    }

    static void WriteGathered(Stream stream, DType type, StridedLayout layout, ReadOnlyMemory<byte> source)
    {
        var (element, bytes) = (ElementBytes(type), type.Bytes(layout.Count));
        if (bytes == 0)
            return;
        if (layout.IsContiguous)
        {
            stream.Write(source.Span.Slice((int)layout.First * element, (int)bytes));
            return;
        }
        var buffer = ArrayPool<byte>.Shared.Rent(BlockBytes);
        foreach (var block in layout.Blocks(BlockBytes / element))
        {
            var part = buffer.AsSpan(0, (int)block.Count * element);
            StridedCopy.Gather(element, source.Span, part, block);
            stream.Write(part);
        }
        ArrayPool<byte>.Shared.Return(buffer);
    }

    static int ElementBytes(DType type) => type.Bits() >= 8
        ? type.Bits() / 8
        : throw new UserException($"A tensor of {type} cannot be rearranged.");

    /// <summary>Native code may assume that elements are aligned.</summary>
    static unsafe bool IsAligned(ReadOnlySpan<byte> bytes, int element) =>
        (nuint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(bytes)) % (nuint)Math.Min(element, sizeof(long)) == 0;
}
