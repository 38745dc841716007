using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OnnxTimm.Train.Cpu;

/// <summary><see cref="OuterTiles"/> with 32 registers of 16 floats: 8 rows and 48 columns are 24 sums.</summary>
static unsafe class OuterTiles512
{
    /// <summary>Adds the products of 8 rows and 16, 32 or 48 columns to C.</summary>
    public static void Run(float* a, float* b, OuterTiles.Steps steps, int depth, float* c, nint pitch, int vectors)
    {
        if (vectors == 3)
            Vectors3(a, b, steps, depth, c, pitch);
        else if (vectors == 2)
            Vectors2(a, b, steps, depth, c, pitch);
        else
            Vectors1(a, b, steps, depth, c, pitch);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Vectors3(float* a, float* b, OuterTiles.Steps steps, int depth, float* c, nint pitch)
    {
        Vector512<float> s00, s01, s02, s10, s11, s12, s20, s21, s22, s30, s31, s32;
        Vector512<float> s40, s41, s42, s50, s51, s52, s60, s61, s62, s70, s71, s72;
        s00 = s01 = s02 = s10 = s11 = s12 = s20 = s21 = s22 = s30 = s31 = s32 = Vector512<float>.Zero;
        s40 = s41 = s42 = s50 = s51 = s52 = s60 = s61 = s62 = s70 = s71 = s72 = Vector512<float>.Zero;
        var (row, term, next) = (steps.Row, steps.Term, steps.B);
        float* a1 = a + row, a2 = a1 + row, a3 = a2 + row, a4 = a3 + row, a5 = a4 + row, a6 = a5 + row, a7 = a6 + row;
        for (nint k = 0, i = 0; k < depth; k++, i += term, b += next)
        {
            var x0 = Vector512.Load(b);
            var x1 = Vector512.Load(b + 16);
            var x2 = Vector512.Load(b + 32);
            var w = Vector512.Create(a[i]);
            s00 = Vector512.FusedMultiplyAdd(x0, w, s00);
            s01 = Vector512.FusedMultiplyAdd(x1, w, s01);
            s02 = Vector512.FusedMultiplyAdd(x2, w, s02);
            w = Vector512.Create(a1[i]);
            s10 = Vector512.FusedMultiplyAdd(x0, w, s10);
            s11 = Vector512.FusedMultiplyAdd(x1, w, s11);
            s12 = Vector512.FusedMultiplyAdd(x2, w, s12);
            w = Vector512.Create(a2[i]);
            s20 = Vector512.FusedMultiplyAdd(x0, w, s20);
            s21 = Vector512.FusedMultiplyAdd(x1, w, s21);
            s22 = Vector512.FusedMultiplyAdd(x2, w, s22);
            w = Vector512.Create(a3[i]);
            s30 = Vector512.FusedMultiplyAdd(x0, w, s30);
            s31 = Vector512.FusedMultiplyAdd(x1, w, s31);
            s32 = Vector512.FusedMultiplyAdd(x2, w, s32);
            w = Vector512.Create(a4[i]);
            s40 = Vector512.FusedMultiplyAdd(x0, w, s40);
            s41 = Vector512.FusedMultiplyAdd(x1, w, s41);
            s42 = Vector512.FusedMultiplyAdd(x2, w, s42);
            w = Vector512.Create(a5[i]);
            s50 = Vector512.FusedMultiplyAdd(x0, w, s50);
            s51 = Vector512.FusedMultiplyAdd(x1, w, s51);
            s52 = Vector512.FusedMultiplyAdd(x2, w, s52);
            w = Vector512.Create(a6[i]);
            s60 = Vector512.FusedMultiplyAdd(x0, w, s60);
            s61 = Vector512.FusedMultiplyAdd(x1, w, s61);
            s62 = Vector512.FusedMultiplyAdd(x2, w, s62);
            w = Vector512.Create(a7[i]);
            s70 = Vector512.FusedMultiplyAdd(x0, w, s70);
            s71 = Vector512.FusedMultiplyAdd(x1, w, s71);
            s72 = Vector512.FusedMultiplyAdd(x2, w, s72);
        }
        Add(c, s00, s01, s02);
        Add(c += pitch, s10, s11, s12);
        Add(c += pitch, s20, s21, s22);
        Add(c += pitch, s30, s31, s32);
        Add(c += pitch, s40, s41, s42);
        Add(c += pitch, s50, s51, s52);
        Add(c += pitch, s60, s61, s62);
        Add(c += pitch, s70, s71, s72);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Vectors2(float* a, float* b, OuterTiles.Steps steps, int depth, float* c, nint pitch)
    {
        Vector512<float> s00, s01, s10, s11, s20, s21, s30, s31, s40, s41, s50, s51, s60, s61, s70, s71;
        s00 = s01 = s10 = s11 = s20 = s21 = s30 = s31 = Vector512<float>.Zero;
        s40 = s41 = s50 = s51 = s60 = s61 = s70 = s71 = Vector512<float>.Zero;
        var (row, term, next) = (steps.Row, steps.Term, steps.B);
        float* a1 = a + row, a2 = a1 + row, a3 = a2 + row, a4 = a3 + row, a5 = a4 + row, a6 = a5 + row, a7 = a6 + row;
        for (nint k = 0, i = 0; k < depth; k++, i += term, b += next)
        {
            var x0 = Vector512.Load(b);
            var x1 = Vector512.Load(b + 16);
            var w = Vector512.Create(a[i]);
            s00 = Vector512.FusedMultiplyAdd(x0, w, s00);
            s01 = Vector512.FusedMultiplyAdd(x1, w, s01);
            w = Vector512.Create(a1[i]);
            s10 = Vector512.FusedMultiplyAdd(x0, w, s10);
            s11 = Vector512.FusedMultiplyAdd(x1, w, s11);
            w = Vector512.Create(a2[i]);
            s20 = Vector512.FusedMultiplyAdd(x0, w, s20);
            s21 = Vector512.FusedMultiplyAdd(x1, w, s21);
            w = Vector512.Create(a3[i]);
            s30 = Vector512.FusedMultiplyAdd(x0, w, s30);
            s31 = Vector512.FusedMultiplyAdd(x1, w, s31);
            w = Vector512.Create(a4[i]);
            s40 = Vector512.FusedMultiplyAdd(x0, w, s40);
            s41 = Vector512.FusedMultiplyAdd(x1, w, s41);
            w = Vector512.Create(a5[i]);
            s50 = Vector512.FusedMultiplyAdd(x0, w, s50);
            s51 = Vector512.FusedMultiplyAdd(x1, w, s51);
            w = Vector512.Create(a6[i]);
            s60 = Vector512.FusedMultiplyAdd(x0, w, s60);
            s61 = Vector512.FusedMultiplyAdd(x1, w, s61);
            w = Vector512.Create(a7[i]);
            s70 = Vector512.FusedMultiplyAdd(x0, w, s70);
            s71 = Vector512.FusedMultiplyAdd(x1, w, s71);
        }
        Add(c, s00, s01);
        Add(c += pitch, s10, s11);
        Add(c += pitch, s20, s21);
        Add(c += pitch, s30, s31);
        Add(c += pitch, s40, s41);
        Add(c += pitch, s50, s51);
        Add(c += pitch, s60, s61);
        Add(c += pitch, s70, s71);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Vectors1(float* a, float* b, OuterTiles.Steps steps, int depth, float* c, nint pitch)
    {
        Vector512<float> s0, s1, s2, s3, s4, s5, s6, s7;
        s0 = s1 = s2 = s3 = s4 = s5 = s6 = s7 = Vector512<float>.Zero;
        var (row, term, next) = (steps.Row, steps.Term, steps.B);
        float* a1 = a + row, a2 = a1 + row, a3 = a2 + row, a4 = a3 + row, a5 = a4 + row, a6 = a5 + row, a7 = a6 + row;
        for (nint k = 0, i = 0; k < depth; k++, i += term, b += next)
        {
            var x = Vector512.Load(b);
            s0 = Vector512.FusedMultiplyAdd(x, Vector512.Create(a[i]), s0);
            s1 = Vector512.FusedMultiplyAdd(x, Vector512.Create(a1[i]), s1);
            s2 = Vector512.FusedMultiplyAdd(x, Vector512.Create(a2[i]), s2);
            s3 = Vector512.FusedMultiplyAdd(x, Vector512.Create(a3[i]), s3);
            s4 = Vector512.FusedMultiplyAdd(x, Vector512.Create(a4[i]), s4);
            s5 = Vector512.FusedMultiplyAdd(x, Vector512.Create(a5[i]), s5);
            s6 = Vector512.FusedMultiplyAdd(x, Vector512.Create(a6[i]), s6);
            s7 = Vector512.FusedMultiplyAdd(x, Vector512.Create(a7[i]), s7);
        }
        Add(c, s0);
        Add(c += pitch, s1);
        Add(c += pitch, s2);
        Add(c += pitch, s3);
        Add(c += pitch, s4);
        Add(c += pitch, s5);
        Add(c += pitch, s6);
        Add(c += pitch, s7);
    }

    static void Add(float* c, Vector512<float> x, Vector512<float> y, Vector512<float> z)
    {
        Add(c, x, y);
        Add(c + 32, z);
    }

    static void Add(float* c, Vector512<float> x, Vector512<float> y)
    {
        Add(c, x);
        Add(c + 16, y);
    }

    static void Add(float* c, Vector512<float> x) => (Vector512.Load(c) + x).Store(c);
}
