using System.Numerics;

namespace OnnxTimm.Data;

/// <summary>The order in which a JPEG has the coefficients of a block (ITU-T T.81, figure 5).</summary>
static class ZigZag
{
    static readonly byte[] Order =
    [
        0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5,
        12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
        35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,
        58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
    ];

    /// <summary>Blocks that are transformed at once: as many as an integer vector has lanes.</summary>
    public static int Lanes => Vector<int>.Count;

    /// <summary>
    /// Where each coefficient of the first of <see cref="Lanes"/> blocks goes: coefficient k of all of them lies in one
    /// vector. Runs beyond the last coefficient end there.
    /// </summary>
    public static readonly int[] Places =
        [.. Order.Concat(Enumerable.Repeat((byte)63, 16)).Select(z => z * Vector<int>.Count)];
}
