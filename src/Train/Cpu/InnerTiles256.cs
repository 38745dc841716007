using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OnnxTimm.Train.Cpu;

/// <summary><see cref="InnerTiles"/> with 16 registers of 8 floats: 3 rows and 4 columns are 12 sums.</summary>
static unsafe class InnerTiles256
{
    const int HalfRows = InnerTiles.Rows / 2;

    /// <inheritdoc cref="InnerTiles.Run"/>
    public static void Run(float* a, float* b, nint pitch, int length, float* c)
    {
        RunHalf(a, b, pitch, length, c);
        RunHalf(a + HalfRows * pitch, b, pitch, length, c + HalfRows * InnerTiles.Columns);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    static void RunHalf(float* a, float* b, nint pitch, int length, float* c)
    {
        Vector256<float> s00, s01, s02, s03, s10, s11, s12, s13, s20, s21, s22, s23;
        s00 = s01 = s02 = s03 = s10 = s11 = s12 = s13 = s20 = s21 = s22 = s23 = Vector256<float>.Zero;
        float* a1 = a + pitch, a2 = a1 + pitch;
        float* b1 = b + pitch, b2 = b1 + pitch, b3 = b2 + pitch;
        for (nint l = 0; l < length; l += 8)
        {
            var y0 = Vector256.Load(a + l);
            var y1 = Vector256.Load(a1 + l);
            var y2 = Vector256.Load(a2 + l);
            var x = Vector256.Load(b + l);
            s00 = Vector256.FusedMultiplyAdd(x, y0, s00);
            s10 = Vector256.FusedMultiplyAdd(x, y1, s10);
            s20 = Vector256.FusedMultiplyAdd(x, y2, s20);
            x = Vector256.Load(b1 + l);
            s01 = Vector256.FusedMultiplyAdd(x, y0, s01);
            s11 = Vector256.FusedMultiplyAdd(x, y1, s11);
            s21 = Vector256.FusedMultiplyAdd(x, y2, s21);
            x = Vector256.Load(b2 + l);
            s02 = Vector256.FusedMultiplyAdd(x, y0, s02);
            s12 = Vector256.FusedMultiplyAdd(x, y1, s12);
            s22 = Vector256.FusedMultiplyAdd(x, y2, s22);
            x = Vector256.Load(b3 + l);
            s03 = Vector256.FusedMultiplyAdd(x, y0, s03);
            s13 = Vector256.FusedMultiplyAdd(x, y1, s13);
            s23 = Vector256.FusedMultiplyAdd(x, y2, s23);
        }
        InnerTiles.Sums(s00, s01, s02, s03).Store(c);
        InnerTiles.Sums(s10, s11, s12, s13).Store(c + 4);
        InnerTiles.Sums(s20, s21, s22, s23).Store(c + 8);
    }
}
