using System.Numerics;
using System.Runtime.InteropServices;

namespace OnnxTimm.Data;

/// <summary>
/// How libjpeg-turbo makes a component as large as the image: by a triangle filter where a side is doubled, by repeated
/// values otherwise, and where there are too few to filter.
/// </summary>
/// <param name="width">Values of a row.</param>
/// <param name="wide">Pixels for each value across.</param>
/// <param name="high">Pixels for each value down.</param>
readonly struct JpegUpsampling(int width, int wide, int high)
{
    readonly bool isFiltered = (wide, high) is (1, 2) || (wide, high) is (2, 1 or 2) && width > 2;

    /// <summary>Whether a row is used as it is.</summary>
    public bool IsNone => (wide, high) is (1, 1);

    /// <summary>Makes a row of the image.</summary>
    /// <param name="near">The row of values that the pixels lie in.</param>
    /// <param name="far">The next row on their side.</param>
    /// <param name="row">Which of the rows of pixels of a row of values.</param>
    /// <param name="sums">Scratch: two more than the values, and a vector.</param>
    /// <param name="target">As many values as pixels, and a vector.</param>
    public void Apply(ReadOnlySpan<byte> near, ReadOnlySpan<byte> far, int row, Span<ushort> sums, Span<byte> target)
    {
        switch (isFiltered, wide, high)
        {
            case (true, 1, _): Blend(near, far, row == 0 ? 1 : 2, target); break;
            case (true, _, 1): Double(near, sums, target); break;
            case (true, _, _): Double(near, far, sums, target); break;
            default: Repeat(near, wide, target); break;
        }
    }

    static void Repeat(ReadOnlySpan<byte> row, int times, Span<byte> target)
    {
        for (var i = 0; i < row.Length; i++)
            target.Slice(i * times, times).Fill(row[i]);
    }

    /// <summary>Three parts of one row and one of another (libjpeg-turbo's h1v2).</summary>
    static void Blend(ReadOnlySpan<byte> near, ReadOnlySpan<byte> far, int round, Span<byte> target)
    {
        for (var i = 0; i < near.Length; i++)
            target[i] = (byte)((3 * near[i] + far[i] + round) >> 2);
    }

    /// <summary>Doubles a row, three parts of one value and one of the next (libjpeg's h2v1).</summary>
    static void Double(ReadOnlySpan<byte> row, Span<ushort> sums, Span<byte> target)
    {
        for (var i = 0; i < row.Length; i++)
            sums[i + 1] = row[i];
        Spread(row.Length, sums, target, shift: 2, roundLeft: 1, roundRight: 2);
    }

    /// <summary>Doubles a row, made of three parts of one row and one of another (libjpeg's h2v2).</summary>
    static void Double(ReadOnlySpan<byte> near, ReadOnlySpan<byte> far, Span<ushort> sums, Span<byte> target)
    {
        for (var i = 0; i < near.Length; i++)
            sums[i + 1] = (ushort)(3 * near[i] + far[i]);
        Spread(near.Length, sums, target, shift: 4, roundLeft: 8, roundRight: 7);
    }

    static void Spread(int width, Span<ushort> sums, Span<byte> target, int shift, ushort roundLeft, ushort roundRight)
    {
        (sums[0], sums[width + 1]) = (sums[1], sums[width]);
        var pairs = MemoryMarshal.Cast<byte, ushort>(target);
        for (var i = 0; i < width; i += Vector<ushort>.Count)
        {
            var three = Vector.Create<ushort>(sums[(i + 1)..]) * 3;
            var left = three + Vector.Create<ushort>(sums[i..]) + new Vector<ushort>(roundLeft);
            var right = three + Vector.Create<ushort>(sums[(i + 2)..]) + new Vector<ushort>(roundRight);
            (left, right) = (Vector.ShiftRightLogical(left, shift), Vector.ShiftRightLogical(right, shift));
            (left | Vector.ShiftLeft(right, 8)).CopyTo(pairs[i..]);
        }
    }
}
