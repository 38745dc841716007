using System.Runtime.InteropServices;

namespace OnnxTimm.Passes;

/// <summary>
/// A tensor seen through strides: element [i, j, ...] is at offset + i * strides[0] + j * strides[1] + ... What
/// Transpose, Slice, Split and Expand give is such a view.
/// </summary>
/// <param name="Data">The tensor.</param>
/// <param name="Offset">Index of the first element.</param>
/// <param name="Sizes">Sizes of the view.</param>
/// <param name="Strides">Steps in elements of the tensor.</param>
sealed record StridedView(Tensor Data, long Offset, long[] Sizes, long[] Strides)
{
    public static StridedView Transposed(Node n)
    {
        var strides = StridedCopy.RowMajor(n[0].Shape.Sizes);
        var perm = n.Ints("perm") ?? [.. Enumerable.Range(0, strides.Length).Reverse().Select(i => (long)i)];
        return new(n[0].Data!, 0, n.Out.Shape.Sizes, [.. perm.Select(axis => strides[axis])]);
    }

    public static StridedView Sliced(Node n)
    {
        var (sizes, strides, offset) = (n[0].Shape.Sizes, StridedCopy.RowMajor(n[0].Shape.Sizes), 0L);
        var starts = n.ConstInts(1) ?? n.Ints("starts")!;
        var axes = n.ConstInts(3) ?? n.Ints("axes") ?? [.. Enumerable.Range(0, starts.Length).Select(i => (long)i)];
        var steps = n.ConstInts(4) ?? [.. Enumerable.Repeat(1L, starts.Length)];
        for (var i = 0; i < axes.Length; i++)
        {
            var axis = n[0].Shape.Axis(axes[i]);
            offset += ShapeRules.SliceBound(sizes[axis], starts[i], steps[i]) * strides[axis];
            strides[axis] *= steps[i];
        }
        return new(n[0].Data!, offset, n.Out.Shape.Sizes, strides);
    }

    /// <summary>One output of a Split.</summary>
    public static StridedView Part(Node n, int output)
    {
        var (axis, strides) = (n[0].Shape.Axis(n.Int("axis")), StridedCopy.RowMajor(n[0].Shape.Sizes));
        var before = n.Outs.Take(output).Sum(y => y.Shape[axis].Size);
        return new(n[0].Data!, before * strides[axis], n.Outs[output].Shape.Sizes, strides);
    }

    /// <summary>A value repeated along its axes of size 1 and along new ones before them.</summary>
    public static StridedView Broadcast(Value x, Shape to)
    {
        var (sizes, strides) = (x.Shape.Sizes, StridedCopy.RowMajor(x.Shape.Sizes));
        var added = to.Rank - sizes.Length;
        return new(x.Data!, 0, to.Sizes,
            [.. Enumerable.Range(0, to.Rank).Select(i => i < added || sizes[i - added] == 1 ? 0 : strides[i - added])]);
    }

    /// <summary>The view's elements as a tensor of their own.</summary>
    public ReadOnlyMemory<byte> Copy() => Data.Type.Bits() switch
    {
        8 => Copy<byte>(),
        16 => Copy<ushort>(),
        32 => Copy<uint>(),
        64 => Copy<ulong>(),
        _ => throw new UserException($"A tensor of {Data.Type} cannot be rearranged."),
    };

    ReadOnlyMemory<byte> Copy<T>() where T : unmanaged
    {
        var from = MemoryMarshal.Cast<byte, T>(Data.Bytes.Span);
        var to = new T[Sizes.Aggregate(1L, (product, d) => product * d)];
        if (to.Length > 0)
            StridedCopy.Gather(from, Offset, to, Sizes, Strides);
        return new CastMemory<T>(to).Memory;
    }

    /// <summary>Where each row along the last axis begins, in C order.</summary>
    public IEnumerable<long> Rows() => Sizes.Contains(0) ? []
        : StridedCopy.Starts(Sizes.Length == 0 ? [] : Sizes[..^1], Strides).Select(start => Offset + start);
}
