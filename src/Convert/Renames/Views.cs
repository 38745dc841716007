namespace OnnxTimm.Conversion;

/// <summary>Tensors that show another one in another order; bytes are moved when they are read.</summary>
static class Views
{
    /// <summary>Axis i of the result is axis <c>axes[i]</c> of the tensor.</summary>
    public static Tensor Permute(Tensor tensor, params int[] axes)
    {
        var strides = StridedCopy.RowMajor(tensor.Shape);
        return Strided(tensor, [.. axes.Select(a => tensor.Shape[a])], [.. axes.Select(a => strides[a])], 0);
    }

    /// <summary>The <paramref name="i"/>-th piece of a size along the last axis.</summary>
    public static Tensor Columns(Tensor tensor, int i, long size) =>
        Strided(tensor, [.. tensor.Shape[..^1], size], StridedCopy.RowMajor(tensor.Shape), i * size);

    /// <summary>What lies at a place of the first axis.</summary>
    public static Tensor Row(Tensor tensor, int i)
    {
        var bytes = (int)(tensor.ByteCount / tensor.Shape[0]);
        return new(tensor.Type, tensor.Shape[1..], () => tensor.Bytes.Slice(i * bytes, bytes));
    }

    /// <summary>Tensors behind each other along the first axis; null where types or other axes differ.</summary>
    public static Tensor? Concat(Tensor[] parts)
    {
        var first = parts[0];
        if (parts.Any(part => part.Shape.Length == 0 || part.Type != first.Type
            || !part.Shape.AsSpan(1).SequenceEqual(first.Shape.AsSpan(1))))
            return null;
        return new(first.Type, [parts.Sum(part => part.Shape[0]), .. first.Shape[1..]], () =>
        {
            var content = Copies.New(parts.Sum(part => part.ByteCount));
            var at = 0;
            foreach (var part in parts)
            {
                part.Bytes.CopyTo(content.AsMemory(at));
                at += (int)part.ByteCount;
            }
            return content;
        });
    }

    static Tensor Strided(Tensor tensor, long[] shape, long[] strides, long first)
    {
        var element = (int)tensor.Type.Bytes(1);
        var layout = new Strided(element, shape, strides);
        return new(tensor.Type, shape, () =>
        {
            var window = tensor.Bytes[(int)(first * element)..];
            return layout.Empty ? default
                : layout.Contiguous ? window[..(int)layout.ByteCount]
                : layout.Gather(window.Span);
        });
    }
}
