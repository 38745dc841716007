using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OnnxTimm.Train.Cpu;

/// <summary>
/// The outer tile of <see cref="Tiles"/> with sums in float64, for convolutions over the image: all that follows amplifies
/// what their sums round, and they are a hundredth of a step's work.
/// </summary>
static unsafe class ExactTiles
{
    /// <inheritdoc cref="Tiles.Outer"/>
    public static void Outer(float* a, float* b, int* offsets, int depth, float* bias, float* c, nint pitch, int vectors)
    {
        Tiles.Begin(bias, c, pitch, vectors);
        for (var r = 0; r < Tiles.Rows; r += 4)
            for (var v = 0; v < vectors; v++)
                FourRows(a + r, b + v * 16, offsets, depth, c + r * pitch + v * 16, pitch);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void FourRows(float* a, float* b, int* offsets, int depth, float* c, nint pitch)
    {
        Vector512<double> s00, s01, s10, s11, s20, s21, s30, s31;
        s00 = s01 = s10 = s11 = s20 = s21 = s30 = s31 = Vector512<double>.Zero;
        for (var k = 0; k < depth; k++, a += Tiles.Rows)
        {
            var (x0, x1) = Vector512.Widen(Vector512.Load(b + offsets[k]));
            var w = Vector512.Create((double)a[0]);
            s00 = Vector512.FusedMultiplyAdd(x0, w, s00);
            s01 = Vector512.FusedMultiplyAdd(x1, w, s01);
            w = Vector512.Create((double)a[1]);
            s10 = Vector512.FusedMultiplyAdd(x0, w, s10);
            s11 = Vector512.FusedMultiplyAdd(x1, w, s11);
            w = Vector512.Create((double)a[2]);
            s20 = Vector512.FusedMultiplyAdd(x0, w, s20);
            s21 = Vector512.FusedMultiplyAdd(x1, w, s21);
            w = Vector512.Create((double)a[3]);
            s30 = Vector512.FusedMultiplyAdd(x0, w, s30);
            s31 = Vector512.FusedMultiplyAdd(x1, w, s31);
        }
        Add(c, s00, s01);
        Add(c += pitch, s10, s11);
        Add(c += pitch, s20, s21);
        Add(c += pitch, s30, s31);
    }

    static void Add(float* c, Vector512<double> lower, Vector512<double> upper)
    {
        var (x0, x1) = Vector512.Widen(Vector512.Load(c));
        Vector512.Narrow(x0 + lower, x1 + upper).Store(c);
    }
}
