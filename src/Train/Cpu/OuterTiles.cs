using System.Runtime.Intrinsics;

namespace OnnxTimm.Train.Cpu;

/// <summary>
/// The inner loop of all dense kernels, of 8 rows and up to 48 columns: of weights and pixels in a convolution, of
/// planes of X and of dY in its weight gradient. Outer products are added up. Tiles keep their sums in registers, so
/// that the multiply-add units are the bound and not the loads. Each sum is made of the same terms in the same order
/// whatever the width of a register.
/// </summary>
static unsafe class OuterTiles
{
    /// <summary>Rows of a tile.</summary>
    public const int Rows = 8;

    /// <summary>
    /// Terms of one running sum. The sum of such sums rounds less than one long sum: for 2048 terms a quarter as
    /// much, a tenth slower.
    /// </summary>
    const int Terms = 64;

    /// <summary>Panels of a correlation.</summary>
    static readonly Steps Packed = new(1, Rows, Correlation.PanelWidth);

    /// <summary>How far numbers lie apart.</summary>
    /// <param name="Row">From one row of A to the next.</param>
    /// <param name="Term">From one term of a row of A to the next.</param>
    /// <param name="B">From one row of B, a term, to the next.</param>
    public readonly record struct Steps(nint Row, nint Term, nint B);

    /// <summary>
    /// C[r][l] += sum over k of A[k][r] * B[k][l] for 8 rows and 16, 32 or 48 columns l; with a bias the sum begins
    /// there and not at C. The rows of A follow each other, those of B are 48 floats apart, those of C a pitch.
    /// </summary>
    public static void Run(float* a, float* b, int depth, float* bias, float* c, nint pitch, int vectors) =>
        Run(a, b, depth, bias, c, pitch, vectors, Terms);

    /// <summary>The same with so many terms of a running sum.</summary>
    public static void Run(float* a, float* b, int depth, float* bias, float* c, nint pitch, int vectors,
        int terms)
    {
        Begin(bias, c, pitch, vectors);
        var parts = (depth + terms - 1) / terms;
        for (var part = 0; part < parts; part++)
        {
            var (k, end) = (depth * part / parts, depth * (part + 1) / parts);
            Add(a + k * Rows, b + k * Correlation.PanelWidth, Packed, end - k, c, pitch, vectors);
        }
    }

    /// <summary>The same in one running sum, of numbers that lie apart as the steps say.</summary>
    public static void Add(float* a, float* b, Steps steps, int depth, float* c, nint pitch, int vectors)
    {
        if (Vector512.IsHardwareAccelerated)
            OuterTiles512.Run(a, b, steps, depth, c, pitch, vectors);
        else
            OuterTiles256.Run(a, b, steps, depth, c, pitch, vectors);
    }

    /// <summary>Where there is a bias, sums begin there.</summary>
    public static void Begin(float* bias, float* c, nint pitch, int vectors)
    {
        for (var r = 0; bias != null && r < Rows; r++, c += pitch)
            for (var v = 0; v < vectors; v++)
                Vector512.Create(bias[r]).Store(c + v * Lanes.Count);
    }
}
