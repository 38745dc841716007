using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace OnnxTimm.Train.Cpu;

/// <summary>
/// The inner loop of a weight gradient: inner products of 4 rows of dY and 6 planes of X. 24 sums stay in registers, so
/// that the multiply-add units are the bound and not the loads.
/// </summary>
static unsafe class InnerTiles
{
    /// <summary>Rows and columns of a tile.</summary>
    public const int Rows = 4, Columns = 6;

    /// <summary>
    /// C[j][r] = sum over images and l of A[rowOffset[r] + l] * B[columnOffset[j] + l], for 4 rows and 6 columns; the
    /// length is a multiple of 16.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(float* a, int* rowOffsets, nint imageA, float* b, int* columnOffsets, nint imageB,
        (int Images, int Length) extent, float* c)
    {
        Vector512<float> s00, s01, s02, s03, s04, s05, s10, s11, s12, s13, s14, s15;
        Vector512<float> s20, s21, s22, s23, s24, s25, s30, s31, s32, s33, s34, s35;
        s00 = s01 = s02 = s03 = s04 = s05 = s10 = s11 = s12 = s13 = s14 = s15 = Vector512<float>.Zero;
        s20 = s21 = s22 = s23 = s24 = s25 = s30 = s31 = s32 = s33 = s34 = s35 = Vector512<float>.Zero;
        for (var n = 0; n < extent.Images; n++, a += imageA, b += imageB)
        {
            float* a0 = a + rowOffsets[0], a1 = a + rowOffsets[1], a2 = a + rowOffsets[2], a3 = a + rowOffsets[3];
            float* b0 = b + columnOffsets[0], b1 = b + columnOffsets[1], b2 = b + columnOffsets[2];
            float* b3 = b + columnOffsets[3], b4 = b + columnOffsets[4], b5 = b + columnOffsets[5];
            for (nint l = 0; l < extent.Length; l += 16)
            {
                var y0 = Vector512.Load(a0 + l);
                var y1 = Vector512.Load(a1 + l);
                var y2 = Vector512.Load(a2 + l);
                var y3 = Vector512.Load(a3 + l);
                var x = Vector512.Load(b0 + l);
                s00 = Vector512.FusedMultiplyAdd(x, y0, s00);
                s10 = Vector512.FusedMultiplyAdd(x, y1, s10);
                s20 = Vector512.FusedMultiplyAdd(x, y2, s20);
                s30 = Vector512.FusedMultiplyAdd(x, y3, s30);
                x = Vector512.Load(b1 + l);
                s01 = Vector512.FusedMultiplyAdd(x, y0, s01);
                s11 = Vector512.FusedMultiplyAdd(x, y1, s11);
                s21 = Vector512.FusedMultiplyAdd(x, y2, s21);
                s31 = Vector512.FusedMultiplyAdd(x, y3, s31);
                x = Vector512.Load(b2 + l);
                s02 = Vector512.FusedMultiplyAdd(x, y0, s02);
                s12 = Vector512.FusedMultiplyAdd(x, y1, s12);
                s22 = Vector512.FusedMultiplyAdd(x, y2, s22);
                s32 = Vector512.FusedMultiplyAdd(x, y3, s32);
                x = Vector512.Load(b3 + l);
                s03 = Vector512.FusedMultiplyAdd(x, y0, s03);
                s13 = Vector512.FusedMultiplyAdd(x, y1, s13);
                s23 = Vector512.FusedMultiplyAdd(x, y2, s23);
                s33 = Vector512.FusedMultiplyAdd(x, y3, s33);
                x = Vector512.Load(b4 + l);
                s04 = Vector512.FusedMultiplyAdd(x, y0, s04);
                s14 = Vector512.FusedMultiplyAdd(x, y1, s14);
                s24 = Vector512.FusedMultiplyAdd(x, y2, s24);
                s34 = Vector512.FusedMultiplyAdd(x, y3, s34);
                x = Vector512.Load(b5 + l);
                s05 = Vector512.FusedMultiplyAdd(x, y0, s05);
                s15 = Vector512.FusedMultiplyAdd(x, y1, s15);
                s25 = Vector512.FusedMultiplyAdd(x, y2, s25);
                s35 = Vector512.FusedMultiplyAdd(x, y3, s35);
            }
        }
        Sums(s00, s10, s20, s30).Store(c);
        Sums(s01, s11, s21, s31).Store(c + 4);
        Sums(s02, s12, s22, s32).Store(c + 8);
        Sums(s03, s13, s23, s33).Store(c + 12);
        Sums(s04, s14, s24, s34).Store(c + 16);
        Sums(s05, s15, s25, s35).Store(c + 20);
    }

    /// <summary>The sum of the elements of each of four vectors.</summary>
    static Vector128<float> Sums(Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d)
    {
        var ab = Avx.HorizontalAdd(Half(a), Half(b));
        var cd = Avx.HorizontalAdd(Half(c), Half(d));
        var all = Avx.HorizontalAdd(ab, cd);
        return all.GetLower() + all.GetUpper();
    }

    static Vector256<float> Half(Vector512<float> x) => x.GetLower() + x.GetUpper();
}
