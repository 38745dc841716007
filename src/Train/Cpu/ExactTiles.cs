using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OnnxTimm.Train.Cpu;

/// <summary>
/// The tile of <see cref="OuterTiles"/> with sums in float64, for convolutions over the image: all that follows
/// amplifies what their sums round. Half as fast, where a hundredth of a step is spent.
/// </summary>
static unsafe class ExactTiles
{
    const int HalfRows = OuterTiles.Rows / 2;

    /// <inheritdoc cref="OuterTiles.Run(float*, float*, int, float*, float*, nint, int)"/>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(
        float* a, float* b, int depth, float* bias, float* c, nint pitch, int vectors)
    {
        OuterTiles.Begin(bias, c, pitch, vectors);
        var wide = stackalloc double[depth * OuterTiles.Rows];
        for (var k = 0; k < depth * OuterTiles.Rows; k += OuterTiles.Rows)
            Widened(a + k).Store(wide + k);
        for (var v = 0; v < vectors; v++)
            if (Vector512.IsHardwareAccelerated)
                Whole(wide, b + v * 16, depth, c + v * 16, pitch);
            else
                for (var part = 0; part < 4; part++)
                    Quarter(wide + part / 2 * HalfRows, b + v * 16 + part % 2 * 8, depth,
                        c + v * 16 + part % 2 * 8 + part / 2 * HalfRows * pitch, pitch);
    }

    /// <summary>8 rows and 16 columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Whole(double* a, float* b, int depth, float* c, nint pitch)
    {
        Vector512<double> s00, s01, s10, s11, s20, s21, s30, s31, s40, s41, s50, s51, s60, s61, s70, s71;
        s00 = s01 = s10 = s11 = s20 = s21 = s30 = s31 = Vector512<double>.Zero;
        s40 = s41 = s50 = s51 = s60 = s61 = s70 = s71 = Vector512<double>.Zero;
        for (var k = 0; k < depth; k++, a += OuterTiles.Rows, b += Correlation.PanelWidth)
        {
            var x0 = Widened(b);
            var x1 = Widened(b + 8);
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

    /// <summary>4 rows and 8 columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Quarter(double* a, float* b, int depth, float* c, nint pitch)
    {
        Vector256<double> s00, s01, s10, s11, s20, s21, s30, s31;
        s00 = s01 = s10 = s11 = s20 = s21 = s30 = s31 = Vector256<double>.Zero;
        for (var k = 0; k < depth; k++, a += OuterTiles.Rows, b += Correlation.PanelWidth)
        {
            var x0 = Widened4(b);
            var x1 = Widened4(b + 4);
            var w = Vector256.Create(a[0]);
            s00 = Vector256.FusedMultiplyAdd(x0, w, s00);
            s01 = Vector256.FusedMultiplyAdd(x1, w, s01);
            w = Vector256.Create(a[1]);
            s10 = Vector256.FusedMultiplyAdd(x0, w, s10);
            s11 = Vector256.FusedMultiplyAdd(x1, w, s11);
            w = Vector256.Create(a[2]);
            s20 = Vector256.FusedMultiplyAdd(x0, w, s20);
            s21 = Vector256.FusedMultiplyAdd(x1, w, s21);
            w = Vector256.Create(a[3]);
            s30 = Vector256.FusedMultiplyAdd(x0, w, s30);
            s31 = Vector256.FusedMultiplyAdd(x1, w, s31);
        }
        Add(c, s00, s01);
        Add(c += pitch, s10, s11);
        Add(c += pitch, s20, s21);
        Add(c += pitch, s30, s31);
    }

    static void Add(float* c, Vector512<double> lower, Vector512<double> upper) =>
        Vector512.Narrow(Widened(c) + lower, Widened(c + 8) + upper).Store(c);

    static void Add(float* c, Vector256<double> lower, Vector256<double> upper) =>
        Vector256.Narrow(Widened4(c) + lower, Widened4(c + 4) + upper).Store(c);

    static Vector256<double> Widened4(float* four) =>
        Vector256.WidenLower(Vector128.Load(four).ToVector256Unsafe());

    static Vector512<double> Widened(float* eight) =>
        Vector512.WidenLower(Vector256.Load(eight).ToVector512Unsafe());
}
