namespace OnnxTimm.Passes;

/// <summary>Constants put together from blocks of bytes: Concat, Gather, ConstantOfShape.</summary>
static class Blocks
{
    public static ReadOnlyMemory<byte> Concat(Node n)
    {
        var axis = n.Out.Shape.Axis(n.Int("axis"));
        var to = new byte[n.Out.Type.Bytes(n.Out.Shape.Count.Size)];
        var outer = new Shape(n.Out.Shape.Take(axis)).Count.Size;
        var (row, offset) = (to.Length / Math.Max(1, (int)outer), 0);
        foreach (var part in n.In.Select(v => v!.Data!))
        {
            var bytes = part.Bytes.Span;
            var block = (int)(part.ByteCount / Math.Max(1, outer));
            for (var i = 0; i < outer; i++)
                bytes.Slice(i * block, block).CopyTo(to.AsSpan(i * row + offset));
            offset += block;
        }
        return to;
    }

    public static ReadOnlyMemory<byte> Gather(Node n)
    {
        var axis = n[0].Shape.Axis(n.Int("axis"));
        var (outer, size) = (new Shape(n[0].Shape.Take(axis)).Count.Size, n[0].Shape[axis].Size);
        var indices = n[1].Data!.ToInts();
        var from = n[0].Data!.Bytes.Span;
        var block = (int)n[0].Type.Bytes(new Shape(n[0].Shape.Skip(axis + 1)).Count.Size);
        var to = new byte[n.Out.Type.Bytes(n.Out.Shape.Count.Size)];
        for (long o = 0, next = 0; o < outer; o++)
            foreach (var index in indices)
            {
                var i = index < 0 ? index + size : index;
                if (i < 0 || i >= size)
                    throw new UserException($"{n}: there is no index {index} along an axis of {size}.");
                from.Slice((int)((o * size + i) * block), block).CopyTo(to.AsSpan((int)next));
                next += block;
            }
        return to;
    }

    public static ReadOnlyMemory<byte> Filled(Node n)
    {
        var to = new byte[n.Out.Type.Bytes(n.Out.Shape.Count.Size)];
        if (n.Attributes.TryGetValue("value", out var v))
            for (var i = 0; i < to.Length; i += (int)((Tensor)v).ByteCount)
                ((Tensor)v).Bytes.Span.CopyTo(to.AsSpan(i));
        return to;
    }
}
