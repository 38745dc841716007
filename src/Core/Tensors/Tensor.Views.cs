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
    (StridedLayout Layout, Func<ReadOnlyMemory<byte>> Source, Action<Action<ReadOnlyMemory<byte>>> Lend)? view;

    /// <summary>The tensors that lie behind each other in this one; null where it is not joined.</summary>
    Tensor[]? parts;

    /// <summary>A tensor over bytes that lie in another order, or not aligned.</summary>
    /// <param name="type">Element type, of a byte at least.</param>
    /// <param name="layout">Where the elements lie.</param>
    /// <param name="source">Gives the bytes from the element of index 0 on, at each use.</param>
    public static Tensor View(DType type, StridedLayout layout, Func<ReadOnlyMemory<byte>> source) =>
        Of(type, layout, source, use => use(source()));

    /// <summary>The same elements, or some of them, in another order; a view of a view is one view.</summary>
    public Tensor Rearrange(Func<StridedLayout, StridedLayout> change)
    {
        var (layout, source, lend) = view ?? (StridedLayout.RowMajor(Shape), bytes, Lend);
        return Of(Type, change(layout), source, lend);
    }

    /// <summary>Axis i of the result is axis <c>axes[i]</c> of this tensor.</summary>
    public Tensor Permute(params int[] axes) => Rearrange(layout => layout.Permute(axes));

    /// <summary>Elements <c>[start, start + size)</c> along an axis.</summary>
    public Tensor Slice(int axis, long start, long size) => Rearrange(layout => layout.Slice(axis, start, size));

    /// <summary>The same content under another shape of equal size.</summary>
    public Tensor Reshape(params long[] to)
    {
        var result = view is ({ IsContiguous: true } layout, var source, var lend)
            ? Of(Type, StridedLayout.RowMajor(to) with { First = layout.First }, source, lend)
            : new Tensor(Type, to, bytes) { Strings = Strings, parts = parts };
        return result.Count == Count ? result : throw new ArgumentException($"{this} cannot take that shape.");
    }

    /// <summary>Tensors behind each other along the first axis; types and other axes are the same.</summary>
    public static Tensor Concat(params Tensor[] parts)
    {
        var bytes = parts.Sum(part => part.ByteCount);
        return new(parts[0].Type, [parts.Sum(part => part.Shape[0]), .. parts[0].Shape[1..]], () =>
        {
            var content = Copies.New(bytes);
            Join(parts, content);
            return content;
        })
        { parts = parts };
    }

    /// <summary>Writes the content, without an array for all of it where it is a view or joined.</summary>
    public void WriteTo(Stream stream)
    {
        if (parts is not null)
            Array.ForEach(parts, part => part.WriteTo(stream));
        else if (view is ({ Count: > 0 } layout, _, var lend))
            lend(source => WriteView(stream, ElementBytes(Type), layout, source.Span));
        else if (Bytes is var content && content.Length == ByteCount)
            stream.Write(content.Span);
        else
            throw new InvalidOperationException($"{this} was made with {content.Length} bytes.");
    }

    static Tensor Of(DType type, StridedLayout layout, Func<ReadOnlyMemory<byte>> source,
        Action<Action<ReadOnlyMemory<byte>>> lend) =>
        new(type, layout.Sizes, () => Gathered(type, layout, source())) { view = (layout, source, lend) };

    /// <summary>The content for one use: what is joined for it lies in a buffer that serves again.</summary>
    void Lend(Action<ReadOnlyMemory<byte>> use)
    {
        if (parts is null)
        {
            use(Bytes);
            return;
        }
        var buffer = ArrayPool<byte>.Shared.Rent((int)ByteCount);
        var content = buffer.AsMemory(0, (int)ByteCount);
        Join(parts, content.Span);
        use(content);
        ArrayPool<byte>.Shared.Return(buffer);
    }

    static void Join(Tensor[] parts, Span<byte> to)
    {
        foreach (var part in parts)
        {
            part.CopyTo(to);
            to = to[(int)part.ByteCount..];
        }
    }

    void CopyTo(Span<byte> to)
    {
        if (view is ({ Count: > 0 } layout, var source, _))
            StridedCopy.Gather(ElementBytes(Type), source().Span, to[..(int)ByteCount], layout);
        else
            Bytes.Span.CopyTo(to);
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

    /// <summary>
    /// Also what lies in order goes through the buffer: the kernel copies from any other place far more slowly.
    /// </summary>
    static void WriteView(Stream stream, int element, StridedLayout layout, ReadOnlySpan<byte> source)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BlockBytes);
        foreach (var block in layout.Blocks(BlockBytes / element))
        {
            var part = buffer.AsSpan(0, (int)block.Count * element);
            StridedCopy.Gather(element, source, part, block);
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
