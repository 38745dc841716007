using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OnnxTimm.Train.Cpu;

/// <summary>
/// <see cref="OuterTiles"/> with 16 registers of 8 floats: 4 rows and 24 columns are 12 sums, so that a tile of 48
/// columns is four such parts.
/// </summary>
static unsafe class OuterTiles256
{
    const int HalfRows = OuterTiles.Rows / 2;

    /// <inheritdoc cref="OuterTiles512.Run"/>
    public static void Run(float* a, float* b, OuterTiles.Steps steps, int depth, float* c, nint pitch, int vectors)
    {
        for (var half = 0; half < 2; half++, a += HalfRows * steps.Row, c += HalfRows * pitch)
            if (vectors == 3)
            {
                Vectors3(a, b, steps, depth, c, pitch);
                Vectors3(a, b + 24, steps, depth, c + 24, pitch);
            }
            else
                for (var v = 0; v < vectors; v++)
                    Vectors2(a, b + v * 16, steps, depth, c + v * 16, pitch);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    static void Vectors3(float* a, float* b, OuterTiles.Steps steps, int depth, float* c, nint pitch)
    {
        Vector256<float> s00, s01, s02, s10, s11, s12, s20, s21, s22, s30, s31, s32;
        s00 = s01 = s02 = s10 = s11 = s12 = s20 = s21 = s22 = s30 = s31 = s32 = Vector256<float>.Zero;
        var (row, term, next) = (steps.Row, steps.Term, steps.B);
        float* a1 = a + row, a2 = a1 + row, a3 = a2 + row;
        for (nint k = 0, i = 0; k < depth; k++, i += term, b += next)
        {
            var x0 = Vector256.Load(b);
            var x1 = Vector256.Load(b + 8);
            var x2 = Vector256.Load(b + 16);
            var w = Vector256.Create(a[i]);
            s00 = Vector256.FusedMultiplyAdd(x0, w, s00);
            s01 = Vector256.FusedMultiplyAdd(x1, w, s01);
            s02 = Vector256.FusedMultiplyAdd(x2, w, s02);
            w = Vector256.Create(a1[i]);
            s10 = Vector256.FusedMultiplyAdd(x0, w, s10);
            s11 = Vector256.FusedMultiplyAdd(x1, w, s11);
            s12 = Vector256.FusedMultiplyAdd(x2, w, s12);
            w = Vector256.Create(a2[i]);
            s20 = Vector256.FusedMultiplyAdd(x0, w, s20);
            s21 = Vector256.FusedMultiplyAdd(x1, w, s21);
            s22 = Vector256.FusedMultiplyAdd(x2, w, s22);
            w = Vector256.Create(a3[i]);
            s30 = Vector256.FusedMultiplyAdd(x0, w, s30);
            s31 = Vector256.FusedMultiplyAdd(x1, w, s31);
            s32 = Vector256.FusedMultiplyAdd(x2, w, s32);
        }
        Add(c, s00, s01, s02);
        Add(c += pitch, s10, s11, s12);
        Add(c += pitch, s20, s21, s22);
        Add(c += pitch, s30, s31, s32);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    static void Vectors2(float* a, float* b, OuterTiles.Steps steps, int depth, float* c, nint pitch)
    {
        Vector256<float> s00, s01, s10, s11, s20, s21, s30, s31;
        s00 = s01 = s10 = s11 = s20 = s21 = s30 = s31 = Vector256<float>.Zero;
        var (row, term, next) = (steps.Row, steps.Term, steps.B);
        float* a1 = a + row, a2 = a1 + row, a3 = a2 + row;
        for (nint k = 0, i = 0; k < depth; k++, i += term, b += next)
        {
            var x0 = Vector256.Load(b);
            var x1 = Vector256.Load(b + 8);
            var w = Vector256.Create(a[i]);
            s00 = Vector256.FusedMultiplyAdd(x0, w, s00);
            s01 = Vector256.FusedMultiplyAdd(x1, w, s01);
            w = Vector256.Create(a1[i]);
            s10 = Vector256.FusedMultiplyAdd(x0, w, s10);
            s11 = Vector256.FusedMultiplyAdd(x1, w, s11);
            w = Vector256.Create(a2[i]);
            s20 = Vector256.FusedMultiplyAdd(x0, w, s20);
            s21 = Vector256.FusedMultiplyAdd(x1, w, s21);
            w = Vector256.Create(a3[i]);
            s30 = Vector256.FusedMultiplyAdd(x0, w, s30);
            s31 = Vector256.FusedMultiplyAdd(x1, w, s31);
        }
        Add(c, s00, s01);
        Add(c += pitch, s10, s11);
        Add(c += pitch, s20, s21);
        Add(c += pitch, s30, s31);
    }

    static void Add(float* c, Vector256<float> x, Vector256<float> y, Vector256<float> z)
    {
        Add(c, x, y);
        Add(c + 16, z);
    }

    static void Add(float* c, Vector256<float> x, Vector256<float> y)
    {
        Add(c, x);
        Add(c + 8, y);
    }

    static void Add(float* c, Vector256<float> x) => (Vector256.Load(c) + x).Store(c);
}
