using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace OnnxTimm.Train.Cpu;

/// <summary>
/// The inner loop of a weight gradient: inner products of 6 rows of dY and 4 planes of X, in tiles whose sums stay in
/// registers, so that the multiply-add units are the bound and not the loads.
/// </summary>
static unsafe class InnerTiles
{
    /// <summary>Rows and columns of a tile.</summary>
    public const int Rows = 6, Columns = 4;

    /// <summary>
    /// C[r][j] = sum over l of A[r][l] * B[j][l], for 6 rows and 4 columns; rows and columns are a pitch apart, their
    /// length is a multiple of 16.
    /// </summary>
    public static void Run(float* a, float* b, nint pitch, int length, float* c)
    {
        if (Vector512.IsHardwareAccelerated)
            InnerTiles512.Run(a, b, pitch, length, c);
        else
            InnerTiles256.Run(a, b, pitch, length, c);
    }

    /// <summary>The sum of the elements of each of four vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Sums(Vector256<float> a, Vector256<float> b, Vector256<float> c, Vector256<float> d)
    {
        var all = Avx.HorizontalAdd(Avx.HorizontalAdd(a, b), Avx.HorizontalAdd(c, d));
        return all.GetLower() + all.GetUpper();
    }
}
