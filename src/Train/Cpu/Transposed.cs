using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace OnnxTimm.Train.Cpu;

/// <summary>Rows that become columns: four by four in registers. Bound by memory.</summary>
static unsafe class Transposed
{
    const int Side = 4;

    /// <summary>target[c][r] = source[r][c]; rows of either are a pitch apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Copy(float* source, nint pitch, (int Rows, int Columns) size, float* target, nint targetPitch)
    {
        var (rows, columns) = IsVector ? (size.Rows & ~(Side - 1), size.Columns & ~(Side - 1)) : (0, 0);
        for (var c = 0; c < columns; c += Side)
            for (var r = 0; r < rows; r += Side)
                Square(source + r * pitch + c, pitch, target + c * targetPitch + r, targetPitch);
        for (var r = 0; r < size.Rows; r++)
            for (var c = r < rows ? columns : 0; c < size.Columns; c++)
                target[c * targetPitch + r] = source[r * pitch + c];
    }

    static bool IsVector => Sse.IsSupported || AdvSimd.Arm64.IsSupported;

    static void Square(float* source, nint pitch, float* target, nint targetPitch)
    {
        var (a, b) = (Vector128.Load(source), Vector128.Load(source + pitch));
        var (c, d) = (Vector128.Load(source + 2 * pitch), Vector128.Load(source + 3 * pitch));
        // a0 c0 a1 c1, b0 d0 b1 d1: twice paired, four numbers of a column stand side by side.
        var (ac, bd) = (Low(a, c), Low(b, d));
        Low(ac, bd).Store(target);
        High(ac, bd).Store(target + targetPitch);
        (ac, bd) = (High(a, c), High(b, d));
        Low(ac, bd).Store(target + 2 * targetPitch);
        High(ac, bd).Store(target + 3 * targetPitch);
    }

    static Vector128<float> Low(Vector128<float> x, Vector128<float> y) =>
        Sse.IsSupported ? Sse.UnpackLow(x, y) : AdvSimd.Arm64.ZipLow(x, y);

    static Vector128<float> High(Vector128<float> x, Vector128<float> y) =>
        Sse.IsSupported ? Sse.UnpackHigh(x, y) : AdvSimd.Arm64.ZipHigh(x, y);
}
