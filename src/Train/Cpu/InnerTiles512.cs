using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OnnxTimm.Train.Cpu;

/// <summary><see cref="InnerTiles"/> with 32 registers of 16 floats: all 24 sums at once.</summary>
static unsafe class InnerTiles512
{
    /// <inheritdoc cref="InnerTiles.Run"/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(float* a, float* b, nint pitch, int length, float* c)
    {
        Vector512<float> s00, s01, s02, s03, s10, s11, s12, s13, s20, s21, s22, s23;
        Vector512<float> s30, s31, s32, s33, s40, s41, s42, s43, s50, s51, s52, s53;
        s00 = s01 = s02 = s03 = s10 = s11 = s12 = s13 = s20 = s21 = s22 = s23 = Vector512<float>.Zero;
        s30 = s31 = s32 = s33 = s40 = s41 = s42 = s43 = s50 = s51 = s52 = s53 = Vector512<float>.Zero;
        float* a1 = a + pitch, a2 = a1 + pitch, a3 = a2 + pitch, a4 = a3 + pitch, a5 = a4 + pitch;
        float* b1 = b + pitch, b2 = b1 + pitch, b3 = b2 + pitch;
        for (nint l = 0; l < length; l += 16)
        {
            var x0 = Vector512.Load(b + l);
            var x1 = Vector512.Load(b1 + l);
            var x2 = Vector512.Load(b2 + l);
            var x3 = Vector512.Load(b3 + l);
            var y = Vector512.Load(a + l);
            s00 = Vector512.FusedMultiplyAdd(x0, y, s00);
            s01 = Vector512.FusedMultiplyAdd(x1, y, s01);
            s02 = Vector512.FusedMultiplyAdd(x2, y, s02);
            s03 = Vector512.FusedMultiplyAdd(x3, y, s03);
            y = Vector512.Load(a1 + l);
            s10 = Vector512.FusedMultiplyAdd(x0, y, s10);
            s11 = Vector512.FusedMultiplyAdd(x1, y, s11);
            s12 = Vector512.FusedMultiplyAdd(x2, y, s12);
            s13 = Vector512.FusedMultiplyAdd(x3, y, s13);
            y = Vector512.Load(a2 + l);
            s20 = Vector512.FusedMultiplyAdd(x0, y, s20);
            s21 = Vector512.FusedMultiplyAdd(x1, y, s21);
            s22 = Vector512.FusedMultiplyAdd(x2, y, s22);
            s23 = Vector512.FusedMultiplyAdd(x3, y, s23);
            y = Vector512.Load(a3 + l);
            s30 = Vector512.FusedMultiplyAdd(x0, y, s30);
            s31 = Vector512.FusedMultiplyAdd(x1, y, s31);
            s32 = Vector512.FusedMultiplyAdd(x2, y, s32);
            s33 = Vector512.FusedMultiplyAdd(x3, y, s33);
            y = Vector512.Load(a4 + l);
            s40 = Vector512.FusedMultiplyAdd(x0, y, s40);
            s41 = Vector512.FusedMultiplyAdd(x1, y, s41);
            s42 = Vector512.FusedMultiplyAdd(x2, y, s42);
            s43 = Vector512.FusedMultiplyAdd(x3, y, s43);
            y = Vector512.Load(a5 + l);
            s50 = Vector512.FusedMultiplyAdd(x0, y, s50);
            s51 = Vector512.FusedMultiplyAdd(x1, y, s51);
            s52 = Vector512.FusedMultiplyAdd(x2, y, s52);
            s53 = Vector512.FusedMultiplyAdd(x3, y, s53);
        }
        Sums(s00, s01, s02, s03).Store(c);
        Sums(s10, s11, s12, s13).Store(c + 4);
        Sums(s20, s21, s22, s23).Store(c + 8);
        Sums(s30, s31, s32, s33).Store(c + 12);
        Sums(s40, s41, s42, s43).Store(c + 16);
        Sums(s50, s51, s52, s53).Store(c + 20);
    }

    static Vector128<float> Sums(Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d) =>
        InnerTiles.Sums(Half(a), Half(b), Half(c), Half(d));

    static Vector256<float> Half(Vector512<float> x) => x.GetLower() + x.GetUpper();
}
