using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace OnnxTimm.Train.Cpu;

/// <summary>
/// The two inner loops of all dense convolutions. Each keeps 24 sums in registers, so that the multiply-add units are
/// the bound and not the loads.
/// </summary>
static unsafe class Tiles
{
    /// <summary>Rows of an outer tile.</summary>
    public const int Rows = 8;

    /// <summary>Rows and columns of an inner tile.</summary>
    public const int DotRows = 4, DotColumns = 6;

    /// <summary>
    /// Terms of one running sum. The sum of such sums rounds less than one long sum: for 2048 terms a quarter as
    /// much, at about the same speed.
    /// </summary>
    const int Terms = 16;

    /// <summary>
    /// C[r][l] += sum over k of A[k][r] * B[offset[k] + l] for 8 rows and 16, 32 or 48 columns l; with a bias the sum
    /// begins there and not at C.
    /// </summary>
    public static void Outer(float* a, float* b, int* offsets, int depth, float* bias, float* c, nint pitch,
        int vectors)
    {
        Begin(bias, c, pitch, vectors);
        var parts = (depth + Terms - 1) / Terms;
        for (var part = 0; part < parts; part++)
        {
            var (k, end) = (depth * part / parts, depth * (part + 1) / parts);
            OuterOf(a + k * Rows, b, offsets + k, end - k, c, pitch, vectors);
        }
    }

    /// <summary>Where there is a bias, sums begin there.</summary>
    public static void Begin(float* bias, float* c, nint pitch, int vectors)
    {
        if (bias != null)
            for (var r = 0; r < Rows; r++)
                new Span<float>(c + r * pitch, vectors * 16).Fill(bias[r]);
    }

    static void OuterOf(float* a, float* b, int* offsets, int depth, float* c, nint pitch, int vectors)
    {
        if (vectors == 3)
            Outer3(a, b, offsets, depth, c, pitch);
        else if (vectors == 2)
            Outer2(a, b, offsets, depth, c, pitch);
        else
            Outer1(a, b, offsets, depth, c, pitch);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Outer3(float* a, float* b, int* offsets, int depth, float* c, nint pitch)
    {
        Vector512<float> s00, s01, s02, s10, s11, s12, s20, s21, s22, s30, s31, s32;
        Vector512<float> s40, s41, s42, s50, s51, s52, s60, s61, s62, s70, s71, s72;
        s00 = s01 = s02 = s10 = s11 = s12 = s20 = s21 = s22 = s30 = s31 = s32 = Vector512<float>.Zero;
        s40 = s41 = s42 = s50 = s51 = s52 = s60 = s61 = s62 = s70 = s71 = s72 = Vector512<float>.Zero;
        for (var k = 0; k < depth; k++, a += Rows)
        {
            var p = b + offsets[k];
            var x0 = Vector512.Load(p);
            var x1 = Vector512.Load(p + 16);
            var x2 = Vector512.Load(p + 32);
            var w = Vector512.Create(a[0]);
            s00 = Vector512.FusedMultiplyAdd(x0, w, s00);
            s01 = Vector512.FusedMultiplyAdd(x1, w, s01);
            s02 = Vector512.FusedMultiplyAdd(x2, w, s02);
            w = Vector512.Create(a[1]);
            s10 = Vector512.FusedMultiplyAdd(x0, w, s10);
            s11 = Vector512.FusedMultiplyAdd(x1, w, s11);
            s12 = Vector512.FusedMultiplyAdd(x2, w, s12);
            w = Vector512.Create(a[2]);
            s20 = Vector512.FusedMultiplyAdd(x0, w, s20);
            s21 = Vector512.FusedMultiplyAdd(x1, w, s21);
            s22 = Vector512.FusedMultiplyAdd(x2, w, s22);
            w = Vector512.Create(a[3]);
            s30 = Vector512.FusedMultiplyAdd(x0, w, s30);
            s31 = Vector512.FusedMultiplyAdd(x1, w, s31);
            s32 = Vector512.FusedMultiplyAdd(x2, w, s32);
            w = Vector512.Create(a[4]);
            s40 = Vector512.FusedMultiplyAdd(x0, w, s40);
            s41 = Vector512.FusedMultiplyAdd(x1, w, s41);
            s42 = Vector512.FusedMultiplyAdd(x2, w, s42);
            w = Vector512.Create(a[5]);
            s50 = Vector512.FusedMultiplyAdd(x0, w, s50);
            s51 = Vector512.FusedMultiplyAdd(x1, w, s51);
            s52 = Vector512.FusedMultiplyAdd(x2, w, s52);
            w = Vector512.Create(a[6]);
            s60 = Vector512.FusedMultiplyAdd(x0, w, s60);
            s61 = Vector512.FusedMultiplyAdd(x1, w, s61);
            s62 = Vector512.FusedMultiplyAdd(x2, w, s62);
            w = Vector512.Create(a[7]);
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
    static void Outer2(float* a, float* b, int* offsets, int depth, float* c, nint pitch)
    {
        Vector512<float> s00, s01, s10, s11, s20, s21, s30, s31, s40, s41, s50, s51, s60, s61, s70, s71;
        s00 = s01 = s10 = s11 = s20 = s21 = s30 = s31 = Vector512<float>.Zero;
        s40 = s41 = s50 = s51 = s60 = s61 = s70 = s71 = Vector512<float>.Zero;
        for (var k = 0; k < depth; k++, a += Rows)
        {
            var p = b + offsets[k];
            var x0 = Vector512.Load(p);
            var x1 = Vector512.Load(p + 16);
            var w = Vector512.Create(a[0]);
            s00 = Vector512.FusedMultiplyAdd(x0, w, s00);
            s01 = Vector512.FusedMultiplyAdd(x1, w, s01);
            w = Vector512.Create(a[1]);
            s10 = Vector512.FusedMultiplyAdd(x0, w, s10);
            s11 = Vector512.FusedMultiplyAdd(x1, w, s11);
            w = Vector512.Create(a[2]);
            s20 = Vector512.FusedMultiplyAdd(x0, w, s20);
            s21 = Vector512.FusedMultiplyAdd(x1, w, s21);
            w = Vector512.Create(a[3]);
            s30 = Vector512.FusedMultiplyAdd(x0, w, s30);
            s31 = Vector512.FusedMultiplyAdd(x1, w, s31);
            w = Vector512.Create(a[4]);
            s40 = Vector512.FusedMultiplyAdd(x0, w, s40);
            s41 = Vector512.FusedMultiplyAdd(x1, w, s41);
            w = Vector512.Create(a[5]);
            s50 = Vector512.FusedMultiplyAdd(x0, w, s50);
            s51 = Vector512.FusedMultiplyAdd(x1, w, s51);
            w = Vector512.Create(a[6]);
            s60 = Vector512.FusedMultiplyAdd(x0, w, s60);
            s61 = Vector512.FusedMultiplyAdd(x1, w, s61);
            w = Vector512.Create(a[7]);
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
    static void Outer1(float* a, float* b, int* offsets, int depth, float* c, nint pitch)
    {
        Vector512<float> s0, s1, s2, s3, s4, s5, s6, s7;
        s0 = s1 = s2 = s3 = s4 = s5 = s6 = s7 = Vector512<float>.Zero;
        for (var k = 0; k < depth; k++, a += Rows)
        {
            var x = Vector512.Load(b + offsets[k]);
            s0 = Vector512.FusedMultiplyAdd(x, Vector512.Create(a[0]), s0);
            s1 = Vector512.FusedMultiplyAdd(x, Vector512.Create(a[1]), s1);
            s2 = Vector512.FusedMultiplyAdd(x, Vector512.Create(a[2]), s2);
            s3 = Vector512.FusedMultiplyAdd(x, Vector512.Create(a[3]), s3);
            s4 = Vector512.FusedMultiplyAdd(x, Vector512.Create(a[4]), s4);
            s5 = Vector512.FusedMultiplyAdd(x, Vector512.Create(a[5]), s5);
            s6 = Vector512.FusedMultiplyAdd(x, Vector512.Create(a[6]), s6);
            s7 = Vector512.FusedMultiplyAdd(x, Vector512.Create(a[7]), s7);
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

    /// <summary>
    /// C[j][r] = sum over images and l of A[rowOffset[r] + l] * B[columnOffset[j] + l], for 4 rows and 6 columns; the
    /// length is a multiple of 16.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Inner(float* a, int* rowOffsets, nint imageA, float* b, int* columnOffsets, nint imageB,
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
