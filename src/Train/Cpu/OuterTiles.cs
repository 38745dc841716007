using System.Runtime.Intrinsics;

namespace OnnxTimm.Train.Cpu;

/// <summary>
/// The inner loop of a <see cref="Correlation"/>: outer products of 8 weights and up to 48 pixels are added up. Tiles
/// keep their sums in registers, so that the multiply-add units are the bound and not the loads. Each sum is made of
/// the same terms in the same order whatever the width of a register.
/// </summary>
static unsafe class OuterTiles
{
    /// <summary>Rows of a tile.</summary>
    public const int Rows = 8;

    /// <summary>
    /// Terms of one running sum. The sum of such sums rounds less than one long sum: for 2048 terms a quarter as
    /// much, at about the same speed.
    /// </summary>
    const int Terms = 32;

    /// <summary>
    /// C[r][l] += sum over k of A[k][r] * B[k][l] for 8 rows and 16, 32 or 48 columns l; with a bias the sum begins
    /// there and not at C. The rows of B are 48 floats apart, those of C a pitch.
    /// </summary>
    public static void Run(float* a, float* b, int depth, float* bias, float* c, nint pitch, int vectors)
    {
        Begin(bias, c, pitch, vectors);
        var parts = (depth + Terms - 1) / Terms;
        for (var part = 0; part < parts; part++)
        {
            var (k, end) = (depth * part / parts, depth * (part + 1) / parts);
            if (Vector512.IsHardwareAccelerated)
                OuterTiles512.Run(a + k * Rows, b + k * Correlation.PanelWidth, end - k, c, pitch, vectors);
            else
                OuterTiles256.Run(a + k * Rows, b + k * Correlation.PanelWidth, end - k, c, pitch, vectors);
        }
    }

    /// <summary>Where there is a bias, sums begin there.</summary>
    public static void Begin(float* bias, float* c, nint pitch, int vectors)
    {
        for (var r = 0; bias != null && r < Rows; r++, c += pitch)
            for (var v = 0; v < vectors; v++)
                Vector512.Create(bias[r]).Store(c + v * Lanes.Count);
    }
}
